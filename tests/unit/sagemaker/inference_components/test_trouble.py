"""Alarms, deaths, quotas, and what is measured of copies."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from sagehen.api.errors import ValidationException
from sagehen.executors.base import ExitStatus, Usage
from sagehen.services.sagemaker.endpoints.endpoint import Endpoint
from sagehen.services.sagemaker.inference_components import loop, records
from sagehen.services.sagemaker.inference_components.changes import MOST_COPIES
from sagehen.services.sagemaker.inference_components.needs import Needs
from sagehen.services.sagemaker.inference_components.scalable import COPIES
from sagehen.services.sagemaker.inference_components.usage import normalized
from sagehen.services.sagemaker.instances import limits
from sagehen.services.sagemaker.instances.utilization import Sample
from sagehen.services.sagemaker.resources.errors import ResourceLimitExceeded
from sagehen.services.sagemaker_runtime.invocation_metrics import InvocationMetrics, OfComponent, OfVariant

from ..endpoints.conftest import ROLE, SCOPE, Recorder
from ..endpoints.deployments.test_alarms import FakeAlarms
from .conftest import Hosts

BAKED = {
    "RollingUpdatePolicy": {
        "MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1},
        "WaitIntervalInSeconds": 3600,
    },
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}]},
}


async def test_an_alarm_takes_an_update_back_and_its_old_copies_serve(hosts: Hosts) -> None:
    alarms = FakeAlarms()
    await hosts.stop()
    hosts.begin(alarms)
    await hosts.start()
    await hosts.hosting()
    await hosts.add("a", 2)
    await hosts.reaches("a", "InService", 2)
    await hosts.add_model("next")
    update = {"Specification": {"ModelName": "next"}, "DeploymentConfig": BAKED}
    lacking = {**BAKED, "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "none"}]}}
    with pytest.raises(ValidationException, match="Could not find the CloudWatch alarms"):
        await hosts.ask("Update", **{**update, "DeploymentConfig": lacking})
    await hosts.ask("Update", **update)
    before = {one.name for one in hosts.executor.started}
    await hosts.until(lambda: len(hosts.executor.started) == 3)
    asking = [asyncio.create_task(hosts.asked("a", b"slow")) for _ in range(6)]
    hosts.parts.loops.alarm_went_off(SCOPE, "b")  # not theirs
    hosts.parts.loops.alarm_went_off(replace(SCOPE, region="eu-west-1"), "a")
    await asyncio.gather(*asking)
    assert (await hosts.ask("Describe"))["InferenceComponentStatus"] == "Updating"
    alarms.now["a"] = "ALARM"
    hosts.parts.loops.alarm_went_off(SCOPE, "a")
    told = await hosts.reaches("a", "InService", 2)
    assert told["FailureReason"].endswith("were in ALARM state: a.")
    assert told["Specification"]["ModelName"] == "model-a" and told["LastDeploymentConfig"] == BAKED
    assert len(before) == 2 and before & {one.name for one in hosts.executor.running}
    assert set(alarms.asked) == {ROLE}


async def test_a_copy_that_dies_is_replaced_and_its_request_answered_by_another(hosts: Hosts) -> None:
    await hosts.hosting()
    await hosts.add("a", 2)
    await hosts.reaches("a", "InService", 2)
    asking = [asyncio.create_task(hosts.asked("a", b"slow")) for _ in range(8)]
    await hosts.until(lambda: any(one.answering for one in hosts.executor.running))
    dead = next(one for one in hosts.executor.running if one.answering)
    dead.end(ExitStatus(1))
    assert dead.name not in set(await asyncio.gather(*asking))
    await hosts.reaches("a", "InService", 2)
    assert dead.name not in {sandbox.name for sandbox in hosts.executor.running}


async def test_what_autoscaling_sees_and_what_a_component_may_have(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hosts.hosting()
    await hosts.add("a")
    await hosts.reaches("a", "InService", 1)
    scalable, resource = hosts.parts.scalable, "inference-component/a"
    found = scalable.find(SCOPE, resource, COPIES)
    assert found is not None and (found.desired, found.scalable, found.least) == (1, True, 0)
    await scalable.set_desired(SCOPE, resource, COPIES, 2)
    await scalable.set_desired(SCOPE, resource, COPIES, 2)  # told twice, after a restart
    assert (await hosts.reaches("a", "InService", 2))["RuntimeConfig"]["DesiredCopyCount"] == 2
    assert scalable.find(SCOPE, "inference-component/none", COPIES) is None
    with pytest.raises(ValidationException, match="Could not find inference component"):
        await scalable.set_desired(SCOPE, "inference-component/none", COPIES, 1)
    with pytest.raises(ResourceLimitExceeded, match="CopyCount"):
        await hosts.ask("Recount", DesiredRuntimeConfig={"CopyCount": MOST_COPIES + 1})
    with pytest.raises(ValidationException, match="copy count must be an integer larger than 0"):
        await hosts.add("b", 0)
    monkeypatch.setattr(records, "MOST_OF_ENDPOINT", 1)
    with pytest.raises(ResourceLimitExceeded, match="per endpoint"):
        await hosts.add("c")


async def test_instances_that_cannot_be_had_leave_components_without_room(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator's quota: it is asked for once, and not again and again."""
    asked: list[int] = []

    def refused(endpoint: Endpoint, variant: str, count: int) -> Endpoint:
        asked.append(count)
        raise ResourceLimitExceeded("no more of them")

    monkeypatch.setattr(loop, "housed", refused)
    scaled = {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": 9}
    await hosts.hosting(ManagedInstanceScaling=scaled)
    await hosts.add("a", 2, NumberOfCpuCoresRequired=2)
    assert "hardware" in (await hosts.reaches("a", "Failed", 0))["FailureReason"]
    assert asked == [2]


def test_the_size_of_a_copy() -> None:
    _, whole = limits.on_this_host("ml.m5.large")
    kind, half = limits.on_this_host(limits.of_copy("ml.g4dn.xlarge", 0.5, 512, 0))
    assert (kind.name, kind.gpus, half.cpus, half.memory_mib) == ("ml.g4dn.xlarge", 0, 0.5, 512)
    _, all_of_it = limits.on_this_host(limits.of_copy("ml.m5.large", None, None, 0))
    assert all_of_it == whole
    size = limits.of_copy("ml.m5.large", 0.5, None, 0)
    before, after = Sample(0.0, Usage(1.0, 0, 0)), Sample(10.0, Usage(2.0, 256 * 2**20, 0))
    assert normalized(after, before, Needs(0.5, 512), size) == {
        "MemoryUtilizationNormalized": 50.0, "CPUUtilizationNormalized": 20.0,
    }  # fmt: skip
    assert normalized(after, None, Needs(0.5, 128), size) == {"MemoryUtilizationNormalized": 100.0}


def test_idle_components_emit_zeros_of_their_own() -> None:
    recorder = Recorder()
    metrics = InvocationMetrics(recorder)
    metrics.record(SCOPE, OfComponent("busy"), status=200, model_us=1.0, total_us=2.0, instances=4)
    metrics.concurrent(SCOPE, "busy", 6, 4)
    metrics.concurrent(SCOPE, "none", 6, 0)
    assert {name: value for _, name, value, _ in recorder.metrics} == {
        "Invocations": 1, "Invocation4XXErrors": 0, "Invocation5XXErrors": 0, "InvocationModelErrors": 0,
        "InvocationsPerCopy": 0.25, "ModelLatency": 1, "OverheadLatency": 1, "ConcurrentRequestsPerCopy": 1.5,
    }  # fmt: skip
    recorder.metrics.clear()
    metrics.idle([(SCOPE, OfComponent("busy")), (SCOPE, OfComponent("idle")), (SCOPE, OfVariant("e", "v"))])
    assert [(name, dimensions) for _, name, _, dimensions in recorder.metrics] == [
        ("Invocations", {"InferenceComponentName": "idle"}),
        ("InvocationsPerCopy", {"InferenceComponentName": "idle"}),
        ("Invocations", {"EndpointName": "e", "VariantName": "v"}),
        ("InvocationsPerInstance", {"EndpointName": "e", "VariantName": "v"}),
    ]
