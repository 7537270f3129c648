"""CPUUtilization and MemoryUtilization of a job's instances, as AWS publishes them per host."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from sagehen.domain.ports.metrics import MetricSink, MetricValue
from sagehen.domain.scope import Scope
from sagehen.executors.base import Limits, Sandbox, Usage
from sagehen.services.sagemaker.training.output import METRIC_NAMESPACE

# The first sample comes early, so that a job of a few seconds has one at all.
_FIRST_AFTER_S = 1.0
_EVERY_S = 5.0


async def watch(
    scope: Scope, job_name: str, sandboxes: Mapping[str, Sandbox], limits: Limits, metrics: MetricSink
) -> None:
    """Record until cancelled. What a process uses is measured on the machine's own time, whatever
    the platform's clock does."""
    earlier: dict[str, tuple[float, Usage]] = {}
    pause = _FIRST_AFTER_S
    while True:
        await asyncio.sleep(pause)
        pause = _EVERY_S
        for host, sandbox in list(sandboxes.items()):
            try:
                usage = await asyncio.to_thread(sandbox.usage)  # without cgroups it takes milliseconds
            except (OSError, ProcessLookupError):
                continue  # ended meanwhile
            at = time.monotonic()
            before = earlier.get(host)
            earlier[host] = (at, usage)
            values = _values(f"{job_name}/{host}", usage, limits)
            if before is not None and at > before[0]:
                cpu = 100 * (usage.cpu_s - before[1].cpu_s) / (at - before[0])
                values.append(_percent("CPUUtilization", max(cpu, 0.0), f"{job_name}/{host}"))
            metrics.record(scope, METRIC_NAMESPACE, values)


def _values(host: str, usage: Usage, limits: Limits) -> list[MetricValue]:
    memory = 100 * usage.memory_bytes / (limits.memory_mib * 1024 * 1024)
    return [_percent("MemoryUtilization", memory, host)]


def _percent(name: str, value: float, host: str) -> MetricValue:
    return MetricValue(name, value, "Percent", {"Host": host})
