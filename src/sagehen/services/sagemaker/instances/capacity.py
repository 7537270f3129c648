"""Capacity: whether this machine can take another instance. Nothing is started into swap.

The memory of instance types cannot be the measure: two ml.m5.xlarge are 32 GiB of limits, and a model
of some megabytes uses none of it. What counts is the memory that is free now, less what was promised
to instances which have not had the time to use it. An instance is promised `min(limit, 384 MiB)`,
a PyTorch process with a small model, or twice its model's archive if that is more; the promise is
kept for a minute, and by then what the instance really uses shows in the machine's free memory.

Training instances also queue for processors: beyond four, or twice the cores, jobs wait as `Pending`
(in order of arrival; a job of more instances than that runs alone), where thirty of them at once
would only slow each other down. Endpoints do not wait: one that does not fit fails, as on AWS.

Worked example: 2 cores, 8 GiB of which 5 are free: four one-instance jobs train at once, the fifth
waits; the free 5 GiB are enough for 12 endpoint instances of small models.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from sagehen.domain.clock import Clock
from sagehen.domain.ports.compute.places import ANY, Demand, Needs, NoPlace, Places
from sagehen.domain.timeouts import timeout
from sagehen.executors.base import Limits

# A PyTorch process with a small model.
_USUAL_MIB = 384
# An archive's content is bigger than it, and is in memory once in the page cache, once loaded.
_MIB_PER_MODEL_MIB = 2
# Left to the platform, its clients and the file cache.
_RESERVE_SHARE = 0.05
# By then an instance uses what it is going to use: loading a model takes seconds here.
_SETTLED_AFTER_S = 60.0
# Memory is also freed by others, who tell nobody.
_LOOK_AGAIN_S = 0.5
# Fewer would let small examples wait on small machines; more only slow each other down.
_FEWEST_AT_ONCE = 4
_INSTANCES_PER_CPU = 2

# Limit and use of the platform's own cgroup, version 2 and 1, as a container sees them.
_CGROUP_FILES = (
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
)

# FailureReason in AWS's words, recorded in public repositories that look for them. Jobs and endpoints are
# worded differently.
TRAINING_REASON = (
    "CapacityError: Unable to provision requested ML compute capacity. "
    "Please retry using a different ML instance type."
)
# Ours. No InternalServerError: RetryStrategy's attempts would follow one another into the same full disk.
DISK_REASON = (
    "CapacityError: Unable to provision requested ML compute capacity. "
    "The disk of the machine that was to run it has no room for the job's files."
)
HOSTING_REASON = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. "
    "Please retry using a different ML instance type or after some time."
)


def is_disk_full(error: BaseException) -> bool:
    """Tell whether this machine's disk, or what its user may have of it, is full."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


class InsufficientCapacity(Exception):
    """This machine has not the memory, or no machine of the cluster the room."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Of the machine, in MiB."""

    total: int
    available: int


@dataclass(eq=False, slots=True)
class Lease:
    """What one job or endpoint instance was promised.

    Args:
        since: Monotonic.
        slots: Training instances.
        place: Under which name nodes of the cluster are reserved; None: there are none.
        nodes: One for each instance; None is the machine that the platform runs on.
        movable: Whether another machine would do.
    """

    mib: int
    since: float
    slots: int = 0
    place: str | None = None
    nodes: tuple[str | None, ...] = ()
    movable: bool = True


