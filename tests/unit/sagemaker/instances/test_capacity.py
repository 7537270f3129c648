"""Capacity: jobs wait in line, nothing is started into swap, and what breaks has an end."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from sagehen.executors.base import Limits
from sagehen.services.sagemaker.instances.capacity import (
    Capacity,
    InsufficientCapacity,
    Memory,
    memory_of_host,
    need_mib,
)


async def forever(_: Any) -> int:
    await asyncio.Event().wait()
    return 0


@pytest.mark.parametrize(
    ("limit_mib", "model_mib", "mib"),
    [(8192, 0, 384), (8192, 100, 384), (8192, 192, 384), (8192, 193, 386), (8192, 2048, 4096),
     (8192, 5000, 8192), (256, 0, 256), (256, 1000, 256)],
)  # fmt: skip
def test_small_models_need_little_and_large_ones_what_they_weigh(
    limit_mib: int, model_mib: int, mib: int
) -> None:
    assert need_mib(Limits(2, limit_mib), model_mib * 2**20) == mib


@pytest.mark.parametrize(
    ("cpus", "running", "asked", "starts"),
    [
        # four at once, or twice the processors
        (1, 3, 1, True), (1, 4, 1, False), (2, 4, 1, False), (4, 7, 1, True), (4, 8, 1, False),
        (4, 4, 4, True), (4, 5, 4, False),
        # a job of more instances than that runs, but alone
        (1, 0, 20, True), (1, 1, 20, False),
    ],
)  # fmt: skip
async def test_training_instances_wait_for_processors(
    clock: Any, cpus: int, running: int, asked: int, starts: bool
) -> None:
    capacity = Capacity(clock, lambda: Memory(100_000, 100_000), cpus=cpus)
    leases = [await capacity.wait_for(1, 1, lambda: None) for _ in range(running)]
    waited = asyncio.Event()
    begun = asyncio.create_task(capacity.wait_for(asked, 1, waited.set))
    if starts:
        await begun
    else:
        await waited.wait()
    assert waited.is_set() != starts
    for lease in leases:
        capacity.give_back(lease)
    await begun


@pytest.mark.parametrize(
    ("total", "free", "promised", "asked", "fits"),
    [
        (10_000, 10_000, 0, 9_500, True), (10_000, 10_000, 0, 9_501, False),  # 5 % are kept
        (10_000, 2_000, 0, 1_500, True), (10_000, 2_000, 0, 1_501, False),
        (10_000, 2_000, 1_000, 500, True), (10_000, 2_000, 1_000, 501, False),
        (10_000, 400, 0, 1, False),
    ],
)  # fmt: skip
async def test_what_fits_into_free_memory(
    clock: Any, total: int, free: int, promised: int, asked: int, fits: bool
) -> None:
    capacity = Capacity(clock, lambda: Memory(total, free), cpus=2)
    if promised:
        capacity.take(promised)
    if fits:
        capacity.take(asked)
    else:
        with pytest.raises(InsufficientCapacity):
            capacity.take(asked)


def test_a_container_s_limit_is_the_machine(tmp_path: Path) -> None:
    whole = memory_of_host(tmp_path)
    assert whole.total >= whole.available > 0
    for name, value in (("max", 1000 * 2**20), ("current", 900 * 2**20)):
        (tmp_path / f"memory.{name}").write_text(f"{value}\n")
    (tmp_path / "memory.stat").write_text(f"anon 5\ninactive_file {100 * 2**20}\n")
    assert memory_of_host(tmp_path) == Memory(1000, 200)
    (tmp_path / "memory.max").write_text("max\n")
    assert memory_of_host(tmp_path).total == whole.total


async def test_promises_count_until_they_show_in_the_free_memory(clock: Any) -> None:
    memory = Memory(4000, 1200)
    capacity = Capacity(clock, lambda: memory, cpus=2)
    capacity.take(500)
    capacity.take(500)
    with pytest.raises(InsufficientCapacity):
        capacity.take(1)  # 200 of 4000 are kept free
    await clock.advance(61)
    capacity.take(500)  # by now the first two use what they use


async def test_jobs_beyond_the_processors_are_pending_and_start_in_order(platform: Any) -> None:
    release = asyncio.Event()

    async def until_released(_: Any) -> int:
        await release.wait()
        return 0

    platform.executor.program = until_released
    names = [f"job-{number}" for number in range(6)]
    for name in names:
        await platform.create(name)
    for name in names[:4]:
        await platform.until("Training", name=name)
    for name in names[4:]:
        assert (await platform.until("Pending", name=name))["TrainingJobStatus"] == "InProgress"
    await platform.call(platform.jobs, "StopTrainingJob", TrainingJobName="job-4")
    assert (await platform.ended("job-4"))["TrainingJobStatus"] == "Stopped"
    release.set()
    last = await platform.ended("job-5")
    statuses = [transition["Status"] for transition in last["SecondaryStatusTransitions"]]
    assert statuses == ["Starting", "Pending", "Downloading", "Training", "Uploading", "Completed"]


async def test_a_spot_job_waits_no_longer_than_its_maximum(platform: Any) -> None:
    platform.executor.program = forever
    for number in range(4):
        await platform.create(f"job-{number}")
        await platform.until("Training", name=f"job-{number}")
    spot = {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 90}
    await platform.create("spot", EnableManagedSpotTraining=True, StoppingCondition=spot)
    await platform.until("Pending", name="spot")
    await platform.clock.advance(89)
    assert (await platform.describe("spot"))["TrainingJobStatus"] == "InProgress"
    await platform.clock.advance(2)
    described = await platform.ended("spot")
    assert (described["TrainingJobStatus"], described["SecondaryStatus"]) == (
        "Stopped",
        "MaxWaitTimeExceeded",
    )
    assert "TrainingStartTime" not in described


async def test_a_job_of_many_instances_runs_alone(platform: Any) -> None:
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 6, "VolumeSizeInGB": 5}
    await platform.create("wide", ResourceConfig=resources)
    assert (await platform.ended("wide"))["TrainingJobStatus"] == "Completed"


async def test_a_job_that_never_fits_fails_in_awss_words(platform: Any) -> None:
    platform.memory = Memory(700, 600)
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}
    await platform.create("big", ResourceConfig=resources)
    assert (await platform.ended("big"))["FailureReason"] == (
        "CapacityError: Unable to provision requested ML compute capacity. "
        "Please retry using a different ML instance type."
    )


async def test_an_unforeseen_error_in_the_loop_fails_the_job_and_ends_its_containers(
    platform: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    platform.executor.program = forever
    await platform.create("broken")
    await platform.until("Training", name="broken")

    def break_down(*_: Any) -> Any:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr("sagehen.services.sagemaker.training.attempts.run.decide", break_down)
    platform.runs.poke(next(iter(platform.job_records.unfinished())))
    described = await platform.ended("broken")
    assert (described["TrainingJobStatus"], described["FailureReason"]) == (
        "Failed",
        "InternalServerError: We encountered an internal error. Please try again.",
    )
    assert platform.executor.started[0].signals == ["KILL"]
    assert "nobody foresaw this" in caplog.text


async def test_requests_that_lead_to_a_start_prewarm(platform: Any) -> None:
    await platform.create()
    await platform.ended()
    assert platform.executor.prewarmed == ["torch"]


async def test_long_jobs_keep_their_rights(platform: Any) -> None:
    platform.executor.program = forever
    await platform.create()
    await platform.until("Training")
    async with asyncio.timeout(60):
        while not platform.executor.started:
            await asyncio.sleep(0.002)
    (role,) = [m.source for m in platform.executor.started[0].spec.mounts if m.target.endswith("/role")]
    (role / "credentials.json").unlink()
    for _ in range(3):
        await asyncio.sleep(0.01)
        await platform.clock.advance(601)
    async with asyncio.timeout(60):
        while not (role / "credentials.json").exists():
            await asyncio.sleep(0.002)
    renewed = json.loads((role / "credentials.json").read_text())
    assert (renewed["AccessKeyId"], renewed["SessionToken"]) == ("ASIAX", "token")


async def test_a_slow_metric_pattern_is_disabled_and_the_others_go_on(platform: Any) -> None:
    async def print_lines(container: Any) -> int:
        container.say("a" * 4000)
        container.say("loss=3 " + "a" * 2000)
        return 0

    platform.executor.program = print_lines
    definitions = [
        {"Name": "slow", "Regex": r"^(([a-z])+.)+[A-Z]([a-z])+$"},
        {"Name": "loss", "Regex": "loss=([0-9]+)"},
    ]
    await platform.create(
        AlgorithmSpecification={
            "TrainingImage": "pytorch-training:2.1",
            "TrainingInputMode": "File",
            "MetricDefinitions": definitions,
        }
    )
    described = await platform.ended()
    assert [metric["MetricName"] for metric in described["FinalMetricDataList"]] == ["loss"]
    (lines,) = platform.logs.lines.values()
    assert len([line for line in lines if "slow is disabled" in line]) == 1
