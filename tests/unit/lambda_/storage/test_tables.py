"""What is remembered of reads, and until when; what an account's packages may take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.errors import CodeStorageExceededException
from sagehen.services.lambda_.storage import tables as tables_module
from sagehen.services.lambda_.storage.quota import CodeQuota
from sagehen.services.lambda_.storage.schema import MIGRATIONS
from sagehen.services.lambda_.storage.tables import Tables
from sagehen.store.database import Database

SCOPE = Scope("123456789012", "us-east-1")


@pytest.fixture
def tables(database: Database) -> Tables:
    database.migrate("lambda", MIGRATIONS)
    return Tables(database)


def counted() -> tuple[list[int], Callable[[], int]]:
    reads: list[int] = []

    def read() -> int:
        reads.append(1)
        return len(reads)

    return reads, read


async def test_a_read_is_remembered_until_the_next_write(tables: Tables) -> None:
    _, read = counted()
    assert [tables.remember("a", read), tables.remember("a", read), tables.remember("b", read)] == [1, 1, 2]
    await tables.change(lambda tx: None)
    assert tables.remember("a", read) == 3


async def test_a_write_that_fails_forgets_too(tables: Tables) -> None:
    _, read = counted()

    def fails(tx: Any) -> None:
        raise ValueError

    assert tables.remember("a", read) == 1
    with pytest.raises(ValueError):
        await tables.change(fails)
    assert tables.remember("a", read) == 2


def test_nothing_and_none_are_remembered_but_no_error(tables: Tables) -> None:
    reads: list[int] = []

    def none() -> None:
        reads.append(1)

    tables.remember("a", none)
    tables.remember("a", none)
    assert len(reads) == 1

    def fails() -> None:
        reads.append(1)
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            tables.remember("b", fails)
    assert len(reads) == 3


def test_names_that_nobody_has_do_not_pile_up(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables_module, "_MOST_REMEMBERED", 10)
    reads, read = counted()
    for number in range(35):
        tables.remember(("policy", number), read)
        assert len(tables._remembered) <= 10
    assert len(reads) == 35


@pytest.mark.parametrize(
    ("functions", "layers", "elsewhere", "fits"),
    [
        ([100], [], [], True),
        ([101], [], [], False),
        ([50, 50], [], [], True),  # each version counts, also of one package
        ([50, 51], [], [], False),
        ([60], [40], [], True),
        ([60], [41], [], False),
        ([100], [], [100], True),  # each region has its own
    ],
)
async def test_quota(
    tables: Tables, functions: list[int], layers: list[int], elsewhere: list[int], fits: bool
) -> None:
    quota = CodeQuota(tables, most_bytes=100)

    def add(tx: Any) -> None:
        rows = [("us-east-1", size) for size in functions] + [("eu-west-1", size) for size in elsewhere]
        for number, (region, size) in enumerate(rows):
            tx.execute(
                "INSERT INTO lambda_versions VALUES (?, ?, 'f', ?, '', '', 0, 'sha', ?, 0, '', '', '', '{}')",
                (SCOPE.account_id, region, str(number), size),
            )
        for number, size in enumerate(layers):
            tx.execute(
                "INSERT INTO lambda_layer_versions VALUES (?, ?, 'l', ?, 0, ?, ?, 0, '{}', '', '[]', 0)",
                (SCOPE.account_id, SCOPE.region, number, "other", size),
            )

    if fits:
        await quota.change(SCOPE, add)
        assert quota.usage(SCOPE) == (sum(functions) + sum(layers), 0)
        assert quota.needed() == {"sha"} | ({"other"} if layers else set())
    else:
        with pytest.raises(CodeStorageExceededException):
            await quota.change(SCOPE, add)
        assert (quota.usage(SCOPE), quota.needed()) == ((0, 0), set()), "nothing was written"
