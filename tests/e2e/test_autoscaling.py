"""Scaling that acts: instances come and go under load, no request fails; kill -9 in between.

The platform's clock runs sixty times as fast: a minute of alarms and cooldowns is a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from benchmarks.signed import record

from tests.e2e import story
from tests.e2e.conftest import shell_environment
from tests.e2e.shell import Shell
from tests.running import RunningSagehen
from tests.waiting import eventually

pytestmark = [pytest.mark.sandbox, pytest.mark.once, pytest.mark.timeout(240)]

HANDLER = """
def model_fn(model_dir): return None
def input_fn(body, content_type): return body
def predict_fn(data, model): return data
def output_fn(prediction, accept): return bytes(prediction)
"""
VARIANT = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/e/variant/v",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
TRACKING = {
    "TargetValue": 20.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
}
SCALE = ("--time-scale", "60")


@pytest.fixture(scope="module")
def sagehen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSagehen]:
    running = RunningSagehen(tmp_path_factory.mktemp("scaling") / "data")
    running.start(*SCALE)
    _make_endpoint(running)
    yield running
    running.stop()


def test_instances_follow_the_load(sagehen: RunningSagehen, tmp_path: Path) -> None:
    """The CLI's documented sequence: register, put the policy, load, look at the activities, deregister.

    Documented: SageMaker AI Developer Guide, Configure model autoscaling with the AWS CLI.
    """
    scaling, alarms = story.client(sagehen, "application-autoscaling"), story.client(sagehen, "cloudwatch")
    shell = Shell(shell_environment(sagehen))
    variant = ["--service-namespace", VARIANT["ServiceNamespace"], "--resource-id", VARIANT["ResourceId"]]
    variant += ["--scalable-dimension", VARIANT["ScalableDimension"]]
    arn = shell.json(
        *("application-autoscaling", "register-scalable-target", *variant),
        *("--min-capacity", "1", "--max-capacity", "3"),
    )["ScalableTargetARN"]
    config = tmp_path / "config.json"
    config.write_text(json.dumps(TRACKING))
    policy = shell.json(
        *("application-autoscaling", "put-scaling-policy", *variant),
        *("--policy-name", "invocations", "--policy-type", "TargetTrackingScaling"),
        *("--target-tracking-scaling-policy-configuration", f"file://{config}"),
    )
    names = [alarm["AlarmName"] for alarm in policy["Alarms"]]
    assert [name.rpartition("-Alarm")[0] for name in names] == ["TargetTracking-endpoint/e/variant/v"] * 2
    made = alarms.describe_alarms(AlarmNames=names)["MetricAlarms"]
    assert {(alarm["MetricName"], alarm["EvaluationPeriods"]) for alarm in made} == {
        ("InvocationsPerInstance", 3),
        ("InvocationsPerInstance", 15),
    }
    outcomes = asyncio.run(_out_and_in(sagehen))
    assert set(outcomes) == {200}, outcomes
    activities = _activities(scaling)
    assert [a["Description"] for a in activities] == [
        "Setting desired instance count to 1.",
        "Setting desired instance count to 3.",
    ]
    assert [a["StatusCode"] for a in activities] == ["Successful", "Successful"]
    assert activities[1]["Cause"] == (f"monitor alarm {names[0]} in state ALARM triggered policy invocations")
    assert activities[0]["Cause"] == "maximum capacity was set to 1"
    assert activities[1]["StatusMessage"] == (
        "Successfully set desired instance count to 3. Change successfully fulfilled by sagemaker."
    )
    target = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"][0]
    assert target["ScalableTargetARN"] == arn
    assert target["RoleARN"].endswith("/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint")
    shown = shell.json("application-autoscaling", "describe-scaling-activities", *variant[:4])
    assert [a["ActivityId"] for a in shown["ScalingActivities"]] == [a["ActivityId"] for a in activities]
    shell.text("application-autoscaling", "deregister-scalable-target", *variant)
    assert alarms.describe_alarms()["MetricAlarms"] == []
    assert scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"] == []


def test_what_was_decided_is_done_after_a_kill(sagehen: RunningSagehen) -> None:
    for capacity in (3, 1):
        scaling = story.client(sagehen, "application-autoscaling")
        scaling.register_scalable_target(**VARIANT, MinCapacity=capacity, MaxCapacity=capacity)
        sagehen.kill()
        sagehen.start(*SCALE)
        eventually(lambda: _newest(sagehen)["StatusCode"] == "Successful", 90)
        assert _newest(sagehen)["Description"] == f"Setting desired instance count to {capacity}."
        assert _instances(sagehen) == (capacity, capacity)


async def _out_and_in(sagehen: RunningSagehen) -> Counter[int]:
    """Scale out by the alarm and in by a new bound, while clients go on asking."""
    scaling = story.client(sagehen, "application-autoscaling")
    async with _load(sagehen) as outcomes:
        await asyncio.to_thread(eventually, lambda: _instances(sagehen) == (3, 3), 90)
        await _answered(outcomes, 500)
        await asyncio.to_thread(scaling.register_scalable_target, **VARIANT, MaxCapacity=1)
        await asyncio.to_thread(eventually, lambda: _instances(sagehen) == (1, 1), 90)
        await _answered(outcomes, 500)
    await asyncio.to_thread(
        eventually, lambda: all(a["StatusCode"] == "Successful" for a in _activities(scaling))
    )
    return outcomes


async def _answered(outcomes: Counter[int], more: int) -> None:
    goal = outcomes[200] + more
    async with asyncio.timeout(60):
        while outcomes[200] < goal:
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def _load(sagehen: RunningSagehen) -> AsyncIterator[Counter[int]]:
    """Keep four clients asking until the block ends, then let each have its answer."""
    outcomes: Counter[int] = Counter()
    ended = asyncio.Event()
    runtime = story.client(sagehen, "sagemaker-runtime")
    request = record(runtime, "invoke_endpoint", EndpointName="e", ContentType="a/b", Body=b"x")
    clients = [asyncio.create_task(_ask(sagehen, request, outcomes, ended)) for _ in range(4)]
    try:
        yield outcomes
    finally:
        ended.set()
        await asyncio.wait_for(asyncio.gather(*clients), 60)


async def _ask(sagehen: RunningSagehen, request: bytes, outcomes: Counter[int], ended: asyncio.Event) -> None:
    address = urlsplit(sagehen.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        while not ended.is_set():
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
            outcomes[int(head.split()[1])] += 1
            await asyncio.sleep(0.005)
    finally:
        writer.close()


def _make_endpoint(sagehen: RunningSagehen) -> None:
    s3, sagemaker = story.client(sagehen, "s3"), story.client(sagehen, "sagemaker")
    s3.create_bucket(Bucket="scaling")
    s3.put_object(Bucket="scaling", Key="model.tar.gz", Body=story.archive({"code/inference.py": HANDLER}))
    sagemaker.create_model(
        ModelName="m",
        ExecutionRoleArn=story.ROLE,
        PrimaryContainer={
            "Image": story.IMAGE,
            "ModelDataUrl": "s3://scaling/model.tar.gz",
            "Environment": {"SAGEMAKER_MODEL_SERVER_WORKERS": "1"},
        },
    )
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    eventually(lambda: _instances(sagehen) == (1, 1), 90)


def _activities(scaling: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = scaling.describe_scaling_activities(ServiceNamespace="sagemaker")[
        "ScalingActivities"
    ]
    return found


def _newest(sagehen: RunningSagehen) -> dict[str, Any]:
    return _activities(story.client(sagehen, "application-autoscaling"))[0]


def _instances(sagehen: RunningSagehen) -> tuple[int, int] | None:
    """Return (current, desired) once the endpoint is InService."""
    described = story.client(sagehen, "sagemaker").describe_endpoint(EndpointName="e")
    assert described["EndpointStatus"] != "Failed", described["FailureReason"]
    if described["EndpointStatus"] != "InService":
        return None
    (variant,) = described["ProductionVariants"]
    return variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]
