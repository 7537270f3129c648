"""Inference components from their creation to their end, with copies that live in this process."""

from __future__ import annotations

import asyncio

import pytest

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.endpoints.records import EndpointRecords
from sagehen.services.sagemaker.inference_components.planning import hosts as instance_scaling
from sagehen.services.sagemaker_runtime.errors import ModelError, ValidationError

from ..endpoints.conftest import SCOPE
from .conftest import Hosts

SCALED = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 3}


async def test_several_components_share_an_instance_and_are_asked_by_name(hosts: Hosts) -> None:
    await hosts.hosting()
    await hosts.add("a", 2, NumberOfCpuCoresRequired=0.5, MaxMemoryRequiredInMb=2048)
    await hosts.add("b")
    told = await hosts.reaches("a", "InService", 2)
    await hosts.reaches("b", "InService", 1)
    assert told["RuntimeConfig"] == {"DesiredCopyCount": 2, "CurrentCopyCount": 2}
    assert told["InferenceComponentArn"].endswith(":inference-component/a")
    assert {await hosts.asked("a") for _ in range(40)} != {await hosts.asked("b")}
    (limits,) = {s.spec.limits for s in hosts.executor.running if s.spec.limits.cpus == 0.5}
    assert limits.memory_mib == 2048
    groups = {group for group, _, message in hosts.recorder.lines if message.startswith("hello")}
    assert groups == {f"/aws/sagemaker/InferenceComponents/{name}" for name in "ab"}
    counted = {(n, d.get("InferenceComponentName")) for _, n, _, d in hosts.recorder.metrics}
    assert {("Invocations", "a"), ("InvocationsPerCopy", "b"), ("ConcurrentRequestsPerCopy", "a")} <= counted
    with pytest.raises(ModelError, match="group=/aws/sagemaker/InferenceComponents/a"):
        await hosts.asked("a", b"fail")


async def test_who_names_no_component_or_the_wrong_one_is_told(hosts: Hosts) -> None:
    await hosts.hosting()
    await hosts.add("a")
    await hosts.reaches("a", "InService")
    await hosts.add("late", behaviour="never-ready")
    await hosts.until(lambda: hosts.directory.component(SCOPE, "late"))
    for asked, words in (
        ({}, "Inference Component Name header is required"),
        ({"InferenceComponentName": "none"}, "Inference component none of account"),
        ({"InferenceComponentName": "late"}, "is not in service"),
        ({"InferenceComponentName": "a", "TargetModel": "m"}, "TargetModel is not supported"),
    ):
        with pytest.raises(ValidationError, match=words):
            await hosts.invoke("e", **asked)
    await hosts.ask("Recount", DesiredRuntimeConfig={"CopyCount": 0})
    await hosts.reaches("a", "InService", 0)
    with pytest.raises(ValidationError, match="Inference Component has no capacity"):
        await hosts.asked("a")
    assert "NoCapacityInvocationFailures" in {name for _, name, _, _ in hosts.recorder.metrics}


async def test_what_has_no_room_fails_and_what_cannot_start_does_too(hosts: Hosts) -> None:
    await hosts.hosting()
    await hosts.add("big", NumberOfCpuCoresRequired=3)
    assert "not enough hardware resources" in (await hosts.reaches("big", "Failed"))["FailureReason"]
    await hosts.add("dead", behaviour="exit")
    reason = (await hosts.reaches("dead", "Failed", 0))["FailureReason"]
    assert reason.startswith("The primary container for inference component dead did not pass the ping")
    with pytest.raises(ValidationException, match="in Failed status"):
        await hosts.ask("Recount", "dead", DesiredRuntimeConfig={"CopyCount": 2})
    await hosts.ask("Delete", "dead")
    await hosts.until(lambda: hosts.parts.loops is not None and not hosts.executor.running)
    # More than there is room for: it keeps what it has, and says why.
    await hosts.add("a", NumberOfCpuCoresRequired=1)
    await hosts.reaches("a", "InService", 1)
    await hosts.ask("Recount", DesiredRuntimeConfig={"CopyCount": 3})
    told = await hosts.reaches("a", "InService", 2)
    assert told["RuntimeConfig"]["DesiredCopyCount"] == 2 and "hardware" in told["FailureReason"]


