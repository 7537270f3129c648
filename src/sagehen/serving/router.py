"""Router: the variants of one endpoint and the weights by which they share its traffic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sagehen.domain.ids import Ids
from sagehen.serving.choice import choose_variant
from sagehen.serving.connection import ReplicaResponse
from sagehen.serving.errors import NoHealthyReplica, NoSuchVariant
from sagehen.serving.replica_set import ReplicaSet


@dataclass(frozen=True, slots=True)
class WeightedVariant:
    """One variant: its instances and its share of the traffic (weight / sum of weights)."""

    replicas: ReplicaSet
    weight: float


class Router:
    """Sends each invocation to one variant. `replace` swaps all variants at once: blue/green."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._variants: dict[str, WeightedVariant] = {}

    @property
    def variants(self) -> Mapping[str, WeightedVariant]:
        return self._variants

    def replace(self, variants: Mapping[str, WeightedVariant]) -> None:
        """Route by these variants from the next request on."""
        self._variants = dict(variants)

    async def invoke(
        self, headers: Mapping[str, str], body: bytes, target_variant: str | None = None
    ) -> tuple[str, ReplicaResponse]:
        """Return the variant that was asked and its answer.

        Args:
            target_variant: Overrides the weights.

        Raises:
            InvocationFailed: See serving.errors.
        """
        variant = self._pick(target_variant)
        return variant.replicas.variant, await variant.replicas.invoke(headers, body)

    def _pick(self, target_variant: str | None) -> WeightedVariant:
        if target_variant is not None:
            variant = self._variants.get(target_variant)
            if variant is None:
                raise NoSuchVariant(target_variant)
            return variant
        if len(self._variants) == 1:
            return next(iter(self._variants.values()))
        weights = {name: variant.weight for name, variant in self._variants.items()}
        name = choose_variant(weights, self._ids.uniform())
        if name is None:
            raise NoHealthyReplica("every variant has weight 0")
        return self._variants[name]
