"""Environments: what runs a function's invocations, found in the order in which the platform looks.

A free provisioned environment of the qualifier; else, as far as reserved and account's concurrency go, the
on-demand one that was used last; else a new one, unless another comes free before. Nobody waits: 429.
Counting and rates are `sagehen.concurrency`'s own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random

from sagehen.concurrency.counting import NEW_ENVIRONMENTS, NEW_ENVIRONMENTS_PER_S, Shares, TokenBucket
from sagehen.simulation.servers.premises import NAME, Premises
from sagehen.simulation.servers.tally import Tally

# What an invocation calls when its work begins: (moment, weight) -> seconds until the answer.
Ask = Callable[[float, float], float]
_ON_DEMAND, _PROVISIONED, _STARTED = 0, 1, 2


@dataclass(slots=True)
class _Cold:
    """An invocation that waits for an environment; `over` once it has one, or was refused one."""

    arrived: float
    service: float
    weight: float
    over: bool = False


class Environments:
    """Runs invocations in order of time.

    Args:
        premises: See there.
        reserved: The function's reservation, if it has one.
        services: Seconds of work, drawn from in turn.
        inits: Seconds of a cold start, likewise.
        random: Where in them to begin.
        ask: Adds to each what it waits for beside its own work; asked in order of time.
    """

    def __init__(
        self,
        premises: Premises,
        reserved: int | None,
        services: Sequence[float],
        inits: Sequence[float],
        random: Random,
        ask: Ask | None = None,
    ) -> None:
        self._premises = premises
        self._reserved = reserved
        timeout = premises.timeout_s
        self._services = [min(service, timeout) for service in services]
        self._ask = ask
        self._times_out = max(services) > timeout or ask is not None
        self._inits = inits
        self._next, self._next_init = random.randrange(len(services)), random.randrange(len(inits))
        self._provisioned = self._free = 0
        self._scaling = TokenBucket(NEW_ENVIRONMENTS, NEW_ENVIRONMENTS_PER_S, 0.0)
        rate = self.shares.rate(NAME, premises.limits)
        self._rate = TokenBucket(rate, rate, 0.0)
        self._idle: deque[float] = deque()  # since when; the one used last at the end
        self._busy = 0
        self._ceiling = self._counted_ceiling()
        self._cold: deque[_Cold] = deque()  # who waits and takes what comes free before
        self._to_start: deque[_Cold] = deque()  # whose start waits for others'
        self._starting: dict[int, _Cold] = {}
        self._starts = 0
        self._ending: list[tuple[float, int, int]] = []  # when, what, which start
        self.tally = Tally()
        self._weight = 1.0  # of what is in the list
        self._warm: list[float] = []  # latencies of those that waited for nothing

    @property
    def shares(self) -> Shares:
        """What is cut out of the account's concurrency."""
        return self._premises.shares(self._reserved, self._provisioned)

    @property
    def busy(self) -> int:
        """Environments that work, and invocations that wait for one."""
        return self._busy + self._provisioned - self._free

    @property
    def warm(self) -> int:
        """On-demand environments that are there or start."""
        return len(self._idle) + self._busy

    @property
    def utilization(self) -> float | None:
        """Which share of the provisioned ones works; None without any."""
        return (self._provisioned - self._free) / self._provisioned if self._provisioned else None

    def provision(self, wanted: int, now: float) -> None:
        """Have so many provisioned environments from now on; those that work end when they are done."""
        self.pass_to(now)
        self._free += wanted - self._provisioned
        self._provisioned = wanted
        self._ceiling = self._counted_ceiling()

    def _counted_ceiling(self) -> int:
        """Return how many may be busy on demand: what `refusal` compares with, less what others have busy."""
        ceiling = self.shares.on_demand(NAME, self._premises.limits)
        return ceiling if self._reserved is not None else ceiling - self._premises.others

    def serve(self, arrivals: Sequence[float], weight: float = 1.0) -> None:
        """Take invocations.

        Args:
            arrivals: Seconds, rising, none before what was served already.
            weight: For how many invocations each of them stands. A cold start stands for itself alone: there
                are as many as environments are missing, however many invocations come.
        """
        if weight != self._weight:
            self._count()
            self._weight = weight
        ending, services, idle, most = self._ending, self._services, self._idle, len(self._services)
        ask = self._ask
        ready: list[float] = []
        warm: list[float] = []
        throttled = cold = 0
        for now in arrivals:
            if ending and ending[0][0] <= now:
                self.pass_to(now)
            number = self._next
            self._next = number + 1 if number + 1 < most else 0
            service = services[number]
            if self._free > 0:
                if ask is not None:
                    service = self._with_answer(service, now, weight)
                self._free -= 1
                ready.append(service)
                heappush(ending, (now + service, _PROVISIONED, 0))
            # As Seats.take: `refusal` compares with this ceiling, then comes the rate.
            elif self._busy >= self._ceiling or not self._rate.take(now):
                throttled += 1
            else:
                self._busy += 1
                if idle:
                    if ask is not None:
                        service = self._with_answer(service, now, weight)
                    idle.pop()
                    warm.append(service)
                    heappush(ending, (now + service, _ON_DEMAND, 0))
                else:
                    cold += 1
                    self._start(_Cold(now, service, weight), now)
        self._warm += ready
        self._warm += warm
        tally = self.tally
        tally.arrived += len(arrivals) * weight
        tally.throttled += throttled * weight
        tally.provisioned += len(ready) * weight
        tally.provisioned_work_s += sum(ready) * weight
        tally.work_s += sum(warm) * weight
        if self._provisioned:
            tally.spilled += (len(warm) + cold) * weight

    def pass_to(self, now: float) -> None:
        """Let time pass: environments come free, or are ready."""
        ending = self._ending
        while ending and ending[0][0] <= now:
            at, kind, start = heappop(ending)
            if kind == _PROVISIONED:
                self._free += 1
            elif kind == _ON_DEMAND:
                self._busy -= 1
                self._keep(at)
            else:
                self._started(at, start)

    def expire(self, now: float) -> None:
        """End environments that were idle for long."""
        idle, before = self._idle, now - self._premises.idle_s
        while idle and idle[0] < before:
            idle.popleft()

    def skip(self, seconds: float) -> None:
        """Let time pass in which everything stays as it is, but idle environments grow older."""
        self._ending = [(at + seconds, kind, start) for at, kind, start in self._ending]
        self._rate.skip(seconds)
        for cold in self._cold:
            cold.arrived += seconds

    def _start(self, cold: _Cold, now: float) -> None:
        self._cold.append(cold)
        limit = self._premises.starts_at_once
        if limit is not None and len(self._starting) >= limit:
            self._to_start.append(cold)
        else:
            self._begin_start(cold, now)

    def _begin_start(self, cold: _Cold, now: float) -> bool:
        if not self._scaling.take(now):
            cold.over = True
            self._busy -= 1
            self.tally.throttled += cold.weight
            return False
        init = self._inits[self._next_init]
        self._next_init = (self._next_init + 1) % len(self._inits)
        self._starts += 1
        self._starting[self._starts] = cold
        heappush(self._ending, (now + init, _STARTED, self._starts))
        self.tally.work_s += init  # INIT is billed
        return True

    def _started(self, now: float, start: int) -> None:
        cold = self._starting.pop(start)
        if cold.over:  # it found another one first; this one is kept
            self._keep(now)
        else:
            self._take(now, cold)
        while self._to_start:
            following = self._to_start.popleft()
            if not following.over and self._begin_start(following, now):
                break

    def _keep(self, now: float) -> None:
        while self._cold:
            cold = self._cold.popleft()
            if not cold.over:
                self._take(now, cold)
                return
        self._idle.append(now)

    def _with_answer(self, service: float, now: float, weight: float) -> float:
        assert self._ask is not None
        return min(service + self._ask(now, weight), self._premises.timeout_s)

    def _take(self, now: float, cold: _Cold) -> None:
        cold.over = True
        if self._ask is not None:
            cold.service = self._with_answer(cold.service, now, cold.weight)
        heappush(self._ending, (now + cold.service, _ON_DEMAND, 0))
        tally, wait, others = self.tally, now - cold.arrived, cold.weight - 1
        tally.cold += 1
        tally.work_s += cold.service * cold.weight
        if cold.service >= self._premises.timeout_s and self._times_out:
            tally.timed_out += cold.weight
            return
        tally.answered += cold.weight
        tally.waits.add([wait], 1.0)
        tally.latencies.add([wait + cold.service], 1.0)
        if others:
            tally.waits.add([0.0], others)
            tally.latencies.add([cold.service], others)

    def _count(self) -> None:
        warm, tally = self._warm, self.tally
        if self._times_out:
            limit = self._premises.timeout_s
            warm = [one for one in warm if one < limit]
            tally.timed_out += (len(self._warm) - len(warm)) * self._weight
        tally.answered += len(warm) * self._weight
        tally.waits.add_none(len(warm) * self._weight)
        tally.latencies.add(warm, self._weight)
        self._warm = []

    def take_tally(self) -> Tally:
        """Return what was counted since the last time."""
        self._count()
        taken, self.tally = self.tally, Tally()
        return taken
