"""ReplicaSet: the instances of one variant, behind one breaker.

What happens to a request when its instance dies: if the instance cannot have seen it (the
connection was refused or already closed), it goes to another one, as often as there are others.
If it was under way, it is sent again to another instance once: inference has no lasting effect,
and a caller who would have to repeat it gains nothing from an error. A handler that does have
effects may therefore see one request twice, on two instances, if the first dies under it.

A request of a stateful session is for one instance alone: it is sent there, once, or fails.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.serving.breaker import Breaker, BreakerFull
from sagehen.serving.choice import RoutingStrategy, choose_replica
from sagehen.serving.connection import ConnectionClosed, ReplicaResponse
from sagehen.serving.errors import (
    InvocationTimeout,
    NoHealthyReplica,
    Overloaded,
    ReplicaLost,
    SessionLost,
)
from sagehen.serving.replica import Replica
from sagehen.serving.stream import ReplicaStream

T = TypeVar("T")
# `Replica.request` or `Replica.open_stream`.
Ask = Callable[[Replica, bytes, bytes, Mapping[str, str], bytes, float], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class ServingLimits:
    """How much one variant takes on.

    Args:
        requests_per_replica: In flight at one instance; enough for its model server to form batches.
        queue: How many wait when all instances are at that limit.
        timeout_s: From entering the queue to the last byte of the answer; SageMaker's is 60.
    """

    requests_per_replica: int = 64
    queue: int = 256
    timeout_s: float = 60.0


class ReplicaSet:
    """Sends a request to one healthy instance.

    Args:
        on_suspect: Told the id of an instance that broke a connection: its health is checked at once.
    """

    def __init__(
        self,
        variant: str,
        *,
        strategy: RoutingStrategy,
        limits: ServingLimits,
        clock: Clock,
        ids: Ids,
        on_suspect: Callable[[str], None] = lambda replica_id: None,
    ) -> None:
        self.variant = variant
        self.strategy = strategy
        self._limits = limits
        self._clock = clock
        self._ids = ids
        self._on_suspect = on_suspect
        self._replicas: dict[str, Replica] = {}
        self._breaker = Breaker(0, limits.queue)

    @property
    def replica_ids(self) -> tuple[str, ...]:
        return tuple(self._replicas)

    @property
    def outstanding(self) -> int:
        return self._breaker.in_flight + self._breaker.waiting

    def serves(self, replica_id: str) -> bool:
        """Tell whether requests may be sent to this instance."""
        replica = self._replicas.get(replica_id)
        return replica is not None and not replica.draining

    def add(self, replica: Replica) -> None:
        self._replicas[replica.replica_id] = replica
        self._resize()

    def remove(self, replica_id: str) -> Replica | None:
        """Send it nothing more; what is in flight there goes on."""
        replica = self._replicas.pop(replica_id, None)
        self._resize()
        return replica

    def _resize(self) -> None:
        self._breaker.resize(len(self._replicas) * self._limits.requests_per_replica)

    async def invoke(
        self, headers: Mapping[str, str], body: bytes, replica_id: str | None = None
    ) -> ReplicaResponse:
        """POST /invocations to one instance and return its answer, whatever its status.

        Args:
            replica_id: The instance that holds the request's session: no other will do.

        Raises:
            NoHealthyReplica, Overloaded, InvocationTimeout, ReplicaLost, SessionLost.
        """
        deadline = await self._enter(replica_id)
        try:
            return await self._send(Replica.request, headers, body, deadline, replica_id)
        finally:
            self._breaker.leave()

    async def invoke_stream(
        self, headers: Mapping[str, str], body: bytes, replica_id: str | None = None
    ) -> ReplicaStream:
        """POST /invocations to one instance and return its answer as soon as it begins.

        The slot is held until the stream is closed. A stream that breaks off is not begun again.

        Raises:
            NoHealthyReplica, Overloaded, InvocationTimeout, ReplicaLost, SessionLost.
        """
        deadline = await self._enter(replica_id)
        try:
            stream = await self._send(Replica.open_stream, headers, body, deadline, replica_id)
        except BaseException:
            self._breaker.leave()
            raise
        stream.call_on_close(self._breaker.leave)
        return stream

    async def _enter(self, replica_id: str | None) -> float:
        """Take a slot of the breaker; return until when there must be an answer."""
        if replica_id is not None and not self.serves(replica_id):
            raise SessionLost("its instance is gone", self.variant)
        if not self._replicas:
            raise NoHealthyReplica("no instance is in service", self.variant)
        deadline = self._clock.monotonic() + self._limits.timeout_s
        try:
            await self._breaker.enter()
        except BreakerFull:
            raise Overloaded("every instance is busy and the queue is full", self.variant) from None
        return deadline

    async def _send(
        self,
        ask: Ask[T],
        headers: Mapping[str, str],
        body: bytes,
        deadline: float,
        replica_id: str | None,
    ) -> T:
        if replica_id is not None:
            return await self._send_to(replica_id, ask, headers, body, deadline)
        tried: set[str] = set()
        resent = False
        while True:
            replica = self._choose(tried)
            if replica is None:
                if resent:
                    raise ReplicaLost("the instance ended while it held the request", self.variant)
                raise NoHealthyReplica("no instance is in service", self.variant)
            remaining_s = max(deadline - self._clock.monotonic(), 0.001)
            try:
                return await ask(replica, b"POST", b"/invocations", headers, body, remaining_s)
            except TimeoutError:
                raise InvocationTimeout("no answer in time", self.variant) from None
            except ConnectionClosed as closed:
                tried.add(replica.replica_id)
                self._on_suspect(replica.replica_id)
                if closed.began and resent:
                    raise ReplicaLost(
                        "two instances ended while they held the request", self.variant
                    ) from None
                resent = resent or closed.began

    async def _send_to(
        self, replica_id: str, ask: Ask[T], headers: Mapping[str, str], body: bytes, deadline: float
    ) -> T:
        if not self.serves(replica_id):  # it was gone when a slot came free
            raise SessionLost("its instance is gone", self.variant)
        remaining_s = max(deadline - self._clock.monotonic(), 0.001)
        try:
            return await ask(self._replicas[replica_id], b"POST", b"/invocations", headers, body, remaining_s)
        except TimeoutError:
            raise InvocationTimeout("no answer in time", self.variant) from None
        except ConnectionClosed as closed:
            self._on_suspect(replica_id)
            if closed.began:
                raise ReplicaLost("the instance ended while it held the request", self.variant) from None
            raise SessionLost("its instance cannot be reached", self.variant) from None

    def _choose(self, tried: set[str]) -> Replica | None:
        candidates = [
            (replica, replica.outstanding)
            for key, replica in self._replicas.items()
            if key not in tried and not replica.draining
        ]
        return choose_replica(candidates, self.strategy, self._ids.uniform())
