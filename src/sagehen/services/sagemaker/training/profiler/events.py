"""System metrics as the profiler writes them: one JSON object a line. Pure.

Recorded: the traces of awslabs/sagemaker-debugger's tests, and the frames that people show of a job on
ml.m5.large in December 2024. There are these, `Dimension` being "" where none is given:

    Type     Name                              Dimension
    cpu      cpu0, cpu1, ...                   CPUUtilization | I/OWaitPercentage
    memory   MemoryUsedPercent
    network  Receive- | TransmitBytesPerSecond Algorithm
    i/o      Read- | WriteThroughputInBytesPerSecond
    gpu      gpu0, gpu1, ...                   GPUUtilization | GPUMemoryUtilization

Not written: IOPS, which the kernel does not count by process, and the network's dimension Platform, for here
nothing of the platform's own runs in the instance.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sagehen.executors.base import Limits, Usage
from sagehen.executors.hardware.gpu_use import GpuUse
from sagehen.executors.processes.activity import Activity


@dataclass(frozen=True, slots=True)
class Sample:
    """What one instance had used at a moment.

    Args:
        clock_s: Of a clock that never goes back.
        time_s: Since the epoch.
    """

    clock_s: float
    time_s: float
    usage: Usage
    activity: Activity
    gpus: Sequence[GpuUse] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One measured value. `time_s` since the epoch; percent, or bytes per second."""

    kind: str
    name: str
    dimension: str
    value: float
    node: str
    time_s: float

    def line(self) -> str:
        """Return it as the readers of smdebug parse it, its newline included."""
        content = {
            "Type": self.kind,
            "Name": self.name,
            "Dimension": self.dimension,
            "Value": round(self.value, 2),
            "NodeId": self.node,
            "Timestamp": self.time_s,
        }
        return json.dumps(content, separators=(",", ":")) + "\n"


def events_between(before: Sample, now: Sample, limits: Limits, node: str) -> list[Event]:
    """Return what two samples of an instance say together.

    Processors are shared out to instances by time, not by core, so each `cpuN` shows the instance's mean:
    readers add them up and divide by their number. Worked example: an instance of two processors that used
    3 s of them in 2 s shows 75 for both.

    Args:
        limits: Of the instance.
        node: Its host name, `algo-1`.
    """
    seconds = now.clock_s - before.clock_s
    if seconds <= 0:
        return []
    return [Event(*entry, node, now.time_s) for entry in _entries(before, now, limits, seconds)]


def _entries(
    before: Sample, now: Sample, limits: Limits, seconds: float
) -> Iterator[tuple[str, str, str, float]]:
    cores = max(1, math.ceil(limits.cpus))
    busy = _percent(now.usage.cpu_s - before.usage.cpu_s, seconds * max(limits.cpus, 0.01))
    stalled = _difference(before.activity.stalled_s, now.activity.stalled_s)
    for core in range(cores):
        yield "cpu", f"cpu{core}", "CPUUtilization", busy
        if stalled is not None:
            yield "cpu", f"cpu{core}", "I/OWaitPercentage", _percent(stalled, seconds)
    memory = _percent(now.usage.memory_bytes, limits.memory_mib * 2**20)
    yield "memory", "MemoryUsedPercent", "", memory
    for name, first, last in (
        ("ReceiveBytesPerSecond", before.activity.received_bytes, now.activity.received_bytes),
        ("TransmitBytesPerSecond", before.activity.sent_bytes, now.activity.sent_bytes),
    ):
        moved = _difference(first, last)
        if moved is not None:
            yield "network", name, "Algorithm", moved / seconds
    for name, first, last in (
        ("ReadThroughputInBytesPerSecond", before.activity.read_bytes, now.activity.read_bytes),
        ("WriteThroughputInBytesPerSecond", before.activity.written_bytes, now.activity.written_bytes),
    ):
        yield "i/o", name, "", max(0, last - first) / seconds
    for gpu in now.gpus:
        yield "gpu", gpu.name, "GPUUtilization", gpu.utilization
        yield "gpu", gpu.name, "GPUMemoryUtilization", gpu.memory


def _percent(part: float, whole: float) -> float:
    return min(100.0, max(0.0, 100 * part / whole))


def _difference(first: float | None, last: float | None) -> float | None:
    return None if first is None or last is None else max(0.0, last - first)
