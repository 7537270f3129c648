"""ReplicaSet: the instances of one variant, behind one breaker.

What happens to a request when its instance dies: if the instance cannot have seen it (the
connection was refused or already closed), it goes to another one, as often as there are others.
If it was under way, it is sent again to another instance once: inference has no lasting effect,
and a caller who would have to repeat it gains nothing from an error. A handler that does have
effects may therefore see one request twice, on two instances, if the first dies under it.

A request of a stateful session is for one instance alone: it is sent there, once, or fails.

Every request ends: waiting and answer together have one deadline, and when the set has no instance left
or is taken out of the rotation, who waits in it is Displaced and stands in line where the router says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.serving.attempt import Attempt, Displaced
from sagehen.serving.body import Body
from sagehen.serving.breaker import Breaker, BreakerFull, Dismissed
from sagehen.serving.choice import RoutingStrategy, choose_replica
from sagehen.serving.connection import ConnectionClosed, ReplicaResponse
from sagehen.serving.errors import (
    InvocationFailed,
    InvocationTimeout,
    ModelNotLoaded,
    ModelUnavailable,
    NoHealthyReplica,
    NotMultiModel,
    NotReady,
    Overloaded,
    ReplicaLost,
    SessionLost,
)
from sagehen.serving.multimodel.choice import choose_for_model
from sagehen.serving.replica import Replica
from sagehen.serving.stream import ReplicaStream

T = TypeVar("T")
# The header that names a model, for the container and on the way to it. Documented: SageMaker Developer
# Guide, contract for custom containers to serve multiple models.
TARGET_MODEL = "x-amzn-sagemaker-target-model"
# `Replica.request` or `Replica.open_stream`.
Ask = Callable[[Replica, bytes, bytes, Mapping[str, str], Body, float], Awaitable[T]]


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
        multi_model: Whether its instances serve several models; requests name one in a header.
        is_direct: Whether they have several containers, of which requests name one.
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
        multi_model: bool = False,
        is_direct: bool = False,
    ) -> None:
        self.variant = variant
        self.multi_model = multi_model
        self.is_direct = is_direct
        self.strategy = strategy
        self._limits = limits
        self._clock = clock
        self._ids = ids
        self._on_suspect = on_suspect
        self._replicas: dict[str, Replica] = {}
        self._expected: set[str] = set()
        self._breaker = Breaker(0, limits.queue)
        self._in_rotation = True

    @property
    def replica_ids(self) -> tuple[str, ...]:
        return tuple(self._replicas)

    @property
    def is_manned(self) -> bool:
        """Whether somebody is there to answer, or comes when there is a request."""
        return bool(self._replicas)

    @property
    def outstanding(self) -> int:
        return self._breaker.in_flight + self._breaker.waiting

    def serves(self, replica_id: str) -> bool:
        """Tell whether requests may be sent to this instance."""
        replica = self._replicas.get(replica_id)
        return replica is not None and not replica.draining

    def expect(self, replica_id: str) -> None:
        """It served before the platform was started again, and will: until it is added or removed, new
        requests wait for it."""
        self._expected.add(replica_id)

    def add(self, replica: Replica) -> None:
        """Send it requests from now on; as many more may be in flight, and those that wait enter."""
        self._expected.discard(replica.replica_id)
        self._replicas[replica.replica_id] = replica
        self._resize()

    def remove(self, replica_id: str) -> Replica | None:
        """Send it nothing more; what is in flight there goes on."""
        self._expected.discard(replica_id)
        replica = self._replicas.pop(replica_id, None)
        self._resize()
        # Whose slot nobody would ever give back, and whose session's instance this was.
        self._breaker.dismiss()
        return replica

    def put_in_rotation(self, in_rotation: bool) -> None:
        """Say whether new requests come here; when they no longer do, the waiting ones leave, too."""
        if self._in_rotation and not in_rotation:
            self._breaker.dismiss()
        self._in_rotation = in_rotation

    def _resize(self) -> None:
        self._breaker.resize(len(self._replicas) * self._limits.requests_per_replica)

    async def invoke(
        self,
        headers: Mapping[str, str],
        body: Body,
        replica_id: str | None = None,
        attempt: Attempt | None = None,
    ) -> ReplicaResponse:
        """POST /invocations to one instance and return its answer, whatever its status.

        Args:
            replica_id: The instance that holds the request's session: no other will do.
            attempt: What it has behind it, from other sets.

        Raises:
            NoHealthyReplica, Overloaded, InvocationTimeout, ReplicaLost, SessionLost.
            Displaced: There is nobody left here to wait for; not with a `replica_id`.
        """
        attempt = attempt or Attempt()
        await self._enter(replica_id, attempt)
        try:
            if (model := headers.get(TARGET_MODEL)) is not None:
                response = await self._send_to_model(model, headers, body, attempt)
            else:
                response = await self._send(_request, headers, body, attempt, replica_id)
        finally:
            self._breaker.leave()
        response.waited_s = attempt.waited_s
        return response

    async def invoke_stream(
        self,
        headers: Mapping[str, str],
        body: Body,
        replica_id: str | None = None,
        attempt: Attempt | None = None,
    ) -> ReplicaStream:
        """POST /invocations to one instance and return its answer as soon as it begins.

        The slot is held until the stream is closed. A stream that breaks off is not begun again.

        Raises:
            NoHealthyReplica, Overloaded, InvocationTimeout, ReplicaLost, SessionLost, Displaced.
        """
        attempt = attempt or Attempt()
        await self._enter(replica_id, attempt)
        try:
            stream = await self._send(_open_stream, headers, body, attempt, replica_id)
        except BaseException:
            self._breaker.leave()
            raise
        stream.call_on_close(self._breaker.leave)
        return stream

    async def _send_to_model(
        self, model: str, headers: Mapping[str, str], body: Body, attempt: Attempt
    ) -> ReplicaResponse:
        if not self.multi_model:
            raise NotMultiModel("it serves one model", self.variant)

        def ask(
            replica: Replica, method: bytes, path: bytes, told: Mapping[str, str], body: Body, left_s: float
        ) -> Awaitable[ReplicaResponse]:
            return replica.request_model(model, told, body, left_s)

        try:
            return await self._send(ask, headers, body, attempt, None, model)
        except (ModelUnavailable, ModelNotLoaded, NotReady, Overloaded) as failed:
            failed.variant = self.variant
            raise

    async def _enter(self, replica_id: str | None, attempt: Attempt) -> None:
        """Take a slot of the breaker, before the attempt's deadline."""
        attempt.deadline = attempt.deadline or self._clock.monotonic() + self._limits.timeout_s
        while True:
            if replica_id is not None and not self.serves(replica_id):
                raise SessionLost("its instance is gone", self.variant)
            self._admit(attempt)
            try:
                await self._breaker.enter(self._remaining_s(attempt), moved=attempt.moved)
                return
            except BreakerFull:
                raise Overloaded("every instance is busy and the queue is full", self.variant) from None
            except TimeoutError:
                raise self._not_in_time() from None
            except Dismissed:
                attempt.moved = True
                if replica_id is None and not (self._replicas and self._in_rotation):
                    raise Displaced from None

    def _admit(self, attempt: Attempt) -> None:
        """Raise where there is nobody to wait for.

        One that was taken on before waits for the replacement; a new one is told at once, but after a restart
        of the platform the endpoint says InService, and so it answers.
        """
        if not (self._replicas or self._expected or attempt.moved):
            raise NoHealthyReplica("no instance is in service", self.variant)

    def _not_in_time(self) -> InvocationFailed:
        if not self._replicas:
            return NoHealthyReplica("no instance is in service", self.variant)
        return InvocationTimeout("no instance was free in time", self.variant)

    def _remaining_s(self, attempt: Attempt) -> float:
        return max(attempt.deadline - self._clock.monotonic(), 0.001)

    async def _send(
        self,
        ask: Ask[T],
        headers: Mapping[str, str],
        body: Body,
        attempt: Attempt,
        replica_id: str | None,
        model: str | None = None,
    ) -> T:
        if replica_id is not None:
            return await self._send_to(replica_id, ask, headers, body, attempt)
        tried: set[str] = set()
        while True:
            replica = self._choose(tried, model)
            if replica is None:
                if not self._in_rotation and not attempt.sent_on:
                    attempt.moved = attempt.sent_on = True
                    raise Displaced
                if attempt.resent:
                    raise ReplicaLost("the instance ended while it held the request", self.variant)
                raise NoHealthyReplica("no instance is in service", self.variant)
            remaining_s = self._remaining_s(attempt)
            try:
                return await ask(replica, b"POST", b"/invocations", headers, body, remaining_s)
            except TimeoutError:
                raise InvocationTimeout("no answer in time", self.variant) from None
            except ConnectionClosed as closed:
                tried.add(replica.replica_id)
                self._on_suspect(replica.replica_id)
                if closed.began and attempt.resent:
                    raise ReplicaLost(
                        "two instances ended while they held the request", self.variant
                    ) from None
                attempt.resent = attempt.resent or closed.began

    async def _send_to(
        self, replica_id: str, ask: Ask[T], headers: Mapping[str, str], body: Body, attempt: Attempt
    ) -> T:
        if not self.serves(replica_id):  # it was gone when a slot came free
            raise SessionLost("its instance is gone", self.variant)
        remaining_s = self._remaining_s(attempt)
        try:
            return await ask(self._replicas[replica_id], b"POST", b"/invocations", headers, body, remaining_s)
        except TimeoutError:
            raise InvocationTimeout("no answer in time", self.variant) from None
        except ConnectionClosed as closed:
            self._on_suspect(replica_id)
            if closed.began:
                raise ReplicaLost("the instance ended while it held the request", self.variant) from None
            raise SessionLost("its instance cannot be reached", self.variant) from None

    def _choose(self, tried: set[str], model: str | None) -> Replica | None:
        candidates = [
            (replica, replica.outstanding)
            for key, replica in self._replicas.items()
            if key not in tried and not replica.draining
        ]
        if model is None:
            return choose_replica(candidates, self.strategy, self._ids.uniform())
        having = [(one, load, one.models is not None and one.models.has(model)) for one, load in candidates]
        return choose_for_model(having, self.strategy, self._ids.uniform())


# By the instance's own method: one with several containers has another than `Replica`'s.


def _request(
    replica: Replica, method: bytes, path: bytes, headers: Mapping[str, str], body: Body, left_s: float
) -> Awaitable[ReplicaResponse]:
    return replica.request(method, path, headers, body, left_s)


def _open_stream(
    replica: Replica, method: bytes, path: bytes, headers: Mapping[str, str], body: Body, left_s: float
) -> Awaitable[ReplicaStream]:
    return replica.open_stream(method, path, headers, body, left_s)
