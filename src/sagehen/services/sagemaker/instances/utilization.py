"""CPUUtilization and MemoryUtilization of instances, as AWS publishes them, and the watch over a job's.

Documented: SageMaker Developer Guide, Amazon SageMaker metrics in Amazon CloudWatch ("Jobs and Endpoint
Metrics"): CPUUtilization is 100 per busy core, so that four cores may show 400; MemoryUtilization is percent
of the whole.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sagehen.domain.ports.observing.metrics import MetricSink, MetricValue
from sagehen.domain.scope import Scope
from sagehen.executors.base import Limits, Sandbox, Usage

# The first sample comes early, so that a job of a few seconds has one at all.
_FIRST_AFTER_S = 1.0
# AWS publishes once a minute; here a job of the tests' size would have no second value.
_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What an instance had used at a moment, in seconds of a clock that never goes back."""

    at: float
    usage: Usage


def values(
    sample: Sample, before: Sample | None, limits: Limits, dimensions: Mapping[str, str]
) -> list[MetricValue]:
    """Return what one sample says; the processors' share takes an earlier one.

    Args:
        limits: Of the instance: MemoryUtilization is percent of them.
    """
    memory = 100 * sample.usage.memory_bytes / (limits.memory_mib * 2**20)
    found = [MetricValue("MemoryUtilization", memory, "Percent", dimensions)]
    if before is not None and sample.at > before.at:
        cpu = 100 * (sample.usage.cpu_s - before.usage.cpu_s) / (sample.at - before.at)
        found.append(MetricValue("CPUUtilization", max(cpu, 0.0), "Percent", dimensions))
    return found


async def watch(
    scope: Scope,
    namespace: str,
    job_name: str,
    sandboxes: Mapping[str, Sandbox],
    limits: Mapping[str, Limits],
    metrics: MetricSink,
) -> None:
    """Record a job's instances until cancelled, under the dimension Host = `job/algo-1`.

    What a process uses is measured on the machine's own time, whatever the platform's clock does.

    Args:
        namespace: As `/aws/sagemaker/TrainingJobs`.
        sandboxes: By host; those that end go from it.
        limits: By host.
    """
    earlier: dict[str, Sample] = {}
    pause = _FIRST_AFTER_S
    while True:
        await asyncio.sleep(pause)
        pause = _EVERY_S
        for host, sandbox in list(sandboxes.items()):
            try:
                usage = await asyncio.to_thread(sandbox.usage)  # without cgroups it takes milliseconds
            except (OSError, ProcessLookupError):
                continue  # ended meanwhile
            sample = Sample(time.monotonic(), usage)
            found = values(sample, earlier.get(host), limits[host], {"Host": f"{job_name}/{host}"})
            earlier[host] = sample
            metrics.record(scope, namespace, found)
