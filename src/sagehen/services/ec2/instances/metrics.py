"""Metrics of AWS/EC2: processors and status checks of machines that run.

Documented: CPUUtilization is percent of what the instance has; each minute with detailed monitoring, here
always; status checks each minute. Network and disks are not measured.
"""

from __future__ import annotations

import asyncio
import time

from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock
from sagehen.domain.ports.metrics import MetricSink, MetricValue
from sagehen.services.ec2.instances.life.loops import InstanceLoops

_EVERY_S = 60.0
_NAMESPACE = "AWS/EC2"
_CHECKS = ("StatusCheckFailed", "StatusCheckFailed_Instance", "StatusCheckFailed_System")


class InstanceMetrics:
    """Publishes what machines use.

    Args:
        clock: The platform's: it says when a minute is over. What is used is measured on the machine's own.
    """

    def __init__(self, loops: InstanceLoops, sink: MetricSink, clock: Clock) -> None:
        self._loops = loops
        self._sink = sink
        # instance id -> (machine's seconds, processor's seconds) at the round before.
        self._before: dict[str, tuple[float, float]] = {}
        self.rounds = Rounds(
            "ec2-metrics", self.publish, clock, _EVERY_S, tale="metrics of EC2's machines", at_once=False
        )

    async def publish(self) -> None:
        """Look at every machine that is up once."""
        seen: dict[str, tuple[float, float]] = {}
        for scope, run in self._loops.runs():
            wanted, host = run.wanted, run.host
            if host is None:
                continue
            dimensions = {"InstanceId": wanted.instance_id}
            values = [MetricValue(name, 0.0, "Count", dimensions) for name in _CHECKS]
            try:
                usage = await asyncio.to_thread(host.usage)  # without cgroups it takes milliseconds
            except (OSError, ProcessLookupError):
                continue  # ended meanwhile
            now = time.monotonic()
            seen[wanted.instance_id] = now, usage.cpu_s
            if (before := self._before.get(wanted.instance_id)) is not None and now > before[0]:
                share = (usage.cpu_s - before[1]) / ((now - before[0]) * wanted.limits.cpus)
                percent = min(100.0, max(0.0, 100 * share))
                values.append(MetricValue("CPUUtilization", percent, "Percent", dimensions))
            self._sink.record(scope, _NAMESPACE, values)
        self._before = seen
