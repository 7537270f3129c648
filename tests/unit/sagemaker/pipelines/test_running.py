"""Executions that are carried out, over operations of the test: what is made, and how often."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from sagehen.domain.clock import SystemClock
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.domain.timeouts import timeout
from sagehen.services.sagemaker.pipelines.definition.document import Definition, parse
from sagehen.services.sagemaker.pipelines.executions import room
from sagehen.services.sagemaker.pipelines.executions.checks import Check
from sagehen.services.sagemaker.pipelines.executions.execution import Execution
from sagehen.services.sagemaker.pipelines.executions.records import ExecutionRecords
from sagehen.services.sagemaker.pipelines.executions.step_record import StepRecord
from sagehen.services.sagemaker.pipelines.running.calls import CallFailed
from sagehen.services.sagemaker.pipelines.running.parts import Parts
from sagehen.services.sagemaker.pipelines.running.run import ExecutionRun
from sagehen.services.sagemaker.pipelines.schema import MIGRATIONS
from sagehen.services.sagemaker.resources.errors import ResourceLimitExceeded
from sagehen.services.sagemaker.schema import MIGRATIONS as FIRST
from sagehen.services.sagemaker.tags.records import TagRecords
from sagehen.store.database import Database

SCOPE = Scope("123456789012", "us-east-1")
CHECKED = {
    "ExitMessage": "CompletedWithViolations: 1",
    "ProcessingOutputConfig": {"Outputs": [{"S3Output": {"S3Uri": "s3://b/o", "LocalPath": "/o"}}]},
}
POLICY = {"ExceptionType": ["SageMaker.CAPACITY_ERROR"], "IntervalSeconds": 0, "MaxAttempts": 2}


class Jobs:
    """SageMaker: jobs by name. Each ends as `ends` says in turn, as Completed where that says nothing."""

    def __init__(self) -> None:
        self.made: dict[str, dict[str, Any]] = {}
        self.created: list[str] = []
        self.requests: list[Mapping[str, Any]] = []
        self.ends: list[str | CallFailed] = []

    async def call(
        self, role: str, region: str, operation: str, request: Mapping[str, Any]
    ) -> dict[str, Any]:
        name = request.get("TrainingJobName") or request["ProcessingJobName"]
        if operation.startswith("Create"):
            self.created.append(name)
            self.requests.append(request)
            end = self.ends.pop(0) if self.ends else "Completed"
            if isinstance(end, CallFailed):
                raise end
            self.make(name, end)
        elif operation == "StopTrainingJob":
            self.made[name]["TrainingJobStatus"] = "Stopped"
        if name not in self.made:
            raise CallFailed(
                f"sagemaker:{operation}", "ValidationException", "Requested resource not found.", 400
            )
        return self.made[name]

    def make(self, name: str, end: str = "Completed") -> None:
        status, _, reason = end.partition(": ")
        job = {"TrainingJobArn": f"arn:{name}", "TrainingJobStatus": status, "FailureReason": reason}
        self.made[name] = job | {"ProcessingJobArn": f"arn:{name}", "ProcessingJobStatus": status, **CHECKED}

    def status(self, scope: Scope, name: str) -> str | None:
        return self.made[name]["TrainingJobStatus"] if name in self.made else None


class Stage:
    def __init__(self, folder: Path) -> None:
        self.database = Database(folder / "db.sqlite")
        self.database.migrate("sagemaker", FIRST)
        self.database.migrate("sagemaker_pipelines", MIGRATIONS)
        self.records, self.jobs = ExecutionRecords(self.database), Jobs()
        self.steps: list[dict[str, Any]] = []
        clock: Any = SystemClock()
        self.parts = Parts(
            clock=clock,
            machine=clock,
            ids=Ids(),
            records=self.records,
            definition=self.definition,
            calls=self.jobs,  # type: ignore[arg-type]
            objects=None,  # type: ignore[arg-type]
            tags=TagRecords(self.database),
            statuses={"Training": self.jobs.status, "QualityCheck": self.jobs.status},
            functions=None,
        )

    def definition(self, scope: Scope, name: str, version: int) -> Definition:
        return parse(json.dumps({"Steps": self.steps}))

    async def begin(
        self, *steps: dict[str, Any], records: tuple[StepRecord, ...] = (), token: str = ""
    ) -> Execution:
        self.steps = list(steps)
        made = Execution(SCOPE, f"e{token or 1}", "p", 1, 1.0, 1.0, "Executing", "role")
        await self.records.add(made, token, [(one, "{}") for one in records], {})
        return made

    async def run(self, made: Execution) -> tuple[str, dict[str, StepRecord]]:
        async with timeout(60):
            await ExecutionRun(self.parts, made).run()
        ended = self.records.get(SCOPE, made.id)
        assert ended is not None
        return ended.status, self.records.steps(made)


@pytest.fixture
def stage(tmp_path: Path) -> Any:
    stage = Stage(tmp_path)
    yield stage
    stage.database.close()


def training(name: str = "Train", **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "Training", "Arguments": {"Environment": {"A": "1"}}, **more}


def record(status: str, **more: Any) -> StepRecord:
    return replace(StepRecord("Train", "Training", 0, status, 1.0, 1.0), **more)


@pytest.mark.parametrize("status", ["Starting", "Executing"])
async def test_what_an_earlier_life_made_is_not_made_again(stage: Stage, status: str) -> None:
    stage.jobs.make("mine")
    made = await stage.begin(training(), records=(record(status, job_name="mine"),))
    ended, steps = await stage.run(made)
    assert (ended, steps["Train"].arn, stage.jobs.created) == ("Succeeded", "arn:mine", [])


async def test_what_an_earlier_life_only_wrote_down_is_made_under_that_name(stage: Stage) -> None:
    made = await stage.begin(training(), records=(record("Starting", job_name="mine"),))
    assert (await stage.run(made))[0] == "Succeeded"
    assert stage.jobs.created == ["mine"]


async def test_a_check_that_an_earlier_life_wrote_down_keeps_its_baseline(stage: Stage) -> None:
    """Meanwhile another one may be the latest that is approved: nobody is asked again."""
    step = {
        "Name": "Check", "Type": "QualityCheck", "CheckType": "DATA_QUALITY", "ModelPackageGroupName": "g",
        "Arguments": {"ProcessingOutputConfig": CHECKED["ProcessingOutputConfig"]},
    }  # fmt: skip
    before = asdict(Check("DATA_QUALITY", False, True, False, "g", baseline=("s3://m/s", "s3://m/c")))
    written = StepRecord("Check", "QualityCheck", 0, "Starting", 1.0, 1.0, job_name="mine", check=before)
    status, steps = await stage.run(await stage.begin(step, records=(written,)))
    [request] = stage.jobs.requests
    assert [one["S3Input"]["S3Uri"] for one in request["ProcessingInputs"]] == ["s3://m/s", "s3://m/c"]
    assert (status, steps["Check"].check["report"]) == ("Failed", "s3://b/o/constraint_violations.json")
    assert "found violations" in steps["Check"].failure_reason


async def test_a_definition_that_is_not_taken_any_more_fails_its_execution(stage: Stage) -> None:
    made = await stage.begin(training(Type="Dreaming"))
    assert await stage.run(made) == ("Failed", {})
    ended = stage.records.get(SCOPE, made.id)
    assert ended is not None and "cannot be read any more" in ended.failure_reason


async def test_a_policy_is_for_its_failures_alone(stage: Stage) -> None:
    stage.jobs.ends = ["Failed: CapacityError: none left"]
    ended, steps = await stage.run(await stage.begin(training(RetryPolicies=[POLICY])))
    assert (ended, steps["Train"].retries, len(set(stage.jobs.created))) == ("Succeeded", 1, 2)
    stage.jobs.ends = ["Failed: AlgorithmError: exit code 1"]
    ended, steps = await stage.run(await stage.begin(training(RetryPolicies=[POLICY]), token="2"))
    assert (ended, steps["Train"].failure_reason) == ("Failed", "ClientError: AlgorithmError: exit code 1")


async def test_what_cannot_be_made_is_tried_again_as_often_as_the_policy_says(stage: Stage) -> None:
    limit = CallFailed("sagemaker:CreateTrainingJob", "ResourceLimitExceeded", "no room", 400)
    fault = CallFailed("sagemaker:CreateTrainingJob", "InternalFailure", "oops", 500)
    policy = {**POLICY, "ExceptionType": ["SageMaker.RESOURCE_LIMIT", "Step.SERVICE_FAULT"]}
    stage.jobs.ends = [limit, fault]
    ended, steps = await stage.run(await stage.begin(training(RetryPolicies=[policy])))
    assert (ended, steps["Train"].retries, len(set(stage.jobs.created))) == ("Succeeded", 2, 3)
    stage.jobs.ends = [limit]
    ended, steps = await stage.run(await stage.begin(training(), token="2"))
    assert ended == "Failed"
    assert steps["Train"].failure_reason.endswith(
        "No retry policy configured for the exception type SAGEMAKER_RESOURCE_LIMIT."
    )


async def test_the_result_of_a_step_with_the_same_arguments_is_used_again(stage: Stage) -> None:
    cached = training(CacheConfig={"Enabled": True, "ExpireAfter": "PT1H"})
    first = await stage.begin(cached)
    await stage.run(first)
    ended, steps = await stage.run(await stage.begin(cached, token="2"))
    assert (ended, steps["Train"].cached_from, len(stage.jobs.created)) == ("Succeeded", first.arn, 1)
    other = {**cached, "Arguments": {"Environment": {"A": "2"}}}
    _, steps = await stage.run(await stage.begin(other, token="3"))
    assert (steps["Train"].cached_from, len(stage.jobs.created)) == ("", 2)


async def test_an_execution_that_is_stopped_stops_its_jobs(stage: Stage) -> None:
    stage.jobs.ends = ["InProgress"]
    made = await stage.begin(training(), training("Next", DependsOn=["Train"]))
    run = ExecutionRun(stage.parts, made)
    task = asyncio.create_task(run.run())
    async with timeout(60):
        while not stage.jobs.made:
            await asyncio.sleep(0.01)
        await stage.records.change(SCOPE, made.id, lambda one: one.becomes("Stopping", 2.0))
        run.poke()
        await task
    steps = stage.records.steps(made)
    assert {name: one.status for name, one in steps.items()} == {"Train": "Stopped"}
    assert stage.records.get(SCOPE, made.id).status == "Stopped"  # type: ignore[union-attr]


async def test_executions_of_an_account_find_room_beside_each_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_AT_ONCE", 2)
    first, _ = await stage.begin(token="1"), await stage.begin(token="2")
    with pytest.raises(ResourceLimitExceeded, match="current utilization of 2 Executions"):
        await stage.begin(token="3")

    def becomes(status: str) -> Any:
        return lambda one: replace(one, status=status)

    await stage.records.change(SCOPE, first.id, becomes("Failed"))
    await stage.begin(token="4")
    with pytest.raises(ResourceLimitExceeded):  # nor is one that has ended begun again
        await stage.records.begin_again(SCOPE, first.id, becomes("Executing"))
    await stage.records.change(SCOPE, "e2", becomes("Failed"))
    await stage.database.execute(
        "INSERT INTO sagemaker_pipeline_versions VALUES (?, ?, 'p', 1, 1.0, ?, '{}')",
        (SCOPE.account_id, SCOPE.region, "x" * 100),
    )
    monkeypatch.setattr(room, "MOST_DEFINITIONS", 199)
    with pytest.raises(ResourceLimitExceeded, match="100 Bytes and a request delta of 100 Bytes"):
        await stage.begin(token="5")
