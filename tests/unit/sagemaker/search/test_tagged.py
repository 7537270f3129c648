"""What has a tag is found by the table of tags, whatever the case of its name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.endpoint import Endpoint
from sagehen.services.sagemaker.endpoints.records import MIGRATIONS as ENDPOINTS
from sagehen.services.sagemaker.endpoints.records import EndpointRecords
from sagehen.services.sagemaker.schema import MIGRATIONS
from sagehen.services.sagemaker.search.document import Document
from sagehen.services.sagemaker.search.narrowing import narrowed
from sagehen.services.sagemaker.searchable.found import Found
from sagehen.services.sagemaker.tags.records import TagRecords
from sagehen.store.database import Database

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
HERE, ELSEWHERE = Scope("123456789012", "us-east-1"), Scope("123456789012", "eu-west-1")


def by_tag(name: str, operator: str = "Equals", value: str | None = "owls") -> dict[str, Any]:
    return {"Filters": [{"Name": name, "Operator": operator, "Value": value}]}


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        (by_tag("Tags.team"), ["Tagged"]),
        (by_tag("tags.team"), ["Tagged"]),
        (by_tag("Tags.a.b", value="x"), ["Tagged"]),
        (by_tag("Tags.team", value="'; DROP TABLE sagemaker_tags --"), []),
        # What no table answers is left to who looks at each.
        (by_tag("Tags.team", "NotEquals"), ["Other", "Plain", "Tagged"]),
        (by_tag("Tags"), ["Other", "Plain", "Tagged"]),
        ({"Filters": by_tag("Tags.team")["Filters"] * 2, "Operator": "Or"}, ["Other", "Plain", "Tagged"]),
    ],
)
async def test_what_has_a_tag(database: Database, expression: dict[str, Any], found: list[str]) -> None:
    database.migrate("sagemaker", MIGRATIONS)
    database.migrate("endpoints", ENDPOINTS)
    records, tags = EndpointRecords(database), TagRecords(database)
    team = {"Key": "team", "Value": "owls"}
    for scope, name, tagged in (
        (HERE, "Tagged", [team, {"Key": "a.b", "Value": "x"}]),
        (HERE, "Other", [{**team, "Value": "cats"}]),
        (HERE, "Plain", []),
        (ELSEWHERE, "Plain", [team]),
    ):
        await records.add(Endpoint(scope, name, "InService", NOON, NOON), tagged)
    source = Found(records.page, lambda one: Document({"Name": one.name}), {}, kind="endpoint").source(
        tags.of
    )
    things = [thing for _, thing in source.look(HERE, narrowed(expression, source.columns))]
    assert sorted(thing["Name"] for thing in things) == found
