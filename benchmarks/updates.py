"""An endpoint at four fifths of its capacity while it is updated, re-weighted and robbed of an instance.

Two variants of two instances. First a closed loop finds how many requests a second they take; then requests
come in an open loop at 80 % of that, whatever becomes of them, and the endpoint is changed meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.deploy import model, role, serves, workers
from benchmarks.phases import SHARE, Phase, phases
from benchmarks.processes import Platform, wait_until
from benchmarks.rounds import Address, load
from benchmarks.signed import client, record
from benchmarks.table import Row, Table, per_second

NAME, BUCKET, VARIANTS = "busy", "busy-models", ("blue", "green")
# One request at a time for so many seconds; "die" ends its model server when the answer has long been sent.
HANDLER = """
import os, signal, threading, time
def model_fn(model_dir): return None
def transform_fn(model, data, content_type, accept):
    time.sleep({seconds})
    if bytes(data) == b"die":
        threading.Timer(0.3, os.kill, (os.getppid(), signal.SIGKILL)).start()
    return data, content_type
"""
ROLLING = {
    "RollingUpdatePolicy": {
        "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
        "WaitIntervalInSeconds": 0,
    }
}
LINEAR = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": "LINEAR",
            "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
            "WaitIntervalInSeconds": 0,
        }
    }
}


@dataclass(frozen=True, slots=True)
class Run:
    """Args:
    capacity: Requests per second in a closed loop.
    rate: What was sent per second afterwards.
    hanging: Requests without an answer in 70 s.
    """

    capacity: float
    rate: float
    phases: Sequence[Phase]
    hanging: int


class Fleet:
    """The endpoint, and what is done to it. Blocking.

    Args:
        connect: Makes a client of a service.
        role_arn: Of the model.
    """

    def __init__(self, connect: Callable[[str], Any], role_arn: str, handler: str) -> None:
        s3, self._sagemaker, self._logs, self._runtime = map(
            connect, ("s3", "sagemaker", "logs", "sagemaker-runtime")
        )
        # One worker: its parent is the model server.
        model(s3, self._sagemaker, "m", role_arn, BUCKET, handler, workers(1))
        kind = {"ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
        for name in ("a", "b"):
            self._sagemaker.create_endpoint_config(
                EndpointConfigName=name,
                ProductionVariants=[{"VariantName": variant, **kind} for variant in VARIANTS],
            )
        self._sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName="a")
        self._settle()

    def request(self) -> bytes:
        return record(self._runtime, "invoke_endpoint", **_call(b"x"))

    def update(self, config: str, policy: dict[str, Any] | None = None) -> None:
        more = {"DeploymentConfig": policy} if policy else {}
        self._sagemaker.update_endpoint(EndpointName=NAME, EndpointConfigName=config, **more)
        self._settle()

    def weigh(self, *weights: float) -> None:
        self._sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=NAME,
            DesiredWeightsAndCapacities=[
                {"VariantName": variant, "DesiredWeight": weight}
                for variant, weight in zip(VARIANTS, weights, strict=True)
            ],
        )
        self._settle()

    def kill(self) -> None:
        """End an instance with SIGKILL, and wait for the one that replaces it."""
        before = self._streams()
        self._runtime.invoke_endpoint(**_call(b"die"))
        wait_until(lambda: self._streams() > before, seconds=60, step=0.05, what="another instance")
        self._settle()

    def _streams(self) -> int:
        answer = self._logs.describe_log_streams(logGroupName=f"/aws/sagemaker/Endpoints/{NAME}")
        return len(answer["logStreams"])  # each instance has one

    def _settle(self) -> None:
        serves(self._sagemaker, NAME, [2] * len(VARIANTS), step=0.05)


def _call(body: bytes) -> dict[str, Any]:
    return {"EndpointName": NAME, "ContentType": "application/octet-stream", "Body": body}


def events(fleet: Fleet, quiet_s: float) -> list[tuple[str, Callable[[], None]]]:
    """Return what happens to the endpoint, in order."""
    quiet = ("nothing", lambda: time.sleep(quiet_s))

    def weigh() -> None:
        for weights in ((6, 5), (5, 6), (1, 1)):
            fleet.weigh(*weights)  # at once: so that something is asked under each
            time.sleep(quiet_s)

    return [
        quiet,
        ("an update, all at once", lambda: fleet.update("b")),
        ("an update, rolling", lambda: fleet.update("a", ROLLING)),
        ("an update, linear", lambda: fleet.update("b", LINEAR)),
        ("weights 6:5, 5:6 and 1:1", weigh),
        ("an instance killed", fleet.kill),
        quiet,
    ]


def run(fleet: Fleet, port: int, connections: int, seconds: float, quiet_s: float) -> Run:
    """Measure the capacity, then go through everything at four fifths of it.

    Args:
        connections: Of the closed loop: enough for every worker to be busy.
        seconds: How long the closed loop lasts.
    """
    found = load(Address(port=port), [fleet.request()], connections=connections, seconds=seconds)
    if found.errors:
        raise RuntimeError(f"{found.errors} requests failed; the first: {found.first_error[:600]!r}")
    rate = SHARE * found.rate
    seen, hanging = asyncio.run(phases(port, fleet.request(), rate, events(fleet, quiet_s)))
    return Run(found.rate, rate, seen, hanging)


def measure(say: Callable[[str], None]) -> Table:
    """Once where waiting bounds the capacity, once where the processors do."""
    rows = []
    for what, seconds, connections in (("25 ms of waiting each", 0.025, 16), ("an echo", 0, 16)):
        with Platform() as platform:
            say(f"{what}: deploying")
            arn = role(platform, "busy-role", "sagemaker.amazonaws.com", ["s3:*", "logs:*"])
            fleet = Fleet(
                lambda name: client(name, platform.url, platform.keys), arn, HANDLER.format(seconds=seconds)
            )
            say(f"{what}: everything happens")
            rows += _rows(what, run(fleet, platform.port, connections, 5, 10))
    return Table(
        "An endpoint at 80 % of its capacity while it changes",
        method=(
            "Two variants of two instances, one worker each. A closed loop of 16 connections finds the "
            "capacity; then boto3's own signed request comes in an open loop (Poisson) at 80 % of it. "
            "Latencies count from when a request was due."
        ),
        rows=rows,
    )


def _rows(what: str, done: Run) -> list[Row]:
    rows = [
        Row(
            f"{what}: capacity",
            per_second(done.capacity),
            note=f"then {per_second(done.rate)}; {done.hanging} without an answer in 70 s",
        )
    ]
    for phase in done.phases:
        rows.append(phase.row(f"{what}: {phase.name}"))
    return rows
