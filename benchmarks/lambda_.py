"""Lambda: cold starts and warm invocations, signed and authorized, in a full sandbox.

Compared with the start of a plain `python -c`, and with the runtime interface emulator's way of one
awslambdaric process for each function (see runtime_emulator).
"""

from __future__ import annotations

import io
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from typing import Any

from benchmarks.deploy import role
from benchmarks.processes import Platform
from benchmarks.rounds import Address, Sample, in_turn, load, median
from benchmarks.runtime_emulator import RuntimeEmulator
from benchmarks.signed import client, record
from benchmarks.table import Row, Table, milliseconds, per_second

_COLD_STARTS = 15
_ROUNDS = 5
_SECONDS = 1.5
_SETTLE_S = 6.0
_EVENT = b'{"name": "world"}'
_TRIVIAL = "def handler(event, context):\n    return event\n"
_WITH_BOTO3 = "import boto3\n\ndef handler(event, context):\n    return boto3.__version__\n"


def measure(say: Callable[[str], None]) -> Table:
    """Cold starts first, on functions that were never invoked; then the warm ones."""
    with Platform() as platform:
        say("waiting for the warm parent of the runtime")
        time.sleep(_SETTLE_S)
        functions = Functions(platform)
        rows = [
            *_cold(functions, "a handler that imports boto3", _WITH_BOTO3, "aim: 60 ms", say),
            *_cold(functions, "a trivial handler", _TRIVIAL, "", say),
            *_warm(functions, say),
        ]
    return Table(
        "Lambda: cold starts and warm invocations",
        peer="emulator's way",
        method=(
            "Signed, authorized, in a sandbox of its own, from the request to the answer; the peer: one "
            "unsandboxed awslambdaric process for each function and a Runtime API without a front. "
            f"Cold: medians of {_COLD_STARTS} functions in turn with the peer. "
            f"Warm: medians of {_ROUNDS} rounds of {_SECONDS:g} s in turn."
        ),
        rows=rows,
    )


class Functions:
    """Functions on a platform."""

    def __init__(self, platform: Platform) -> None:
        self.aws = client("lambda", platform.url, platform.keys)
        self.address = Address(port=platform.port)
        self._role = role(platform, "function-role", "lambda.amazonaws.com", ["logs:*", "sagemaker:*"])

    def create(self, name: str, source: str, **configuration: Any) -> None:
        """Create a function and wait until it is active."""
        self.aws.create_function(
            FunctionName=name,
            Runtime=f"python{sys.version_info.major}.{sys.version_info.minor}",
            Role=self._role,
            Handler="function.handler",
            Code={"ZipFile": _zipped(source)},
            Timeout=30,
            MemorySize=256,
            **configuration,
        )
        self.aws.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})

    def invocation(self, name: str, event: bytes = _EVENT) -> bytes:
        """Return a signed Invoke as bytes."""
        return record(self.aws, "invoke", FunctionName=name, Payload=event)


def _cold(functions: Functions, what: str, source: str, aim: str, say: Callable[[str], None]) -> list[Row]:
    ours: list[float] = []
    peer: list[float] = []
    plain: list[float] = []
    body = source.partition("\n\n")[0] if "import" in source else "pass"
    for number in range(_COLD_STARTS + 1):
        say(f"cold start of {what}: {number}/{_COLD_STARTS}")
        name = f"cold-{len(what)}-{number}"
        functions.create(name, source)
        sample = load(functions.address, [functions.invocation(name)], connections=1, seconds=0)
        median([sample])  # raises where the invocation failed
        began = time.perf_counter()
        with RuntimeEmulator().running(source) as emulator:
            emulator.invoke(_EVENT)
            other = time.perf_counter() - began
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", body], check=True)
        started = time.perf_counter() - began
        functions.aws.delete_function(FunctionName=name)
        if number:  # the first one warms the page cache
            ours.append(sample.latencies[0])
            peer.append(other)
            plain.append(started)
    middle = statistics.median
    return [
        Row(
            f"cold start, {what}, p50",
            milliseconds(middle(ours)),
            milliseconds(middle(peer)),
            f"{middle(peer) / middle(ours):.1f} times",
            f"{aim + '; ' if aim else ''}slowest {milliseconds(max(ours))}; "
            f"`python -c '{body}'` alone: {milliseconds(middle(plain))}",
        )
    ]


def _warm(functions: Functions, say: Callable[[str], None]) -> list[Row]:
    functions.create("warm", _TRIVIAL)
    request = functions.invocation("warm")
    with RuntimeEmulator().running(_TRIVIAL) as emulator:

        def through_emulator() -> Sample:
            sample = Sample()
            began = time.perf_counter()
            while (now := time.perf_counter()) < began + _SECONDS:
                emulator.invoke(_EVENT)
                sample.latencies.append(time.perf_counter() - now)
            sample.elapsed = time.perf_counter() - began
            return sample

        def ours(connections: int) -> Callable[[], Sample]:
            return lambda: load(functions.address, [request], connections=connections, seconds=_SECONDS)

        one = in_turn({"ours": ours(1), "peer": through_emulator}, rounds=_ROUNDS, say=say, what="warm")
        many = in_turn({"ours": ours(8)}, rounds=_ROUNDS, say=say, what="warm, 8 connections")
    mine, peer = one["ours"], one["peer"]
    return [
        Row("warm invoke, p50", milliseconds(mine.p50), milliseconds(peer.p50),
            "+" + milliseconds(mine.p50 - peer.p50), "aim: under 2 ms; the third column: the difference"),
        Row("warm invoke, p99", milliseconds(mine.p99), milliseconds(peer.p99)),
        Row("invocations of a trivial function, 8 connections", per_second(many["ours"].rate),
            note=f"aim: 500 /s; p50 {milliseconds(many['ours'].p50)}"),
    ]  # fmt: skip


def _zipped(source: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("function.py", source)
    return stream.getvalue()
