"""Router: the variants of one endpoint and the weights by which they share its traffic."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sagehen.domain.ids import Ids
from sagehen.modelserver.sessions.headers import NEW_SESSION
from sagehen.serving.attempt import Attempt, Displaced
from sagehen.serving.body import Body
from sagehen.serving.choice import choose_variant
from sagehen.serving.connection import ReplicaResponse
from sagehen.serving.errors import EndpointGone, InvocationFailed, NoHealthyReplica, NoSuchVariant
from sagehen.serving.replica_set import ReplicaSet
from sagehen.serving.sessions import Home, Sessions
from sagehen.serving.stream import ReplicaStream

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WeightedVariant:
    """One variant: its instances and its share of the traffic (weight / sum of weights).

    Args:
        role_arn: With whose rights what it captures is stored.
    """

    replicas: ReplicaSet
    weight: float
    role_arn: str = ""


class Router:
    """Sends each invocation to one variant. `replace` changes all at once, and may give a share of the
    traffic to the variants of an incoming deployment.

    Sessions know their instance by themselves: those of a deployment that is being replaced go on for as
    long as its instances are there, whatever the weights and shares.

    Attributes:
        shadows: Variants that get copies of requests from whoever sends them; nothing is routed to them here.
    """

    def __init__(self, ids: Ids, sessions: Sessions | None = None) -> None:
        self._ids = ids
        self._sessions = sessions or Sessions()
        self._variants: dict[str, WeightedVariant] = {}
        self._incoming: dict[str, WeightedVariant] = {}
        self._share = 0.0
        self._closed = False
        self.shadows: Mapping[str, WeightedVariant] = {}

    @property
    def variants(self) -> Mapping[str, WeightedVariant]:
        if self._share == 1.0:
            return self._incoming
        return {**self._incoming, **self._variants} if self._incoming else self._variants

    def served(self, name: str) -> WeightedVariant | None:
        """Return a variant, or a shadow variant, by its name."""
        return self.variants.get(name) or self.shadows.get(name)

    def replace(
        self,
        variants: Mapping[str, WeightedVariant],
        incoming: Mapping[str, WeightedVariant] | None = None,
        share: float = 0.0,
    ) -> None:
        """Route by these variants from the next request on.

        Args:
            incoming: Variants of the deployment that is to take over.
            share: Of the traffic that goes to `incoming`, 0 to 1.

        Who waits for an instance of a variant that gets no more traffic stands in line again, by the
        new rules.
        """
        before = self._sets()
        self._variants, self._incoming, self._share = dict(variants), dict(incoming or {}), share
        self._closed = False
        taking = {id(v.replicas) for v in self.variants.values()}
        if share < 1.0:
            taking |= {id(v.replicas) for v in self._variants.values()}
        for replicas in (*before, *self._sets()):
            replicas.put_in_rotation(id(replicas) in taking)

    def close(self) -> None:
        """The endpoint is being deleted: nobody is served any more, and who waits is told so."""
        self._closed = True
        self.shadows = {}
        for replicas in self._sets():
            replicas.put_in_rotation(False)

    def _sets(self) -> list[ReplicaSet]:
        return [v.replicas for v in (*self._variants.values(), *self._incoming.values())]

    async def invoke(
        self, headers: Mapping[str, str], body: bytes, target_variant: str | None = None
    ) -> tuple[str, ReplicaResponse]:
        """Return the variant that was asked and its answer.

        Args:
            target_variant: Overrides the weights.

        Raises:
            InvocationFailed: See serving.errors.
        """

        async def ask(replicas: ReplicaSet, attempt: Attempt) -> ReplicaResponse:
            return await replicas.invoke(headers, body, None, attempt)

        replicas, response = await self._somewhere(target_variant, ask)
        return replicas.variant, response

    async def invoke_stream(
        self,
        headers: Mapping[str, str],
        body: Body,
        target_variant: str | None = None,
        attempt: Attempt | None = None,
    ) -> tuple[str, ReplicaStream]:
        """Like `invoke`, but the answer is returned as soon as it begins.

        Args:
            attempt: Its deadline and what it has behind it; None begins a new one.
        """

        async def ask(replicas: ReplicaSet, attempt: Attempt) -> ReplicaStream:
            return await replicas.invoke_stream(headers, body, None, attempt)

        replicas, stream = await self._somewhere(target_variant, ask, attempt)
        return replicas.variant, stream

    async def invoke_session(
        self, session_id: str, headers: Mapping[str, str], body: bytes, target_variant: str | None = None
    ) -> tuple[str, ReplicaResponse]:
        """Like `invoke`, in a session that is open, or (NEW_SESSION) in one that the answer may open.

        Args:
            session_id: As it stands in `headers` for the container.

        Raises:
            InvocationFailed: See serving.errors.
        """
        if session_id == NEW_SESSION:
            self._sessions.check_room()

            async def ask(replicas: ReplicaSet, attempt: Attempt) -> ReplicaResponse:
                return await replicas.invoke(headers, body, None, attempt)

            replicas, response = await self._somewhere(target_variant, ask)
            self._sessions.note(Home(replicas, response.replica_id), response)
            return replicas.variant, response
        home = self._sessions.home_of(session_id, target_variant)
        response = await home.replicas.invoke(headers, body, home.replica_id)
        self._sessions.note(home, response)
        return home.replicas.variant, response

    async def stream_session(
        self, session_id: str, headers: Mapping[str, str], body: bytes, target_variant: str | None = None
    ) -> tuple[str, ReplicaStream]:
        """Like `invoke_session` for a session that is open; the answer is returned as soon as it begins."""
        home = self._sessions.home_of(session_id, target_variant)
        stream = await home.replicas.invoke_stream(headers, body, home.replica_id)
        try:
            self._sessions.note(home, stream.head)
        except InvocationFailed:
            stream.close()
            raise
        return home.replicas.variant, stream

    async def _somewhere(
        self,
        target_variant: str | None,
        ask: Callable[[ReplicaSet, Attempt], Awaitable[T]],
        attempt: Attempt | None = None,
    ) -> tuple[ReplicaSet, T]:
        """Ask one variant, and another where that one ends while the request waits for it."""
        attempt = attempt or Attempt()
        while True:
            replicas = self._pick(target_variant, attempt.moved).replicas
            try:
                return replicas, await ask(replicas, attempt)
            except Displaced:
                continue  # at most until its deadline, which moves along

    def _pick(self, target_variant: str | None, moved: bool) -> WeightedVariant:
        if self._closed:
            raise EndpointGone("the endpoint is being deleted")
        variants, others = self._variants, self._incoming
        if self._ids.uniform() < self._share:
            variants, others = others, variants
        if others and not _serve(variants) and _serve(others):
            variants = others
        if target_variant is not None:
            variant = variants.get(target_variant) or self.variants.get(target_variant)
            if variant is None:
                raise NoSuchVariant(target_variant)
            return variant
        if len(variants) == 1:
            return next(iter(variants.values()))
        weights = {name: variant.weight for name, variant in variants.items()}
        if moved:  # it has waited enough: it goes where somebody is, if there is such a place
            manned = {name: w for name, w in weights.items() if w and variants[name].replicas.is_manned}
            weights = manned or weights
        name = choose_variant(weights, self._ids.uniform())
        if name is None:
            raise NoHealthyReplica("every variant has weight 0")
        return variants[name]


def _serve(variants: Mapping[str, WeightedVariant]) -> bool:
    """Tell whether there is somebody behind every variant that gets traffic."""
    return all(variant.replicas.is_manned for variant in variants.values() if variant.weight)