async def test_an_update_moves_copy_by_copy_and_loses_nothing(hosts: Hosts) -> None:
    await hosts.hosting()
    await hosts.add("a", 2)
    await hosts.reaches("a", "InService", 2)
    before = {sandbox.name for sandbox in hosts.executor.running}
    answers: list[str] = []

    async def keep_asking() -> None:
        while True:
            answers.append(await hosts.asked("a", b"slow"))

    callers = [asyncio.create_task(keep_asking()) for _ in range(4)]
    await hosts.add_model("next")
    await hosts.ask("Update", Specification={"ModelName": "next"}, RuntimeConfig={"CopyCount": 3})
    with pytest.raises(ValidationException, match="in state UPDATE_IN_PROGRESS"):
        await hosts.ask("Recount", DesiredRuntimeConfig={"CopyCount": 1})
    told = await hosts.reaches("a", "InService", 3)
    after = {sandbox.name for sandbox in hosts.executor.running}
    await hosts.until(lambda: set(answers) & after)
    for caller in callers:
        assert not caller.done(), caller.exception()
        caller.cancel()
    assert told["Specification"]["ModelName"] == "next" and len(after) == 3 and not before & after
    assert told["Specification"]["ComputeResourceRequirements"] == {"MinMemoryRequiredInMb": 1024}


async def test_an_update_that_cannot_start_is_taken_back(hosts: Hosts) -> None:
    await hosts.hosting()
    await hosts.add("a", 2)
    await hosts.reaches("a", "InService", 2)
    before = {sandbox.name for sandbox in hosts.executor.running}
    await hosts.add_model("bad", "exit")
    await hosts.ask("Update", Specification={"ModelName": "bad"})
    told = await hosts.reaches("a", "InService", 2)
    assert told["Specification"]["ModelName"] == "model-a" and "ping" in told["FailureReason"]
    assert {sandbox.name for sandbox in hosts.executor.running} == before


async def test_instances_come_with_copies_and_go_without(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance_scaling, "IDLE_S", 0.2)
    await hosts.hosting(ManagedInstanceScaling=SCALED)
    async with asyncio.timeout(60):
        while await hosts.instances():
            await asyncio.sleep(0.01)
    await hosts.add("a", 3, NumberOfCpuCoresRequired=2)
    await hosts.reaches("a", "InService", 3)
    assert await hosts.instances() == 3
    await hosts.ask("Recount", DesiredRuntimeConfig={"CopyCount": 4})  # one more than instances may be
    assert "hardware" in (await hosts.reaches("a", "InService", 3))["FailureReason"]
    await hosts.ask("Recount", DesiredRuntimeConfig={"CopyCount": 1})
    await hosts.reaches("a", "InService", 1)
    async with asyncio.timeout(60):
        while await hosts.instances() != 1:
            await asyncio.sleep(0.01)
    assert (await hosts.call("DescribeEndpoint", EndpointName="e"))["EndpointStatus"] == "InService"


async def test_an_update_of_the_endpoint_moves_copies_to_its_new_instances(hosts: Hosts) -> None:
    await hosts.hosting()
    await hosts.add("a", 2)
    await hosts.reaches("a", "InService", 2)
    before = {sandbox.name for sandbox in hosts.executor.running}
    asked = [asyncio.create_task(hosts.asked("a", b"slow")) for _ in range(8)]
    await hosts.host("next", 2, InstanceType="ml.m5.xlarge")
    await hosts.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="next")
    await hosts.until_status("e", "InService", 30)
    await hosts.until(lambda: not before & {sandbox.name for sandbox in hosts.executor.running})
    assert len(await asyncio.gather(*asked)) == 8
    await hosts.reaches("a", "InService", 2)
    await hosts.host("other", VariantName="w")
    with pytest.raises(ValidationException, match="deployed to the variants v"):
        await hosts.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="other")
    assert await hosts.instances() == 2


async def test_copies_come_back_after_a_restart_and_who_asks_waits(hosts: Hosts) -> None:
    await hosts.hosting()
    await hosts.add("a", 2)
    await hosts.reaches("a", "InService", 2)
    before = {sandbox.name for sandbox in hosts.executor.running}
    await hosts.stop()
    hosts.begin()
    await hosts.start()
    assert await hosts.asked("a") in before  # the same copies, and nobody was refused
    await hosts.reaches("a", "InService", 2)


async def test_components_outlive_their_endpoint_and_can_be_deleted(hosts: Hosts) -> None:
    await hosts.hosting()
    await hosts.add("a")
    await hosts.reaches("a", "InService", 1)
    await hosts.call("DeleteEndpoint", EndpointName="e")
    endpoints = EndpointRecords(hosts.database)
    await hosts.until(lambda: endpoints.get(SCOPE, "e") is None)
    await hosts.reaches("a", "InService", 0)
    assert not hosts.executor.running
    await hosts.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    await hosts.until_status("e", "InService")
    with pytest.raises(ValidationError, match="has no capacity"):
        await hosts.asked("a")  # the new endpoint is not its host
    await hosts.ask("Delete")
    async with asyncio.timeout(60):
        with pytest.raises(ValidationException, match="Could not find inference component"):
            while True:
                await hosts.ask("Describe")
                await asyncio.sleep(0.01)
