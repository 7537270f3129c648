from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import ServiceError, ValidationException
from sagehen.api.pagination import decode_token, encode_token, paginate, sought


class InvalidNextToken(ServiceError):
    pass


def test_pages_cover_everything_once_even_when_the_last_shown_item_is_deleted() -> None:
    items = [f"job-{i:02d}" for i in range(7)]
    first = paginate(items, key=str, token=None, limit=3)
    assert first.items == items[:3]
    items.remove("job-02")
    second = paginate(items, key=str, token=first.next_token, limit=3)
    third = paginate(items, key=str, token=second.next_token, limit=3)
    assert second.items + third.items == ["job-03", "job-04", "job-05", "job-06"]
    assert third.next_token is None


def test_descending_tuple_keys() -> None:
    items = sorted([(2, "a"), (2, "b"), (1, "c")], reverse=True)
    first = paginate(items, key=lambda item: item, token="", limit=2, descending=True)
    assert first.items == [(2, "b"), (2, "a")]
    rest = paginate(items, key=lambda item: item, token=first.next_token, limit=2, descending=True)
    assert rest.items == [(1, "c")] and rest.next_token is None


def test_an_exactly_full_last_page_has_no_token() -> None:
    assert paginate([1, 2], key=int, token=None, limit=2).next_token is None


@pytest.mark.parametrize("token", ["!", "e30", "é", "W10", "WyIiLDFd" + "A" * 5])
def test_foreign_tokens_raise_the_chosen_error(token: str) -> None:
    with pytest.raises(InvalidNextToken):
        paginate([1], key=int, token=token, limit=1, error=InvalidNextToken)


def test_a_token_of_another_listing_or_key_type_is_refused() -> None:
    with pytest.raises(ValidationException):
        decode_token(encode_token("a", listing="jobs"), listing="models")
    with pytest.raises(ValidationException):
        paginate([1, 2], key=int, token=encode_token("x"), limit=1)


@pytest.mark.parametrize(
    "key",
    [["a", 2**63], ["a", -(2**63) - 1], ["a", 1.0], ["a", True], ["\ud800", 1], ["a"], "a", [1, "a"], {}],
)
def test_keys_that_sql_does_not_take_are_refused(key: Any) -> None:
    kinds = (str, int)
    assert sought(encode_token(["é", -1]), kinds, listing="", error=InvalidNextToken) == ("é", -1)
    with pytest.raises(InvalidNextToken):
        sought(encode_token(key), kinds, listing="", error=InvalidNextToken)
