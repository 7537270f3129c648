"""What a job's data costs on its way to a node, and those who ask an endpoint there meanwhile."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

from benchmarks.phases import Phase, phases
from benchmarks.processes import Platform, wait_until
from benchmarks.signed import client
from benchmarks.table import Row, milliseconds

# Requests each second: far below what the endpoint can do, so that nobody waits for another's answer.
_RATE = 100.0
_QUIET_S = 10.0
_OBJECTS, _OBJECT_BYTES = 4, 256 * 2**20
_PIECE_BYTES = 2**20
_BUCKET = "bench-node-data"
_MIB = 2**20


def rows(
    platform: Platform, request: bytes, start: Callable[[str, str], None], say: Callable[[str], None]
) -> list[Row]:
    """Ask an endpoint on a node without a pause, while jobs there get 1 GiB: for the first time, and again.

    Args:
        request: To the endpoint, signed.
        start: Creates a job of a name, with one channel that is below a URI.
    """
    sagemaker = client("sagemaker", platform.url, platform.keys)
    say("1 GiB is made")
    _fill(platform)
    say(f"{_RATE:g} requests a second while it goes to the node")
    spans: dict[str, tuple[float, float]] = {}

    def bring(name: str) -> None:
        start(name, f"s3://{_BUCKET}/data/")
        spans[name] = _downloading(sagemaker, name)

    first, again = "data-1", "data-2"
    quiet = ("nothing", lambda: time.sleep(_QUIET_S))
    found, hanging = asyncio.run(
        phases(
            platform.port,
            request,
            _RATE,
            [quiet, (first, lambda: bring(first)), (again, lambda: bring(again)), quiet],
        )
    )
    if hanging:
        raise RuntimeError(f"{hanging} requests had no answer")
    quiet_phase = max(found[0], found[-1], key=lambda phase: -phase.quantile(0.5))
    took = {name: end - begin for name, (begin, end) in spans.items()}
    # The job's own start, on the same processors, is none of its data.
    begin, end = spans[first]
    meanwhile = [answer for answer in found[1].answers if begin <= answer.due < end]
    busy = Phase(first, took[first], meanwhile)
    return [
        Row(
            "1 GiB of a channel, Downloading; the second job",
            f"{took[first]:.1f} s",
            f"{took[again]:.1f} s",
            note=f"{_OBJECTS * _OBJECT_BYTES / _MIB / took[first]:.0f} MiB/s the first time",
        ),
        *(_asked(quiet_phase, busy, what, part) for what, part in (("p50", 0.5), ("p99", 0.99))),
    ]


def _asked(quiet: Phase, busy: Phase, what: str, part: float) -> Row:
    calm, meanwhile = quiet.quantile(part), busy.quantile(part)
    return Row(
        f"InvokeEndpoint on that node meanwhile, {_RATE:g} /s, {what}; without",
        milliseconds(meanwhile),
        milliseconds(calm),
        f"{milliseconds(meanwhile - calm)} more",
        f"{len(busy.answers)} requests, {sum(busy.failures.values())} failed",
    )


def _fill(platform: Platform) -> None:
    s3 = client("s3", platform.url, platform.keys)
    s3.create_bucket(Bucket=_BUCKET)
    for number in range(_OBJECTS):
        with tempfile.TemporaryFile() as file:
            for _ in range(_OBJECT_BYTES // _PIECE_BYTES):
                file.write(os.urandom(_PIECE_BYTES))
            file.seek(0)
            s3.upload_fileobj(file, _BUCKET, f"data/{number}.bin")


def _downloading(sagemaker: Any, name: str) -> tuple[float, float]:
    """Wait for a job's end; return from when to when it was Downloading (`time.monotonic`).

    Raises:
        RuntimeError: It failed.
    """
    told: dict[str, Any] = {}

    def ended() -> bool:
        told.update(sagemaker.describe_training_job(TrainingJobName=name))
        return told["TrainingJobStatus"] not in ("InProgress", "Stopping")

    wait_until(ended, seconds=600, step=0.2, what=name)
    if told["TrainingJobStatus"] != "Completed":
        raise RuntimeError(f"{name}: {told.get('FailureReason')}")
    spans = {span["Status"]: span for span in told["SecondaryStatusTransitions"]}
    span, apart_s = spans["Downloading"], time.time() - time.monotonic()
    return span["StartTime"].timestamp() - apart_s, span["EndTime"].timestamp() - apart_s
