"""What the API would not tell is said; what is not there is nothing; all else is an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagehen.export.graph.values import Key
from sagehen.export.reading.asking import MOST, Asked


class Client:
    """Answers listings of so many pages, or fails."""

    def __init__(self, failure: tuple[str, int] | None = None, pages: int = 1) -> None:
        self._failure, self._pages = failure, pages

    def can_paginate(self, operation: str) -> bool:
        return True

    def get_paginator(self, operation: str) -> Client:
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        for _ in range(self._pages):
            yield self.list_things()

    def list_things(self, **request: Any) -> dict[str, Any]:
        if self._failure:
            code, status = self._failure
            answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
            raise ClientError(answer, "ListThings")  # type: ignore[arg-type]
        return {"Things": [1] * 100}


def asked(client: Client) -> Asked:
    return Asked(lambda service: client, "us-east-1", "123456789012")


@pytest.mark.parametrize(
    ("code", "status", "remarks"),
    [
        ("AccessDenied", 403, ["s3:ListThings was refused to these keys"]),
        ("AccessDeniedException", 400, ["s3:ListThings was refused to these keys"]),
        ("NoSuchTagSet", 404, []),
        ("NoSuchEntity", 400, []),
        ("NotImplemented", 501, []),
    ],
)
def test_what_is_refused_or_not_there(code: str, status: int, remarks: list[str]) -> None:
    asking = asked(Client((code, status)))
    assert asking.one("s3", "list_things") == {} and asking.all("s3", "list_things", "Things") == []
    assert asking.remarks(()) == remarks


def test_an_operation_may_say_in_its_own_way_that_there_is_none() -> None:
    asking = asked(Client(("NoSettingsException", 400)))
    assert asking.one("s3", "list_things", absent="NoSettings") == {} and asking.remarks(()) == []
    with pytest.raises(ClientError):
        asking.one("s3", "list_things", absent="NoOthers")


def test_another_failure_ends_it() -> None:
    with pytest.raises(ClientError):
        asked(Client(("InternalError", 500))).one("s3", "list_things")


def test_listings_are_bounded_and_say_so() -> None:
    asking = asked(Client(pages=100))
    assert len(asking.all("s3", "list_things", "Things")) == MOST
    assert asking.remarks(()) == [f"s3:list_things: only the first {MOST}"]


def test_a_chain_says_only_what_it_lacks_itself() -> None:
    asking, mine, another = asked(Client()), Key("t", "mine"), Key("t", "another")
    asking.leave_out("of the account")
    asking.leave_out("of mine", mine)
    asking.leave_out("of another", another)
    assert asking.remarks({mine}) == ["of the account", "of mine"]
