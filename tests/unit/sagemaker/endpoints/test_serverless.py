"""Serverless endpoints: environments come with requests, go when idle, and are counted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.endpoint_configs import serverless
from sagehen.services.sagemaker.endpoints.scaling import scaled
from sagehen.services.sagemaker.instances import limits
from sagehen.services.sagemaker.resources.errors import ResourceLimitExceeded
from sagehen.services.sagemaker_runtime.errors import ThrottlingException
from sagehen.serving.serverless import demand

from .conftest import SCOPE, World

SERVERLESS = {"MemorySizeInMB": 2048, "MaxConcurrency": 2}


async def create(world: World, name: str = "calm", **config: int) -> None:
    await world.add_model(f"model-{name}")
    await deploy(world, name, f"config-{name}", **config)
    await world.call("CreateEndpoint", EndpointName=name, EndpointConfigName=f"config-{name}")


async def deploy(world: World, name: str, config: str, **changes: int) -> None:
    variant = {"ModelName": f"model-{name}", "ServerlessConfig": {**SERVERLESS, **changes}}
    await world.add_config(config, {**variant, "InstanceType": None, "InitialInstanceCount": 0})


async def test_environments_come_and_go(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demand, "KEPT_S", 0.3)
    await create(world)
    described = await world.until_status("calm", "InService")
    variant = described["ProductionVariants"][0]
    assert variant["CurrentServerlessConfig"] == SERVERLESS and variant["CurrentInstanceCount"] == 0
    limit = world.executor.started[0].spec.limits
    assert limit.memory_mib <= 2048 and limit.cpus <= 2048 / 1769
    await world.until(lambda: not world.executor.running)  # it passed its health check, and was not asked
    assert (await world.invoke("calm"))["InvokedProductionVariant"] == "v0"
    assert len(world.executor.running) == 1
    names = {name for _, name, _, _ in world.recorder.metrics}
    assert {"ModelSetupTime", "Invocations", "OverheadLatency"} <= names
    await world.until(lambda: not world.executor.running)
    slow = [asyncio.create_task(world.invoke("calm", b"slow")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(ThrottlingException):
        await world.invoke("calm")
    assert len(await asyncio.gather(*slow)) == 2


async def test_provisioned_environments_stay_and_are_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demand, "KEPT_S", 0.1)
    await create(world, ProvisionedConcurrency=1)
    await world.until_status("calm", "InService")
    update = {"VariantName": "v0", "ServerlessUpdateConfig": {"ProvisionedConcurrency": 2}}
    await world.call(
        "UpdateEndpointWeightsAndCapacities", EndpointName="calm", DesiredWeightsAndCapacities=[update]
    )
    described = await world.until_status("calm", "InService")
    assert described["ProductionVariants"][0]["CurrentServerlessConfig"]["ProvisionedConcurrency"] == 2
    assert len(world.executor.running) == 2
    # Who dies is replaced, asked or not; an update moves on without a request lost.
    await world.executor.running[0].kill()
    await world.until(lambda: len(world.executor.running) == 2)
    await deploy(world, "calm", "next", MaxConcurrency=3)
    await world.call("UpdateEndpoint", EndpointName="calm", EndpointConfigName="next")
    for _ in range(20):
        await world.invoke("calm")
        await asyncio.sleep(0.01)
    described = await world.until_status("calm", "InService")
    assert described["ProductionVariants"][0]["CurrentServerlessConfig"]["MaxConcurrency"] == 3


async def test_a_restart_starts_nothing_that_is_not_asked_for(world: World) -> None:
    await create(world)
    await world.until_status("calm", "InService")
    await world.loops.stop()
    world.begin()
    await world.loops.start()
    assert (await world.invoke("calm"))["InvokedProductionVariant"] == "v0"
    assert len(world.executor.started) == 1


async def test_an_account_has_so_much_concurrency(world: World) -> None:
    for number in range(5):
        await create(world, f"e{number}", MaxConcurrency=200)
    with pytest.raises(ResourceLimitExceeded, match="is 1000 Units, with current utilization of 1000"):
        await create(world, "more", MaxConcurrency=1)
    endpoint = world.endpoints._records.get(SCOPE, "e0")
    assert endpoint is not None
    live = replace(endpoint, status="InService", live=endpoint.pending, pending=None)
    wanted = {"VariantName": "v0", "DesiredInstanceCount": 1}
    with pytest.raises(ValidationException, match="not supported for the serverless variant"):
        scaled(live, [wanted], world.clock.now())


@pytest.mark.parametrize(
    ("changes", "config", "named"),
    [
        ({}, {"MemorySizeInMB": 1500}, "MemorySizeInMB"),
        ({}, {"ProvisionedConcurrency": 3}, "ProvisionedConcurrency"),
        ({"InstanceType": "ml.m5.large"}, {}, "InstanceType"),
    ],
)
def test_what_serverless_variants_do_not_support(
    changes: dict[str, Any], config: dict[str, int], named: str
) -> None:
    variant = {"VariantName": "v", "ServerlessConfig": {**SERVERLESS, **config}, **changes}
    with pytest.raises(ValidationException, match=named):
        serverless.check({"ProductionVariants": [variant]})


CAPTURE = {"InitialSamplingPercentage": 5, "DestinationS3Uri": "s3://b/p", "CaptureOptions": []}


@pytest.mark.parametrize(
    ("request_", "named"),
    [
        ({"ProductionVariants": [{}, {"ServerlessConfig": SERVERLESS}]}, "multiple production variants"),
        (
            {
                "ProductionVariants": [{"ServerlessConfig": SERVERLESS}],
                "DataCaptureConfig": CAPTURE,  # on, where it does not say
            },
            "DataCaptureConfig",
        ),
    ],
)
def test_what_serverless_endpoints_do_not_support(request_: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationException, match=named):
        serverless.check(request_)
    if capture := request_.get("DataCaptureConfig"):
        serverless.check(request_ | {"DataCaptureConfig": capture | {"EnableCapture": False}})


@pytest.mark.parametrize(
    ("model", "container"),
    [
        ({}, {"Mode": "MultiModel"}),
        ({"VpcConfig": {"Subnets": ["s"]}}, {}),
        ({"EnableNetworkIsolation": True}, {}),
    ],
)
def test_models_that_are_not_for_serverless(model: dict[str, Any], container: dict[str, Any]) -> None:
    with pytest.raises(ValidationException, match="not supported for serverless"):
        serverless.check_model(model, [container])


def test_an_environment_has_processors_in_proportion_to_its_memory() -> None:
    _, small = limits.on_this_host(limits.serverless(1024))
    assert small.cpus == pytest.approx(1024 / 1769) and small.memory_mib <= 1024
