"""Debugger beside a job: what is measured, what a hook leaves, what becomes of rules."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.training import debugger
from sagehen.services.sagemaker.training.rules.evaluate import evaluate
from sagehen.services.sagemaker.training.updates.debugger import debugger_updates
from sagehen.services.sagemaker.training.updates.operation import TrainingJobUpdates

_IMAGE = "503895931360.dkr.ecr.us-east-1.amazonaws.com/sagemaker-debugger-rules:latest"


def _rules(*names: str) -> list[dict[str, Any]]:
    return [
        {
            "RuleConfigurationName": name,
            "RuleEvaluatorImage": _IMAGE,
            "RuleParameters": {"rule_to_invoke": name},
        }
        for name in names
    ]


_DEBUGGER: dict[str, Any] = {
    "DebugHookConfig": {"S3OutputPath": "s3://out/dbg/", "CollectionConfigurations": []},
    "TensorBoardOutputConfig": {"S3OutputPath": "s3://out/tb"},
    "DebugRuleConfigurations": _rules("LossNotDecreasing", "VanishingGradient"),
    "ProfilerConfig": {
        "S3OutputPath": "s3://out/prof/",
        "ProfilingIntervalInMilliseconds": 100,
        # As the SDK sends it: JSON but for its last comma.
        "ProfilingParameters": {"DetailedProfilingConfig": '{"StartStep": 0, "NumSteps": 10, }'},
    },
    "ProfilerRuleConfigurations": _rules("ProfilerReport", "LowGPUUtilization"),
}


async def _train(container: Any) -> int:
    """Print losses, save a tensor, and wait until something was measured."""
    for value in range(20):
        container.say(f"train loss: {1 / (1 + value)}")
    for folder in ("tensors/events", "tensorboard", "profiler/framework"):
        (container.opt_ml / "output" / folder).mkdir(parents=True)
    (container.opt_ml / "output/tensors/events/0.tfevents").write_bytes(b"t")
    (container.opt_ml / "output/tensors/events/1.tfevents.tmp").write_bytes(b"t")
    (container.opt_ml / "output/tensors/link").symlink_to("/etc/passwd")
    (container.opt_ml / "output/tensorboard/events").write_bytes(b"b")
    (container.opt_ml / "output/profiler/framework/x.json").write_bytes(b"p")
    measured = container.opt_ml.parents[2] / "profiler"
    while not [file for file in measured.glob("*.algo-1.json") if file.stat().st_size]:
        await asyncio.sleep(0.005)
    return 0


def _statuses(described: Any) -> dict[str, str]:
    return {
        entry["RuleConfigurationName"]: entry["RuleEvaluationStatus"]
        for kind in ("Debug", "Profiler")
        for entry in described.get(f"{kind}RuleEvaluationStatuses", ())
    }


async def test_what_a_job_with_debugger_leaves(platform: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    on_the_loop: dict[str, bool] = {}

    def evaluated(rule: Any, facts: Any) -> Any:
        on_the_loop[rule.name] = threading.current_thread() is threading.main_thread()
        return evaluate(rule, facts)

    monkeypatch.setattr(debugger, "evaluate", evaluated)

    async def look(container: Any) -> int:
        for name in ("debughookconfig", "profilerconfig", "tensorboardoutputconfig"):
            seen[name] = container.config(name)
        seen["described"] = await platform.describe()
        return await _train(container)

    platform.executor.program = look
    await platform.create(**_DEBUGGER)
    described = await platform.ended()
    assert described["TrainingJobStatus"] == "Completed"
    assert set(_statuses(seen["described"]).values()) == {"InProgress"}
    assert _statuses(described) == {
        "LossNotDecreasing": "NoIssuesFound",
        "VanishingGradient": "Error",  # the file that the hook left is none of tensors
        "ProfilerReport": "NoIssuesFound",
        "LowGPUUtilization": "NoIssuesFound",
    }
    # Those of many values are evaluated in a thread.
    assert [name for name, is_there in on_the_loop.items() if is_there] == [
        "ProfilerReport", "LowGPUUtilization",
    ]  # fmt: skip
    assert described["ProfilingStatus"] == "Enabled"
    assert seen["debughookconfig"]["LocalPath"] == "/opt/ml/output/tensors"
    assert seen["profilerconfig"]["ProfilingParameters"] == _DEBUGGER["ProfilerConfig"]["ProfilingParameters"]
    keys = {key for bucket, key in platform.objects.content if bucket == "out"}
    assert {
        "dbg/Job-1/debug-output/events/0.tfevents",
        "dbg/Job-1/debug-output/training_job_end.ts",
        "tb/Job-1/tensorboard-output/events",
        "prof/Job-1/profiler-output/framework/x.json",
        "prof/Job-1/profiler-output/system/training_job_end.ts",
        "prof/Job-1/rule-output/ProfilerReport/profiler-output/profiler-report.html",
        "prof/Job-1/rule-output/ProfilerReport/profiler-output/profiler-reports/OverallSystemUsage.json",
    } <= keys
    assert not [key for key in keys if key.endswith((".tmp", "link"))]
    minutes = [key for key in keys if "/system/incremental/" in key]
    lines = [line for key in minutes for line in platform.objects.content["out", key].decode().splitlines()]
    assert {json.loads(line)["Type"] for line in lines} >= {"cpu", "memory", "i/o"}


async def test_what_cannot_be_stored_is_said_and_the_job_goes_on(platform: Any) -> None:
    platform.executor.program = _train
    platform.objects.unreadable = {
        "dbg/Job-1/debug-output/events/0.tfevents",
        "prof/Job-1/profiler-output/system/training_job_end.ts",
        "prof/Job-1/rule-output/ProfilerReport/profiler-output/profiler-report.html",
    }
    await platform.create(**_DEBUGGER)
    described = await platform.ended()
    assert described["TrainingJobStatus"] == "Completed"
    assert _statuses(described)["ProfilerReport"] == "Error"
    (lines,) = platform.logs.lines.values()
    assert any("tensors cannot be stored" in line for line in lines)
    assert any("the profiler's metrics cannot be stored" in line for line in lines)


async def test_whatever_goes_wrong_at_the_end_is_not_the_job_s(
    platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise RuntimeError("a bug")

    platform.executor.program = _train
    monkeypatch.setattr(debugger, "read_tensors", fail)
    await platform.create(**_DEBUGGER)
    described = await platform.ended()
    assert described["TrainingJobStatus"] == "Completed"
    assert set(_statuses(described).values()) == {"Error"}
    assert "a bug" in described["DebugRuleEvaluationStatuses"][0]["StatusDetails"]


async def test_a_job_that_never_began_judges_nothing(platform: Any) -> None:
    platform.objects.unreadable = {"train/a.jpg"}
    await platform.create(**_DEBUGGER)
    described = await platform.ended()
    assert described["TrainingJobStatus"] == "Failed"
    assert set(_statuses(described).values()) == {"Error"}


async def test_update_training_job(platform: Any, updates: Any) -> None:
    go_on = asyncio.Event()

    async def train(container: Any) -> int:
        await go_on.wait()
        return 0

    platform.executor.program = train
    await platform.create(**_DEBUGGER)
    await platform.until("Training")
    await updates(ProfilerRuleConfigurations=_rules("CPUBottleneck"))
    await updates(ProfilerConfig={"DisableProfiler": True})
    await platform.restart()
    described = await platform.describe()
    assert described["ProfilingStatus"] == "Disabled"
    assert described["ProfilerConfig"]["S3OutputPath"] == "s3://out/prof/"
    statuses = _statuses(described)
    assert (statuses["CPUBottleneck"], statuses["ProfilerReport"]) == ("Stopped", "Stopped")
    assert statuses["VanishingGradient"] == "InProgress"
    for wrong, error in (
        ({}, ValidationException),
        # Of two members the first could be taken.
        ({"ProfilerConfig": {}, "ProfilerRuleConfigurations": _rules("CPUBottleneck")}, ValidationException),
        ({"ProfilerConfig": {"ProfilingIntervalInMilliseconds": 7}}, ValidationException),
        ({"RemoteDebugConfig": {"EnableRemoteDebug": True}}, NotImplementedOperation),
        ({"ProfilerConfig": {"DisableProfiler": True}, "TrainingJobName": "other"}, ValidationException),
    ):
        with pytest.raises(error):
            await updates(**wrong)
    assert (await platform.describe())["ProfilingStatus"] == "Disabled"
    go_on.set()
    assert _statuses(await platform.ended())["CPUBottleneck"] == "Stopped"
    with pytest.raises(ValidationException, match="status Completed"):
        await updates(ProfilerConfig={"DisableProfiler": True})


@pytest.fixture
def updates(platform: Any) -> Any:
    """Calls UpdateTrainingJob for `Job-1`."""

    async def update(**request: Any) -> Any:
        members = debugger_updates(platform.job_records, platform.runs, platform.clock)
        operations = TrainingJobUpdates(platform.job_records, members)
        request = {"TrainingJobName": "Job-1", **request}
        return await platform.call(operations, "UpdateTrainingJob", **request)

    return update
