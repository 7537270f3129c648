"""An endpoint at four fifths of one instance's capacity while Application Auto Scaling acts on it.

The platform's clock runs sixty times as fast, so that an alarm's three minutes are three seconds. Requests
come in an open loop throughout, whatever becomes of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from benchmarks.deploy import model, role, serves, workers
from benchmarks.phases import SHARE, phases
from benchmarks.processes import Platform, wait_until
from benchmarks.rounds import Address, load
from benchmarks.signed import client, record
from benchmarks.table import Row, Table, per_second

SCALE = 60
NAME, BUCKET = "scaled", "scaled-models"
SECONDS_EACH = 0.025
HANDLER = f"""
import time
def model_fn(model_dir): return None
def transform_fn(model, data, content_type, accept):
    time.sleep({SECONDS_EACH})
    return data, content_type
"""
TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": f"endpoint/{NAME}/variant/v",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


# What has come or gone a moment ago shows in the answers now.
_AFTERWARDS_S = 3.0


class Scaled:
    """The endpoint under autoscaling. Blocking.

    Args:
        connect: Makes a client of a service.
        role_arn: Of the model.
    """

    def __init__(self, connect: Callable[[str], Any], role_arn: str) -> None:
        s3, self._sagemaker, self._runtime, self._scaling = map(
            connect, ("s3", "sagemaker", "sagemaker-runtime", "application-autoscaling")
        )
        model(s3, self._sagemaker, "m", role_arn, BUCKET, HANDLER, workers(1))
        variant = {
            "VariantName": "v",
            "ModelName": "m",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }
        self._sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
        self._sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName="c")
        self._serving(1)
        self._scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=2)

    def request(self) -> bytes:
        """Return boto3's own request as it goes over the wire."""
        return record(
            self._runtime,
            "invoke_endpoint",
            EndpointName=NAME,
            ContentType="application/octet-stream",
            Body=b"x",
        )

    def out_by_alarm(self, invocations_a_minute: float) -> float:
        """Scale out by target tracking; return the seconds from the activity's begin until two serve."""
        self._scaling.put_scaling_policy(
            **TARGET,
            PolicyName="p",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": invocations_a_minute,
                "DisableScaleIn": True,
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                },
            },
        )
        wait_until(lambda: self._activities() > 0, seconds=60, step=0.02, what="the alarm")
        began = time.perf_counter()
        self._serving(2)
        seconds = time.perf_counter() - began
        self._scaling.delete_scaling_policy(**TARGET, PolicyName="p")
        return seconds

    def bounds(self, count: int) -> None:
        """Scale by bounds, and wait until so many serve."""
        self._scaling.register_scalable_target(**TARGET, MinCapacity=count, MaxCapacity=count)
        self._serving(count)

    def _activities(self) -> int:
        return len(
            self._scaling.describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"]
        )

    def _serving(self, count: int) -> None:
        serves(self._sagemaker, NAME, [count])


def measure(say: Callable[[str], None]) -> Table:
    """Out by the alarm, out and in by bounds."""
    with Platform("--time-scale", str(SCALE)) as platform:
        say("deploying")
        arn = role(platform, "scaled-role", "sagemaker.amazonaws.com", ["s3:*", "logs:*"])
        endpoint = Scaled(lambda name: client(name, platform.url, platform.keys), arn)
        found = load(Address(port=platform.port), [endpoint.request()], connections=2, seconds=5)
        if found.errors:
            raise RuntimeError(f"{found.errors} requests failed; the first: {found.first_error[:600]!r}")
        say("scaling")
        return asyncio.run(_measured(endpoint, platform.port, found.rate))


async def _measured(endpoint: Scaled, port: int, capacity: float) -> Table:
    rate = SHARE * capacity
    start_s = 0.0

    def out() -> None:
        nonlocal start_s
        # A minute of the platform is a second here. At 55 % of what comes, two instances are wanted.
        start_s = endpoint.out_by_alarm(0.55 * rate * 60 / SCALE)

    found, hanging = await phases(
        port,
        endpoint.request(),
        rate,
        [
            ("nothing", lambda: time.sleep(5)),
            ("scale-out by target tracking, 1 to 2", out),
            ("scale-out by MinCapacity, 2 to 3", lambda: endpoint.bounds(3)),
            ("scale-in by MaxCapacity, 3 to 1", lambda: endpoint.bounds(1)),
            ("nothing, again", lambda: time.sleep(5)),
        ],
        _AFTERWARDS_S,
    )
    rows = [
        Row(
            "capacity of one instance",
            per_second(capacity),
            note=f"then {per_second(rate)}; {hanging} without an answer in 70 s",
        ),
        Row("from the activity to two instances in service", f"{start_s:.2f} s"),
    ]
    rows += [phase.row(phase.name) for phase in found]
    return Table(
        "An endpoint at 80 % of its capacity while it is scaled",
        method=(
            f"One variant, one worker an instance, {1000 * SECONDS_EACH:.0f} ms of waiting each, a clock"
            f" {SCALE} times as fast. A closed loop finds what one instance takes; then boto3's own signed"
            " request comes in an open loop (Poisson) at 80 % of it. Latencies count from when one was due."
        ),
        rows=rows,
    )
