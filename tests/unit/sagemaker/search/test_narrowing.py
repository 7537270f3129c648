"""What tables answer of a search: it never leaves out what is searched for, and pages are the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.search import asked
from sagehen.services.sagemaker.search.document import Document
from sagehen.services.sagemaker.search.narrowing import in_order, narrowed
from sagehen.services.sagemaker.search.operations import Search
from sagehen.services.sagemaker.search.source import NAME, TIMES, Source

COLUMNS = {**TIMES, "TrialName": NAME, "ExperimentName": "ExperimentName"}
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
SLACK = timedelta(milliseconds=1)


def one(name: str, operator: str, value: str | None) -> dict[str, Any]:
    return {"Filters": [{"Name": name, "Operator": operator, "Value": value}]}


@pytest.mark.parametrize(
    ("expression", "members"),
    [
        (None, {}),
        (one("TrialName", "Contains", "a"), {"NameContains": "a"}),
        (one("TrialName", "Equals", "a"), {"NameContains": "a"}),
        (one("TrialName", "NotEquals", "a"), {}),
        (one("TrialName", "In", "a,b"), {}),
        (one("TrialName", "Exists", None), {}),
        (one("ExperimentName", "Equals", "e"), {"ExperimentName": "e"}),
        (one("ExperimentName", "Contains", "e"), {}),
        (one("DisplayName", "Equals", "e"), {}),
        (one("CreationTime", "GreaterThan", "2026-11-29T12:00:00"), {"CreationTimeAfter": NOON - SLACK}),
        (one("LastModifiedTime", "LessThan", "2026-11-29T12:00"), {"LastModifiedTimeBefore": NOON + SLACK}),
        (one("CreationTime", "LessThan", "yesterday"), {}),
        (one("CreationTime", "GreaterThan", "0001-01-01T00:00:00"), {}),
        (one("CreationTime", "Equals", "2026-11-29T12:00:00"), {}),
        ({**one("TrialName", "Equals", "a"), "Operator": "Or"}, {"NameContains": "a"}),
        ({"Filters": one("TrialName", "Equals", "a")["Filters"] * 2, "Operator": "Or"}, {}),
        ({"SubExpressions": [one("TrialName", "Equals", "a")]}, {"NameContains": "a"}),
        (
            {"SubExpressions": [one("TrialName", "Equals", "a"), one("TrialName", "Equals", "b")],
             "Operator": "Or"},
            {},
        ),
    ],
)  # fmt: skip
def test_what_a_table_is_asked(expression: dict[str, Any] | None, members: dict[str, Any]) -> None:
    assert narrowed(expression, COLUMNS) == members


@pytest.mark.parametrize(
    ("sort_by", "after", "members"),
    [
        ("DisplayName", None, None),
        ("CreationTime", None, {"SortBy": "CreationTime", "SortOrder": "Descending"}),
        ("CreationTime", (2, 0.0, "x", "arn"), None),
        ("CreationTime", (1, 1e300, "", "arn"), None),
        ("CreationTime", (1, float("nan"), "", "arn"), None),
        (
            "LastModifiedTime",
            (1, NOON.timestamp(), "", "arn"),
            {
                "SortBy": "LastModifiedTime",
                "SortOrder": "Descending",
                "LastModifiedTimeBefore": NOON + SLACK,
            },
        ),
    ],
)
def test_the_order_that_a_table_has(sort_by: str, after: Any, members: dict[str, Any] | None) -> None:
    assert in_order(sort_by, False, after, COLUMNS) == members


class Table:
    """Two hundred trials, many made in the same second, as a List operation shows them."""

    def __init__(self) -> None:
        self.things = [
            {"TrialName": f"t-{n * 37 % 200:03}", "CreationTime": NOON + timedelta(seconds=n // 5)}
            for n in range(200)
        ]
        self.looked_at = 0

    def look(self, _: Scope, members: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        least = members.get("CreationTimeAfter", NOON)
        most = members.get("CreationTimeBefore", NOON + timedelta(days=1))
        for thing in sorted(
            self.things,
            key=lambda each: each["CreationTime"],
            reverse=members.get("SortOrder") != "Ascending",
        ):
            if (
                least <= thing["CreationTime"] <= most
                and members.get("NameContains", "") in thing["TrialName"]
            ):
                self.looked_at += 1
                yield f"arn:{thing['TrialName']}", thing


async def _pages(source: Source, **request: Any) -> tuple[list[str], list[dict[str, Any]]]:
    principal: Any = None
    context = RequestContext("r", "sagemaker", "Search", Scope("a", "r"), principal, NOON)
    search, seen, hits = Search({"ExperimentTrial": source}), [], []
    token = None
    while True:
        answer = await search.search(
            context, {"Resource": "ExperimentTrial", "SortBy": "CreationTime", "NextToken": token, **request}
        )
        seen += [each["Trial"]["TrialName"] for each in answer["Results"]]
        hits.append(answer["TotalHits"])
        if (token := answer["NextToken"]) is None:
            return seen, hits


@pytest.mark.parametrize("order", ["Ascending", "Descending"])
@pytest.mark.parametrize("expression", [None, one("TrialName", "Contains", "7")])
async def test_pages_of_a_table_in_order_are_those_of_one_without(
    order: str, expression: dict[str, Any] | None
) -> None:
    table = Table()
    request = {"MaxResults": 7, "SortOrder": order, "SearchExpression": expression}
    whole, hits = await _pages(Source(table.look), **request)
    assert set(map(str, hits)) == {str({"Value": len(whole), "Relation": "EqualTo"})}
    for columns in (COLUMNS, dict(TIMES)):
        seen, hits = await _pages(Source(table.look, columns), **request)
        assert seen == whole
        assert hits[-1] == {"Value": len(whole), "Relation": "EqualTo"}
        # Those of the second in which the page ends are all looked at.
        assert hits[0]["Relation"] == "GreaterThanOrEqualTo" and 8 <= hits[0]["Value"] <= 12


async def test_a_page_reads_no_more_than_it_shows() -> None:
    table = Table()
    await Search({"ExperimentTrial": Source(table.look, COLUMNS)}).search(
        RequestContext("r", "sagemaker", "Search", Scope("a", "r"), None, NOON),  # type: ignore[arg-type]
        {"Resource": "ExperimentTrial", "SortBy": "CreationTime", "MaxResults": 10},
    )
    assert table.looked_at < 20


async def test_what_one_search_may_not_go_through_the_next_page_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "MOST_LOOKED_AT", 30)
    seen, hits = await _pages(
        Source(Table().look, dict(TIMES)), SearchExpression=one("TrialName", "In", "t-000")
    )
    assert seen == ["t-000"] and len(hits) > 3


def test_a_document_tells_what_is_looked_at_and_no_more() -> None:
    asked_for: list[str] = []

    def part(name: str) -> Any:
        return lambda: asked_for.append(name) or name

    document = Document(
        {"Name": "n"}, lambda: {"Rest": part("rest")(), "Name": "other"}, {"Tags": part("tags")}
    )
    assert document["Name"] == "n" and asked_for == []
    assert "Tags" in document and asked_for == ["tags"]
    assert "Absent" not in document and asked_for == ["tags", "rest"]
    assert dict(document) == {"Name": "n", "Tags": "tags", "Rest": "rest"} and len(document) == 3
    assert asked_for == ["tags", "rest"]


@pytest.mark.parametrize("resource", ["FeatureGroup", "ModelCard", "Project", "Image", "ImageVersion"])
async def test_of_what_nothing_makes_there_is_none(resource: str) -> None:
    search, principal = Search({}), None
    context = RequestContext("r", "sagemaker", "Search", Scope("a", "r"), principal, NOON)  # type: ignore[arg-type]
    answer = await search.search(context, {"Resource": resource})
    assert answer == {"Results": [], "TotalHits": {"Value": 0, "Relation": "EqualTo"}}
    if resource == "Project":
        with pytest.raises(ValidationException, match="Unknown property name: Nest"):
            expression = one("Nest", "Exists", None)
            await search.search(context, {"Resource": resource, "SearchExpression": expression})