def need_mib(limits: Limits, model_bytes: int = 0) -> int:
    """Return what to set aside for one instance."""
    return min(limits.memory_mib, max(_USUAL_MIB, _MIB_PER_MODEL_MIB * model_bytes // 2**20))


def memory_of_host(cgroup: Path = Path("/sys/fs/cgroup")) -> Memory:
    """Return the machine's memory, or what is left of it to the container that the platform runs in."""
    seen = psutil.virtual_memory()
    total, available = seen.total, seen.available
    for limit_file, used_file in _CGROUP_FILES:
        try:
            limit = int((cgroup / limit_file).read_text())
            used = int((cgroup / used_file).read_text())
        except (OSError, ValueError):
            continue  # no such version here, or `max`
        # Files in the cache are counted as used, but are given up when memory is needed.
        statistics = (cgroup / used_file).with_name("memory.stat").read_text().split()
        cached = int(statistics[statistics.index("inactive_file") + 1])
        total, available = min(total, limit), min(available, limit - used + cached)
    return Memory(total // 2**20, available // 2**20)


class Capacity:
    """Keeps account of what was promised.

    Args:
        clock: The platform's.
        memory: What the machine has.
        cpus: Its processors.
        places: Machines of a cluster, whose room is the account there; None: this machine is all there is.
    """

    def __init__(
        self,
        clock: Clock,
        memory: Callable[[], Memory] = memory_of_host,
        cpus: int | None = None,
        places: Places | None = None,
    ) -> None:
        self._places = places
        self._clock = clock
        self._memory = memory
        self._most_slots = max(_FEWEST_AT_ONCE, _INSTANCES_PER_CPU * (cpus or len(os.sched_getaffinity(0))))
        self._leases: set[Lease] = set()
        self._queue: deque[object] = deque()
        self._released = asyncio.Event()

    def take(self, mib: int) -> Lease:
        """Promise memory now.

        Raises:
            InsufficientCapacity: It is not there.
        """
        if not self._has(mib):
            raise InsufficientCapacity
        return self._lend(mib, 0)

    async def take_place(self, name: str, group: str, mib: int, demand: Demand, needs: Needs = ANY) -> Lease:
        """Promise memory now, on a node that has the fewest instances of a group where there is a cluster.

        Args:
            name: Nobody else has it.

        Raises:
            InsufficientCapacity: There is none.
        """
        if self._places is None:
            return self.take(mib)
        try:
            node = await self._places.spread(name, group, demand, needs)
        except NoPlace:
            raise InsufficientCapacity from None
        movable = not needs.own and not needs.files
        return Lease(mib, self._clock.monotonic(), place=name, nodes=(node,), movable=movable)

    async def wait_for_places(
        self,
        name: str,
        demands: Sequence[Demand],
        mib_each: int,
        on_wait: Callable[[str], object],
        needs: Needs = ANY,
    ) -> Lease:
        """Wait until a job's instances can start, all together, wherever there is room.

        Args:
            name: Nobody else has it.
            demands: One for each instance.
            on_wait: Called once if they must wait, with what is in the way where there is a cluster.

        Raises:
            InsufficientCapacity: As `wait_for`; of a cluster nobody knows how it will grow.
        """
        if self._places is None:
            return await self.wait_for(len(demands), mib_each, lambda: on_wait(""))
        nodes = await self._places.together(name, demands, on_wait, needs)
        mib = mib_each * len(demands)
        return Lease(mib, self._clock.monotonic(), len(demands), place=name, nodes=nodes)

    async def wait_for(self, instances: int, mib_each: int, on_wait: Callable[[], object]) -> Lease:
        """Wait in line until a job's instances can start; `on_wait` is called if it must wait.

        Raises:
            InsufficientCapacity: They could not even on an empty machine.
        """
        if instances * mib_each > self._usable(self._memory().total):
            raise InsufficientCapacity
        ticket = object()
        self._queue.append(ticket)
        try:
            waited = False
            while not (self._queue[0] is ticket and self._may_train(instances, instances * mib_each)):
                if not waited:
                    waited = True
                    on_wait()
                await self._look_again()
            return self._lend(instances * mib_each, instances)
        finally:
            self._queue.remove(ticket)
            self._released.set()

    def give_back(self, lease: Lease) -> None:
        """End a lease; who waits is looked at again. May be called twice."""
        self._leases.discard(lease)
        if lease.place is not None and self._places is not None:
            self._places.give_back(lease.place)
        self._released.set()

    def is_leaving(self, lease: Lease) -> bool:
        """Whether a machine that it is on is being drained, and another one takes instances."""
        return lease.movable and self._places is not None and any(map(self._places.is_closing, lease.nodes))

    def on_places_changed(self, listener: Callable[[], object]) -> None:
        """Have a listener told whenever `is_leaving` may answer otherwise; never on a single machine."""
        if self._places is not None:
            self._places.on_change(listener)

    # --- the account --------------------------------------------------------------------------

    def _may_train(self, instances: int, mib: int) -> bool:
        taken = sum(lease.slots for lease in self._leases)
        return (taken == 0 or taken + instances <= self._most_slots) and self._has(mib)

    def _has(self, mib: int) -> bool:
        memory, now = self._memory(), self._clock.monotonic()
        promised = sum(lease.mib for lease in self._leases if now - lease.since < _SETTLED_AFTER_S)
        reserve = memory.total - self._usable(memory.total)
        return mib + promised <= memory.available - reserve

    def _usable(self, total: int) -> int:
        return int(total * (1 - _RESERVE_SHARE))

    def _lend(self, mib: int, slots: int) -> Lease:
        lease = Lease(mib, self._clock.monotonic(), slots)
        self._leases.add(lease)
        return lease

    async def _look_again(self) -> None:
        """Wait for a release; memory is also freed by others, who do not say so."""
        self._released.clear()
        try:
            async with timeout(_LOOK_AGAIN_S):
                await self._released.wait()
        except TimeoutError:
            pass
