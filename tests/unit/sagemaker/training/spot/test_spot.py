"""Spot jobs: interrupted by the operator, begun again with their checkpoints, billed as AWS bills."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.instances.supply.offer import Offer
from sagehen.services.sagemaker.jobs.actions import Prepare, Step, Wait
from sagehen.services.sagemaker.training.attempts import ending
from sagehen.services.sagemaker.training.decisions import INTERRUPTED, End, Ending, Observed, Upload, decide
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.spot.acts import SpotActs
from sagehen.services.sagemaker.training.spot.billing import billable_s
from sagehen.services.sagemaker.transfers.checkpoints import Checkpoints

from ...conftest import SCOPE, job_request
from ..job_parts import forever

_SPOT = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 3600},
    "CheckpointConfig": {"S3Uri": "s3://out/ckpt"},
}
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_RUNNING = Observed(preparation=Step.DONE, containers=Step.RUNNING)


async def interrupt(platform: Any, name: str = "Job-1") -> Any:
    acts = SpotActs(platform.job_records, platform.runs.poke, platform.clock)
    return await acts.interrupt(SCOPE, {"TrainingJobName": name})


async def epochs(container: Any) -> int:
    """Train from the last checkpoint until told to end; the second attempt comes to its end by itself."""
    file = container.opt_ml / "checkpoints" / "epoch"
    begin = int(file.read_text()) if file.exists() else 0
    container.say(f"from epoch {begin}")
    if begin == 0:
        await container.sandbox.terminated.wait()
        file.write_text("7")
        return 143
    return 0


def steps(described: Any) -> list[str]:
    return [step["Status"] for step in described["SecondaryStatusTransitions"]]


async def test_an_interrupted_job_goes_on_from_its_checkpoint(platform: Any) -> None:
    platform.executor.program = epochs
    await platform.create(**_SPOT)
    await platform.until("Training")
    await asyncio.sleep(0.02)
    await platform.clock.advance(100)
    assert (await interrupt(platform))["Checkpoints"] is True
    described = await platform.ended()
    assert platform.executor.started[0].signals[0] == "TERM 120"
    assert steps(described) == [
        "Starting", "Downloading", "Training", "Interrupted", "Starting", "Downloading", "Training",
        "Uploading", "Completed",
    ]  # fmt: skip
    assert (described["TrainingJobStatus"], described.get("FailureReason")) == ("Completed", None)
    # Of 100 seconds and a moment; the formula of DescribeTrainingJob says 70 % saved.
    assert (described["TrainingTimeInSeconds"], described["BillableTimeInSeconds"]) == (100, 30)
    log = "\n".join(line for lines in platform.logs.lines.values() for line in lines)
    assert "from epoch 7" in log and "attempt 2: the spot instances of the one before were taken away" in log


@pytest.mark.parametrize(
    ("changes", "at", "message"),
    [
        ({}, "Training", "has no spot instances"),
        (_SPOT, "Completed", "is in status Completed: it has no instances"),
    ],
)
async def test_what_cannot_be_interrupted(platform: Any, changes: Any, at: str, message: str) -> None:
    if at == "Training":
        platform.executor.program = forever
    await platform.create(**changes)
    await platform.until(at)
    with pytest.raises(ValidationException, match=message):
        await interrupt(platform)


@pytest.mark.parametrize("name", ["none", "", 7, None, "x" * 64, "a\0"])
async def test_names_of_nothing(platform: Any, name: Any) -> None:
    with pytest.raises(ValidationException):
        await interrupt(platform, name)


async def test_checkpoints_that_cannot_be_stored_do_not_hold_an_interruption_up(
    platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores: list[Any] = []

    async def store(self: Any, settled_only: bool = False) -> None:
        stores.append(self)
        if len(stores) == 1:
            await asyncio.Event().wait()

    async def train(container: Any) -> int:
        if len(platform.executor.started) == 1:
            await container.sandbox.terminated.wait()
        return 0

    monkeypatch.setattr(ending, "UPLOAD_LIMIT_S", 0.01)
    monkeypatch.setattr(Checkpoints, "store", store)
    platform.executor.program = train
    await platform.create(**_SPOT)
    await platform.until("Training")
    await asyncio.sleep(0.02)
    await interrupt(platform)
    assert (await platform.ended())["TrainingJobStatus"] == "Completed"
    log = "\n".join(line for lines in platform.logs.lines.values() for line in lines)
    assert "checkpoints could not all be stored in 0.01 seconds" in log and len(stores) == 2


async def test_a_stop_during_an_interruption_stops_the_job(platform: Any) -> None:
    ready = asyncio.Event()

    async def train(container: Any) -> int:
        await container.sandbox.terminated.wait()
        await ready.wait()
        return 0

    platform.executor.program = train
    await platform.create(**_SPOT)
    await platform.until("Training")
    await asyncio.sleep(0.02)
    await interrupt(platform)
    await interrupt(platform)  # asked twice it is one
    await platform.call(platform.jobs, "StopTrainingJob", TrainingJobName="Job-1")
    ready.set()
    described = await platform.ended()
    assert steps(described)[-2:] == ["Stopping", "Stopped"] and "Interrupted" not in steps(described)


async def test_without_instances_it_waits_until_its_time_is_over(platform: Any) -> None:
    platform.executor.program = epochs
    await platform.create(**_SPOT)
    await platform.until("Training")
    await asyncio.sleep(0.02)
    await platform.supply.change("ml.m5.large", lambda _: Offer("ml.m5.large", available=False))
    await interrupt(platform)
    async with asyncio.timeout(60):
        while steps(await platform.describe())[-2:] != ["Starting", "Starting"]:
            await asyncio.sleep(0.002)
    await platform.clock.advance(3601)
    described = await platform.ended()
    assert (described["TrainingJobStatus"], described["SecondaryStatus"]) == (
        "Stopped",
        "MaxWaitTimeExceeded",
    )


async def test_a_platform_that_is_killed_meanwhile_takes_it_up(platform: Any) -> None:
    platform.executor.program = forever  # hears no SIGTERM
    await platform.create(**_SPOT)
    await platform.until("Training")
    await asyncio.sleep(0.02)
    await interrupt(platform)
    platform.objects.put("s3://out/ckpt/epoch", b"3")
    platform.executor.program = epochs
    await platform.restart()
    described = await platform.ended()
    assert described["TrainingJobStatus"] == "Completed"
    assert steps(described)[2:5] == ["Training", "Interrupted", "Starting"]


def spot_job() -> TrainingJob:
    return TrainingJob.new(SCOPE, job_request(**_SPOT), _NOW).begun(_NOW)


def test_time_that_the_platform_was_down_is_none_of_the_job_s() -> None:
    asked_at = _NOW + timedelta(seconds=100)
    job = spot_job().asked_to_yield(asked_at)
    assert job.interrupted(_NOW + timedelta(seconds=5000), asked_at).spent_s == 100


def test_what_is_decided() -> None:
    job = spot_job().asked_to_yield(_NOW)
    assert decide(job, Observed(preparation=Step.RUNNING), _NOW) is INTERRUPTED
    assert decide(job, _RUNNING, _NOW) == End(Ending.INTERRUPTION, 120)
    ending = Observed(Step.DONE, Step.RUNNING, ending=Ending.INTERRUPTION)
    assert decide(job, ending, _NOW) == Wait()
    gone = Observed(Step.DONE, Step.DONE, ending=Ending.INTERRUPTION)
    assert decide(job, gone, _NOW) is INTERRUPTED
    # The script came to its end before anybody told it to.
    assert decide(job, Observed(Step.DONE, Step.DONE), _NOW) == Upload()
    assert decide(job.interrupted(_NOW), Observed(), _NOW) == Prepare()


@pytest.mark.parametrize(
    ("spans", "spot", "training", "billable"),
    [
        ([500], True, 500, 150), ([874], True, 874, 262), ([1], True, 1, 1), ([250, 250], True, 500, 150),
        ([500], False, 500, 500),
    ],
)  # fmt: skip
def test_billable_time(spans: list[int], spot: bool, training: int, billable: int) -> None:
    job, now = (
        TrainingJob.new(SCOPE, job_request(**({**_SPOT, "EnableManagedSpotTraining": spot})), _NOW),
        _NOW,
    )
    for number, seconds in enumerate(spans):
        job = job.begun(now + timedelta(seconds=50))  # it waited so long
        now += timedelta(seconds=50 + seconds)
        if number < len(spans) - 1:
            job = job.asked_to_yield(now).interrupted(now)
    job = job.finished("Completed", "Completed", now)
    assert (job.training_time_s, billable_s(job)) == (training, billable)


def test_attempts_after_our_own_faults_pause() -> None:
    job = TrainingJob.new(SCOPE, job_request(RetryStrategy={"MaximumRetryAttempts": 9}), _NOW)
    waits = []
    for _ in range(8):
        job = job.begun(_NOW).failed(_NOW, "InternalServerError: x")
        action = decide(job, Observed(), _NOW)
        assert isinstance(action, Wait) and action.until is not None
        waits.append((action.until - _NOW).total_seconds())
        assert decide(job, Observed(), action.until) == Prepare()
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]
