"""What SageMaker's lists show: filters, orders, pages; on the smallest table that has all columns."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.resources.rows import exists
from sagehen.store.database import Database

HERE, ELSEWHERE = Scope("1", "us-east-1"), Scope("1", "eu-west-1")
# name, created, modified, status
ROWS = [
    ("Birds", 10.0, 40.0, "Completed"),
    ("ants", 20.0, 30.0, "Failed"),
    ("bees_100%", 30.0, 35.0, "Completed"),
    ("Cats", 30.0, 30.0, "InProgress"),
]


@pytest.fixture
async def table(database: Database) -> Database:
    await database.execute(
        "CREATE TABLE things (account_id TEXT, region TEXT, name TEXT, created_at REAL, modified_at REAL,"
        " status TEXT)"
    )
    for scope in (HERE, ELSEWHERE):
        for row in ROWS if scope == HERE else [("Foreign", 5.0, 5.0, "Completed")]:
            await database.execute(
                "INSERT INTO things VALUES (?, ?, ?, ?, ?, ?)", (scope.account_id, scope.region, *row)
            )
    return database


def at(second: float) -> datetime:
    return datetime.fromtimestamp(second, UTC)


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        ({}, ["bees_100%", "Cats", "ants", "Birds"]),
        ({"SortOrder": "Ascending"}, ["Birds", "ants", "Cats", "bees_100%"]),
        ({"SortBy": "Name", "SortOrder": "Ascending"}, ["Birds", "Cats", "ants", "bees_100%"]),
        ({"SortBy": "Status", "SortOrder": "Ascending"}, ["Birds", "bees_100%", "ants", "Cats"]),
        ({"StatusEquals": "Completed"}, ["bees_100%", "Birds"]),
        ({"NameContains": "B"}, ["bees_100%", "Birds"]),
        ({"NameContains": "s_1"}, ["bees_100%"]),
        ({"NameContains": "_"}, ["bees_100%"]),
        ({"NameContains": "%"}, ["bees_100%"]),
        ({"NameContains": "\\"}, []),
        ({"CreationTimeAfter": at(20)}, ["bees_100%", "Cats", "ants"]),
        ({"CreationTimeBefore": at(20)}, ["ants", "Birds"]),
        ({"LastModifiedTimeAfter": at(35)}, ["bees_100%", "Birds"]),
        ({"LastModifiedTimeBefore": at(30)}, ["Cats", "ants"]),
        ({"CreationTimeAfter": at(20), "StatusEquals": "Completed"}, ["bees_100%"]),
    ],
)
async def test_filters_and_orders(table: Database, request_: Any, names: list[str]) -> None:
    rows, token = page(table, "things", HERE, request_, "Descending")
    assert ([row["name"] for row in rows], token) == (names, None)


@pytest.mark.parametrize("order", ["Ascending", "Descending"])
@pytest.mark.parametrize("by", ["Name", "CreationTime", "Status"])
@pytest.mark.parametrize("size", [1, 2, 3])
async def test_pages_join_to_the_whole_whatever_comes_between(
    table: Database, order: str, by: str, size: int
) -> None:
    asked = {"SortBy": by, "SortOrder": order}
    whole = [row["name"] for row in page(table, "things", HERE, asked, order)[0]]
    found: list[str] = []
    token: str | None = None
    while True:
        request = {**asked, "MaxResults": size, **({"NextToken": token} if token else {})}
        rows, token = page(table, "things", HERE, request, order)
        found += [row["name"] for row in rows]
        if token is None:
            break
        await table.execute("DELETE FROM things WHERE name = ?", (found[-1],))  # behind the reader
    assert found == whole


async def test_a_token_of_another_list_is_none(table: Database) -> None:
    _, token = page(table, "things", HERE, {"MaxResults": 1}, "Descending")
    with pytest.raises(ValidationException):
        page(table, "things", HERE, {"NextToken": token, "SortBy": "Name"}, "Descending")


@pytest.mark.parametrize(
    ("scope", "lowered", "there"),
    [(HERE, "birds", True), (HERE, "Birds", False), (HERE, "foreign", False), (ELSEWHERE, "foreign", True)],
)
async def test_names_as_arns_carry_them(table: Database, scope: Scope, lowered: str, there: bool) -> None:
    assert exists(table, "things", scope, lowered) == there
