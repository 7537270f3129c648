"""Fleet: the instances of an endpoint's variant, behind one breaker, as `sagehen.serving` has them.

Each instance works on `concurrency` requests at a time and keeps others in a line of its own; `slots` an
instance may be there at once, `queue` more wait in front of them all, further ones are refused. The router
chooses when a slot is free, not knowing how long what is there will take: so the last percent waits long.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush, heapreplace
from random import Random

from sagehen.serving.choice import RoutingStrategy, choose_replica
from sagehen.simulation.servers.tally import Tally


@dataclass(frozen=True, slots=True)
class FleetLimits:
    """What one variant takes on; the defaults are the platform's (`serving.replica_set.ServingLimits`).

    Args:
        concurrency: Requests that one instance works on at a time: its model server's workers.
        slots: Requests that may be at one instance, worked on or waiting there.
        queue: Requests that wait when all slots are taken.
        timeout_s: From arrival to answer.
        strategy: SageMaker's RoutingStrategy.
    """

    concurrency: int = 1
    slots: int = 64
    queue: int = 256
    timeout_s: float = 60.0
    strategy: RoutingStrategy = "RANDOM"


class Instance:
    """One instance: when each of its workers is free, and how many requests it has."""

    __slots__ = ("free", "outstanding")

    def __init__(self, concurrency: int, now: float) -> None:
        self.free = [now] * concurrency  # a heap
        self.outstanding = 0


class Fleet:
    """Serves arrivals in order of time.

    Args:
        limits: See there.
        services: Seconds of work, drawn from in turn; they begin again at the end.
        random: For the router.
    """

    def __init__(self, limits: FleetLimits, services: Sequence[float], random: Random) -> None:
        self._limits = limits
        self._services = services
        self._next = random.randrange(len(services))
        self._random = random
        self._instances: list[Instance] = []
        # (when it leaves, order, instance, for how many it then counts): one for each in flight.
        self._leaving: list[tuple[float, int, Instance, float]] = []
        self._order = 0
        self._waiting: deque[tuple[float, float, float]] = deque()
        self._in_flight = 0
        self._slots = 0
        self.tally = Tally()
        self._weight = 1.0  # of what is in the lists
        self._waits: list[float] = []
        self._latencies: list[float] = []
        self.asked = 0
        """How often `ask` was called since somebody set it to 0."""
        self.per_instance = 0.0
        """Requests that ended, each counted as 1/instances: InvocationsPerInstance."""

    @property
    def size(self) -> int:
        """Instances that take requests."""
        return len(self._instances)

    @property
    def outstanding(self) -> int:
        """Requests that are there or wait."""
        return self._in_flight + len(self._waiting)

    @property
    def is_full(self) -> bool:
        """Tell whether almost every further request would be refused."""
        return len(self._waiting) >= 0.9 * self._limits.queue and self._in_flight >= self._slots

    def add(self, now: float) -> None:
        """Let one more instance take requests; those that wait enter."""
        self.pass_to(now)
        self._instances.append(Instance(self._limits.concurrency, now))
        self._slots += self._limits.slots
        self._admit(now)

    def remove(self, now: float) -> float:
        """Take the newest instance out of the rotation; return when it will have answered what it has."""
        self.pass_to(now)
        leaving = self._instances.pop()
        self._slots -= self._limits.slots
        return max((at for at, _, instance, _ in self._leaving if instance is leaving), default=now)

    def serve(self, arrivals: Sequence[float], weight: float = 1.0) -> None:
        """Take requests.

        Args:
            arrivals: Seconds, rising, none before what was served already.
            weight: For how many requests each of them stands.
        """
        if weight != self._weight:
            self._count()
            self._weight = weight
        if not self._flow(arrivals, weight):
            self._line_up(arrivals, weight)

    def ask(self, now: float, weight: float) -> float:
        """Take one request of a function, which waits for the answer; return after how many seconds it comes.

        The line is that of an instance from the beginning, also where all slots are taken: how long it will
        be must be known now. Who is refused is answered at once.
        """
        if weight != self._weight:
            self._count()
            self._weight = weight
        self.pass_to(now)
        self.tally.arrived += weight
        self.asked += 1
        if not self._instances or self._in_flight >= self._slots + self._limits.queue:
            self.tally.overloaded += weight
            return 0.0
        service = self._services[self._next]
        self._next = (self._next + 1) % len(self._services)
        return self._enter(now, now, service, weight) - now

    def _flow(self, arrivals: Sequence[float], weight: float) -> bool:
        """Serve arrivals that find a slot at once, five times as fast; False where one may find none.

        Nobody has to be told then when a request leaves: when each worker is free says it all.
        """
        count, instances = len(arrivals), self._instances
        if not count or not instances or self._waiting:
            return False
        if len(instances) > 1 and self._limits.strategy != "RANDOM":
            return False
        before, state, first = [list(one.free) for one in instances], self._random.getstate(), self._next
        services = self._drawn(count)
        free = [one.free for one in instances]
        if len(free) == 1:
            choices = free * count
        else:
            draw, most = self._random.random, len(free)
            choices = [free[int(draw() * most)] for _ in range(count)]  # as choose_replica does
        begins: list[float] = []
        begin = begins.append
        for now, service, workers in zip(arrivals, services, choices, strict=True):
            at = workers[0]
            if at < now:
                at = now
            begin(at)
            heapreplace(workers, at + service)
        ends = [at + service for at, service in zip(begins, services, strict=True)]
        latencies = [end - now for end, now in zip(ends, arrivals, strict=True)]
        if not self._had_room(arrivals, max(latencies)):
            for one, workers in zip(instances, before, strict=True):
                one.free = workers
            self._random.setstate(state)
            self._next = first
            return False
        self._waits += [at - now for at, now in zip(begins, arrivals, strict=True)]
        self._latencies += latencies
        self.tally.arrived += count * weight
        self._leave_later(arrivals[-1], ends, choices, 1.0 if weight == 1 else 0.0)
        return True

    def _drawn(self, count: int) -> list[float]:
        """Draw so many seconds of work."""
        services, first = self._services, self._next
        drawn = list(services[first : first + count])
        while len(drawn) < count:
            drawn += services[: count - len(drawn)]
        self._next = (first + count) % len(services)
        return drawn

    def _had_room(self, arrivals: Sequence[float], longest: float) -> bool:
        """Tell whether a slot was free for each: no more are there at once than came in the longest stay."""
        if longest > self._limits.timeout_s:
            return False
        room = self._slots - self._in_flight
        if len(arrivals) <= room:
            return True
        # Whoever is `room` places ahead has left before this one comes.
        return room > 0 and all(
            later - earlier > longest for earlier, later in zip(arrivals, arrivals[room:], strict=False)
        )

    def _leave_later(self, now: float, ends: list[float], choices: list[list[float]], counts: float) -> None:
        """Write down who is still there at `now`, and count who left."""
        owners = {id(one.free): one for one in self._instances}
        self.pass_to(now)
        there = [(end, workers) for end, workers in zip(ends, choices, strict=True) if end > now]
        for end, workers in there:
            self._order += 1
            instance = owners[id(workers)]
            instance.outstanding += 1
            self._leaving.append((end, self._order, instance, counts))
        heapify(self._leaving)
        self._in_flight += len(there)
        self.per_instance += (len(ends) - len(there)) * counts / len(self._instances)

    def _line_up(self, arrivals: Sequence[float], weight: float) -> None:
        """Serve arrivals one by one, through the breaker and its queue."""
        tally, leaving, waiting = self.tally, self._leaving, self._waiting
        services, most = self._services, len(self._services)
        queue = self._limits.queue
        refused = 0
        for now in arrivals:
            if leaving and leaving[0][0] <= now:
                self.pass_to(now)
            number = self._next
            self._next = number + 1 if number + 1 < most else 0
            if not waiting and self._in_flight < self._slots:
                self._enter(now, now, services[number], weight)
            elif self._instances and len(waiting) < queue:
                waiting.append((now, services[number], weight))
            else:
                refused += 1
        tally.arrived += len(arrivals) * weight
        tally.overloaded += refused * weight
        if self._instances and weight == 1:  # the platform counts refusals as invocations, too
            self.per_instance += refused / len(self._instances)

    def pass_to(self, now: float) -> None:
        """Let time pass: answers go out, and who waits enters."""
        leaving = self._leaving
        while leaving and leaving[0][0] <= now:
            at, _, instance, counts = heappop(leaving)
            instance.outstanding -= 1
            self._in_flight -= 1
            if counts:
                self.per_instance += counts / (len(self._instances) or 1)
            if self._waiting:
                self._admit(at)

    def skip(self, seconds: float) -> None:
        """Let time pass in which everything stays as it is: what is there is there so much later."""
        self._leaving = [(at + seconds, order, one, counts) for at, order, one, counts in self._leaving]
        for instance in self._instances:
            instance.free = [at + seconds for at in instance.free]
        self._waiting = deque((at + seconds, service, weight) for at, service, weight in self._waiting)

    def _admit(self, now: float) -> None:
        waiting = self._waiting
        while waiting and self._in_flight < self._slots:
            arrived, service, weight = waiting.popleft()
            if now - arrived >= self._limits.timeout_s:
                self.tally.timed_out += weight
            else:
                self._enter(now, arrived, service, weight)

    def _enter(self, now: float, arrived: float, service: float, weight: float) -> float:
        """Give a request to an instance; return when it leaves."""
        instance = self._chosen()
        instance.outstanding += 1
        self._in_flight += 1
        self._order += 1
        free = instance.free
        begins = free[0] if free[0] > now else now
        ends = begins + service
        deadline = arrived + self._limits.timeout_s
        if ends <= deadline:
            heapreplace(free, ends)
            self._waits.append(begins - arrived)
            self._latencies.append(ends - arrived)
        else:
            # Who gives up while it waits takes no worker's time; work that has begun is done to its end.
            if begins < deadline:
                heapreplace(free, ends)
            ends = deadline
            self.tally.timed_out += weight
        # The platform counts an invocation when it ends. Those that stand for others are counted by who drew
        # them, who knows better how many came.
        heappush(self._leaving, (ends, self._order, instance, 1.0 if weight == 1 else 0.0))
        return ends

    def _chosen(self) -> Instance:
        instances = self._instances
        if len(instances) == 1:
            return instances[0]
        u = self._random.random()
        if self._limits.strategy == "RANDOM":  # what choose_replica does, without its list of pairs
            return instances[int(u * len(instances))]
        chosen = choose_replica([(one, one.outstanding) for one in instances], self._limits.strategy, u)
        assert chosen is not None
        return chosen

    def _count(self) -> None:
        self.tally.answered += len(self._waits) * self._weight
        self.tally.waits.add(self._waits, self._weight)
        self.tally.latencies.add(self._latencies, self._weight)
        self._waits, self._latencies = [], []

    def count_invocations(self, count: float) -> None:
        """Count so many for the metric, of which only a sample was served."""
        if self._instances:
            self.per_instance += count / len(self._instances)

    def take_tally(self) -> Tally:
        """Return what was counted since the last time."""
        self._count()
        taken, self.tally = self.tally, Tally()
        return taken
