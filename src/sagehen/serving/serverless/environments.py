"""ServerlessSet: the environments of one serverless variant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.serving.attempt import Attempt, Displaced
from sagehen.serving.body import Body
from sagehen.serving.connection import ConnectionClosed
from sagehen.serving.errors import InvocationFailed, InvocationTimeout, NotReady, ReplicaLost, Throttled
from sagehen.serving.replica import Replica
from sagehen.serving.replica_set import Ask, ReplicaSet, ServingLimits
from sagehen.serving.serverless import demand
from sagehen.serving.serverless.demand import Concurrency
from sagehen.serving.stream import ReplicaStream

T = TypeVar("T")


class ServerlessSet(ReplicaSet):
    """Sends each request to an environment of its own, and asks for one where none is free.

    A request that was taken on waits for its environment; only its deadline ends that. One whose environment
    broke off goes to another once, as with instances, and the broken one ends.

    Args:
        limits: For the deadline alone.
        periods: The clock on which environments are idle.
        on_demand: Told that a request waits for an environment.
        record: Takes what AWS's metrics say of provisioned concurrency, one count at a time.
    """

    def __init__(
        self,
        variant: str,
        *,
        concurrency: Concurrency,
        limits: ServingLimits,
        clock: Clock,
        periods: Clock,
        ids: Ids,
        on_suspect: Callable[[str], None] = lambda replica_id: None,
        on_demand: Callable[[], None] = lambda: None,
        record: Callable[[str], None] = lambda name: None,
    ) -> None:
        super().__init__(
            variant,
            strategy="LEAST_OUTSTANDING_REQUESTS",
            # Who may wait at all is decided by `_admit`.
            limits=ServingLimits(1, 1_000_000, limits.timeout_s),
            clock=clock,
            ids=ids,
            on_suspect=on_suspect,
        )
        self.concurrency = concurrency
        self._periods = periods
        self._on_demand = on_demand
        self._tell = record
        self._idle_since: dict[str, float] = {}  # the last one used last
        self._peak = 0

    @property
    def is_manned(self) -> bool:
        return True  # by whoever is started for a request

    def add(self, replica: Replica) -> None:
        """Take an environment in; the longest waiting request gets it."""
        self._idle_since[replica.replica_id] = self._periods.monotonic()
        super().add(replica)

    def remove(self, replica_id: str) -> Replica | None:
        """Send it nothing more."""
        self._idle_since.pop(replica_id, None)
        return super().remove(replica_id)

    # --- for the control plane ---------------------------------------------------------------

    def wanted(self, starting: int) -> int:
        """Return how many environments there should be now, with those that start."""
        return demand.wanted(self.concurrency, self.outstanding, len(self._replicas) + starting)

    def idle_for_too_long(self) -> list[str]:
        """Return the environments that are to end."""
        now, there = self._periods.monotonic(), len(self._replicas)
        return demand.idle_for_too_long(self.concurrency, self._idle_since, there, now, demand.KEPT_S)

    def next_look(self) -> float | None:
        """Return when `idle_for_too_long` has something new to say (monotonic, of `periods`)."""
        now, there = self._periods.monotonic(), len(self._replicas)
        return demand.next_look(self.concurrency, self._idle_since, there, now, demand.KEPT_S)

    def peak(self) -> int:
        """Return the most requests at once since the last look."""
        peak, self._peak = max(self._peak, self.outstanding), self.outstanding
        return peak

    # --- requests ----------------------------------------------------------------------------

    async def _enter(self, replica_id: str | None, attempt: Attempt) -> None:
        """As `ReplicaSet._enter`; how long an environment is waited for is noted.

        Raises:
            Throttled: As many requests are under way as may be.
            NotReady: No environment in time.
        """
        began = self._clock.monotonic()
        await super()._enter(replica_id, attempt)
        attempt.waited_s += self._clock.monotonic() - began

    def _admit(self, attempt: Attempt) -> None:
        if not attempt.moved:
            under_way = self.outstanding
            if under_way >= self.concurrency.most:
                raise Throttled("as many requests are under way as may be", self.variant)
            self._peak = max(self._peak, under_way + 1)
            if provisioned := self.concurrency.provisioned:
                spills = under_way >= provisioned
                self._tell("SpilloverInvocations" if spills else "Executions")
        if not self._idle_since:
            self._on_demand()

    def _not_in_time(self) -> InvocationFailed:
        if self._replicas:
            return InvocationTimeout("no environment was free in time", self.variant)
        return NotReady("no environment came up in time", self.variant)

    async def _send(
        self,
        ask: Ask[T],
        headers: Mapping[str, str],
        body: Body,
        attempt: Attempt,
        replica_id: str | None,
        model: str | None = None,
    ) -> T:
        if not self._idle_since:  # it ended in the moment in which the request was let in
            await asyncio.sleep(0)
            attempt.moved = True
            raise Displaced
        chosen, _ = self._idle_since.popitem()
        replica, kept = self._replicas[chosen], False
        try:
            answer = await ask(replica, b"POST", b"/invocations", headers, body, self._remaining_s(attempt))
            if isinstance(answer, ReplicaStream):
                kept = True
                answer.call_on_close(lambda: self._free(chosen))
            return answer
        except TimeoutError:
            raise InvocationTimeout("no answer in time", self.variant) from None
        except ConnectionClosed as closed:
            self.remove(chosen)
            self._on_suspect(chosen)
            if closed.began and attempt.resent:
                text = "two environments ended while they held the request"
                raise ReplicaLost(text, self.variant) from None
            attempt.resent = attempt.resent or closed.began
            attempt.moved = True
            raise Displaced from None
        finally:
            if not kept:
                self._free(chosen)

    def _free(self, replica_id: str) -> None:
        if replica_id in self._replicas:
            self._idle_since[replica_id] = self._periods.monotonic()
