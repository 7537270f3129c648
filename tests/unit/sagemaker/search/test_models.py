"""A model, as Search tells it: what hosts it, and what asked it last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint, EndpointVariant
from sagehen.services.sagemaker.endpoints.records import MIGRATIONS as ENDPOINTS
from sagehen.services.sagemaker.endpoints.records import EndpointRecords
from sagehen.services.sagemaker.models.records import ModelRecord, ModelRecords
from sagehen.services.sagemaker.schema import MIGRATIONS
from sagehen.services.sagemaker.search.properties import values_at
from sagehen.services.sagemaker.searchable import models
from sagehen.services.sagemaker.tags.records import TagRecords
from sagehen.services.sagemaker.transform.job import TransformJob
from sagehen.services.sagemaker.transform.job_records import TransformJobRecords
from sagehen.services.sagemaker.transform.schema import MIGRATIONS as JOBS
from sagehen.services.sagemaker.transform.schema import TABLE
from sagehen.store.database import Database

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
HERE = Scope("123456789012", "us-east-1")
TAG = {"Key": "team", "Value": "owls"}


def serving(name: str, *models: str) -> Endpoint:
    variants = [EndpointVariant(one, one, "ml.m5.large", 1, 1.0, "image", "role") for one in models]
    return Endpoint(HERE, name, "InService", NOON, NOON, live=Deployment(1, "c", 0.0, tuple(variants)))


def asking(name: str, model: str) -> dict[str, Any]:
    return {"TransformJobName": name, "ModelName": model, "TransformInput": {}, "TransformOutput": {}}


async def test_what_hosts_a_model_and_what_asked_it_last(database: Database) -> None:
    for room, steps in (("sagemaker", MIGRATIONS), ("endpoints", ENDPOINTS), ("jobs", JOBS)):
        database.migrate(room, steps)
    kept, jobs = ModelRecords(database), TransformJobRecords(database)
    for name, tags in (("owls", [TAG]), ("owl", [])):
        await kept.add(ModelRecord(HERE, name, NOON, {"ModelName": name}), tags)
    for endpoint in (serving("two", "cats", "owls"), serving("one", "owls"), serving("none", "cats")):
        await EndpointRecords(database).add(endpoint, ())
    for minutes, (name, model) in enumerate((("first", "owls"), ("last", "owls"), ("other", "cats"))):
        at = NOON + timedelta(minutes=minutes)
        await jobs.add(TransformJob.new(HERE, name, asking(name, model), at), [TAG] if name == "last" else [])
    tags = TagRecords(database)
    look = models.found(database, kept, tags.of)["Model"].source(tags.of).look
    owls, owl = sorted(
        (thing for _, thing in look(HERE, {})), key=lambda one: -len(one["Model"]["ModelName"])
    )
    assert [one["EndpointName"] for one in owls["Endpoints"]] == ["one", "two"]
    assert (owls["LastBatchTransformJob"]["TransformJobName"], owls["LastBatchTransformJob"]["Tags"]) == (
        *("last", [TAG]),
    )
    assert list(values_at(owls, "Model.Tags.team")) == ["owls"] and owls["Model"]["Tags"] == [TAG]
    assert owl["Endpoints"] is owl["LastBatchTransformJob"] is owl["Model"]["Tags"] is None


def test_the_last_job_is_found_by_an_index(database: Database) -> None:
    database.migrate("jobs", JOBS)
    asked: list[str] = []
    spied: Any = type("Spy", (), {"one": lambda _, sql, values: asked.append(sql)})()
    TransformJobRecords(spied).last_of_model(HERE, "owls")
    [plan] = database.all(f"EXPLAIN QUERY PLAN {asked[0]}", (HERE.account_id, HERE.region, "owls"))
    assert f"{TABLE}_of_model" in plan["detail"] and "<expr>=?" in plan["detail"]
