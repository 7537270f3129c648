"""Endpoints in trouble that nobody foresaw, and on machines that are too small."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagehen.services.sagemaker.endpoints import plan as planning
from sagehen.services.sagemaker.instances.capacity import Memory


async def test_no_memory_fails_the_endpoint_in_awss_words(world: Any) -> None:
    world.memory = Memory(2000, 300)
    await world.add_model("m")
    await world.add_config("c", {"ModelName": "m"})
    await world.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    described = await world.until_status("e", "Failed")
    assert "InsufficientInstanceCapacity" in described["FailureReason"]
    assert not world.executor.started


async def test_an_unforeseen_error_fails_a_creation_with_a_reason(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: Any, **__: Any) -> Any:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(planning, "plan", break_down)
    await world.add_model("m")
    await world.add_config("c", {"ModelName": "m"})
    await world.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    assert (await world.until_status("e", "Failed"))["FailureReason"].startswith("Request to service failed.")
    monkeypatch.undo()
    await world.call("DeleteEndpoint", EndpointName="e")
    await world.until(lambda: not world.loops._loops)


async def test_an_unforeseen_error_rolls_an_update_back_and_the_endpoint_serves_on(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.add_model("m")
    await world.add_config("c", {"ModelName": "m"})
    await world.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    await world.until_status("e", "InService")
    real = planning.plan

    def break_updates(endpoint: Any, *rest: Any, **named: Any) -> Any:
        if endpoint.pending is not None:
            raise RuntimeError("nobody foresaw this")
        return real(endpoint, *rest, **named)

    monkeypatch.setattr(planning, "plan", break_updates)
    await world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="c")
    described = await world.until_status("e", "InService")
    assert described["FailureReason"].startswith("Request to service failed.")
    assert (await world.invoke("e"))["Body"]


async def test_the_role_s_keys_are_a_file_that_sdks_are_led_to(world: Any) -> None:
    await world.add_model("m")
    await world.add_config("c", {"ModelName": "m"})
    await world.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    await world.until_status("e", "InService")
    spec = world.executor.started[0].spec
    assert spec.environment["AWS_CONFIG_FILE"] == f"{spec.environment['SAGEHEN_ROLE']}/config"
    assert "AWS_ACCESS_KEY_ID" not in spec.environment
    (role,) = [mount.source for mount in spec.mounts if mount.target == spec.environment["SAGEHEN_ROLE"]]
    assert json.loads((role / "credentials.json").read_text())["AccessKeyId"] == "ASIA"
