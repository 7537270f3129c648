"""What pipelines ask of callers and of definitions before they take one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import ManualClock
from sagehen.domain.ports.storage.objects import ObjectSummary
from sagehen.services.sagemaker.pipelines.definitions import Definitions
from sagehen.services.sagemaker.pipelines.executions.records import ExecutionRecords
from sagehen.services.sagemaker.pipelines.operations import Pipelines
from sagehen.services.sagemaker.pipelines.records import PipelineRecords
from sagehen.services.sagemaker.pipelines.schema import MIGRATIONS
from sagehen.store.database import Database

from ..conftest import ROLE, Platform

TEXT = json.dumps({"Version": "2020-12-01", "Steps": [{"Name": "A", "Type": "Fail", "Arguments": {}}]})
PLACE = {"Bucket": "b", "ObjectKey": "definition.json", "VersionId": "v1"}


class Stored:
    """One object, of which it is told whether a byte was read."""

    def __init__(self, content: bytes, size: int | None = None) -> None:
        self.content = content
        self.size = len(content) if size is None else size
        self.asked: list[Any] = []
        self.was_read = False

    async def read(self, *asked: Any) -> tuple[ObjectSummary, AsyncIterator[bytes]]:
        self.asked += asked

        async def pieces() -> AsyncIterator[bytes]:
            self.was_read = True
            yield self.content

        return ObjectSummary("definition.json", self.size, '""', datetime(2026, 1, 1, tzinfo=UTC)), pieces()


@pytest.fixture
def pipelines(platform: Platform, database: Database, clock: ManualClock) -> Pipelines:
    database.migrate("sagemaker_pipelines", MIGRATIONS)
    objects: Any = Stored(TEXT.encode())
    return Pipelines(
        PipelineRecords(database), ExecutionRecords(database), Definitions(objects), platform.roles, clock
    )


async def test_who_may_not_pass_a_pipeline_s_role_gives_it_no_definition(
    platform: Platform, pipelines: Pipelines
) -> None:
    await platform.call(
        *(pipelines, "CreatePipeline"),
        PipelineName="p", PipelineDefinition=TEXT, RoleArn=ROLE, ClientRequestToken="t",
    )  # fmt: skip
    platform.roles.passable = False
    for definition in ({"PipelineDefinition": TEXT}, {"PipelineDefinitionS3Location": PLACE}):
        with pytest.raises(AccessDenied):
            await platform.call(pipelines, "UpdatePipeline", PipelineName="p", **definition)
    told = await platform.call(pipelines, "UpdatePipeline", PipelineName="p", PipelineDescription="birds")
    assert told["PipelineVersionId"] == 1
    platform.roles.passable = True
    told = await platform.call(pipelines, "UpdatePipeline", PipelineName="p", PipelineDefinition=TEXT)
    assert told["PipelineVersionId"] == 2


async def test_a_definition_of_s3_is_measured_before_it_is_read() -> None:
    small: Any = Stored(TEXT.encode())
    request = {"PipelineDefinitionS3Location": PLACE}
    context: Any = SimpleNamespace(principal="ann")
    assert await Definitions(small).text(context, request) == TEXT
    assert small.asked == ["ann", "b", "definition.json", "v1"]
    for large in (Stored(b"x", (1 << 20) + 1), Stored(b"\xff")):
        objects: Any = large
        with pytest.raises(ValidationException, match=r"s3://b/definition\.json"):
            await Definitions(objects).text(context, request)
        assert large.was_read == (large.size == 1)
