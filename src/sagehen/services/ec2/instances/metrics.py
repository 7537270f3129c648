"""Metrics of AWS/EC2: processors, network, disks and status checks of machines that run.

Documented (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html):
CPUUtilization is percent of what the instance has; network and EBS are sums of the period; EBS* are of
Nitro types alone. Each minute, as with detailed monitoring, whatever the instance asks for. What this machine
cannot measure is not sent: where volumes are folders, nobody counts what is done on them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock
from sagehen.domain.ports.observing.metrics import MetricSink, MetricValue
from sagehen.executors.machines.volumes.volume import Work
from sagehen.executors.traffic import Carried
from sagehen.services.ec2.hosts.host import Host
from sagehen.services.ec2.instance_types.families import family_of
from sagehen.services.ec2.instances.life.loops import InstanceLoops

_EVERY_S = 60.0
_NAMESPACE = "AWS/EC2"
_CHECKS = ("StatusCheckFailed", "StatusCheckFailed_Instance", "StatusCheckFailed_System")


@dataclass(frozen=True, slots=True)
class Look:
    """What a machine had done by a moment.

    Args:
        at_s: Of this machine's own monotonic clock.
        cpu_s: Of processors, since it was last booted.
        carried: Through its network, since it was launched.
        disks: On each volume, since it was launched with it.
    """

    at_s: float
    cpu_s: float
    carried: Carried
    disks: Mapping[str, Work]


def measured(before: Look | None, now: Look, *, cpus: float, nitro: bool) -> Iterator[tuple[str, float, str]]:
    """Yield name, value and unit of what a machine did since the look before; None: since its launch.

    Worked example: 30 s of processors within 60 s on an instance of 2 are 25 percent.
    """
    if before is not None and now.at_s > before.at_s:
        share = (now.cpu_s - before.cpu_s) / ((now.at_s - before.at_s) * cpus)
        yield "CPUUtilization", min(100.0, max(0.0, 100 * share)), "Percent"
    last = Carried() if before is None else before.carried
    yield "NetworkIn", now.carried.bytes_in - last.bytes_in, "Bytes"
    yield "NetworkOut", now.carried.bytes_out - last.bytes_out, "Bytes"
    yield "NetworkPacketsIn", now.carried.packets_in - last.packets_in, "Count"
    yield "NetworkPacketsOut", now.carried.packets_out - last.packets_out, "Count"
    if not nitro or not now.disks:
        return
    known = {} if before is None else before.disks
    done = [work - known.get(name, Work()) for name, work in now.disks.items()]
    yield "EBSReadBytes", sum(work.bytes_read for work in done), "Bytes"
    yield "EBSWriteBytes", sum(work.bytes_written for work in done), "Bytes"
    yield "EBSReadOps", sum(work.reads for work in done), "Count"
    yield "EBSWriteOps", sum(work.writes for work in done), "Count"


class InstanceMetrics:
    """Publishes what machines use.

    Args:
        clock: The platform's: it says when a minute is over. What is used is measured on the machine's own.
    """

    def __init__(self, loops: InstanceLoops, sink: MetricSink, clock: Clock) -> None:
        self._loops = loops
        self._sink = sink
        # instance id -> the look at the round before, and at which machine.
        self._before: dict[str, tuple[Host, Look]] = {}
        self.rounds = Rounds(
            "ec2-metrics", self.publish, clock, _EVERY_S, tale="metrics of EC2's machines", at_once=False
        )

    async def publish(self) -> None:
        """Look at every machine that is up once."""
        seen: dict[str, tuple[Host, Look]] = {}
        for scope, run in self._loops.runs():
            wanted, host = run.wanted, run.host
            if host is None:
                continue
            try:
                now = await _look(host)
            except (OSError, ProcessLookupError):
                continue  # ended meanwhile
            last = self._before.get(wanted.instance_id)
            before = last[1] if last is not None and last[0] is host else None
            seen[wanted.instance_id] = host, now
            nitro = family_of(wanted.instance_type).hypervisor == "nitro"
            found = measured(before, now, cpus=wanted.limits.cpus, nitro=nitro)
            dimensions = {"InstanceId": wanted.instance_id}
            values = [MetricValue(name, 0.0, "Count", dimensions) for name in _CHECKS]
            values += [MetricValue(name, value, unit, dimensions) for name, value, unit in found]
            self._sink.record(scope, _NAMESPACE, values)
        self._before = seen


async def _look(host: Host) -> Look:
    # In a thread: without cgroups it takes milliseconds.
    usage, disks = await asyncio.to_thread(lambda: (host.usage(), host.disk_work()))
    return Look(time.monotonic(), usage.cpu_s, host.carried(), disks)
