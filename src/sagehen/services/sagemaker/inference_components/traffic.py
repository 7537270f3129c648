"""ComponentTraffic: which copies of which component take requests, shown in the directory."""

from __future__ import annotations

from collections.abc import Callable

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.endpoint import Endpoint
from sagehen.services.sagemaker.inference_components.component import InferenceComponent
from sagehen.serving.choice import RoutingStrategy
from sagehen.serving.directory import EndpointDirectory, ServedComponent
from sagehen.serving.replica_set import ReplicaSet, ServingLimits
from sagehen.serving.router import Router, WeightedVariant


class ComponentTraffic:
    """A router and a set of copies for each component of one endpoint; revisions share it.

    Args:
        on_suspect: Told the copy to which a connection broke.
    """

    def __init__(
        self,
        scope: Scope,
        *,
        directory: EndpointDirectory,
        clock: Clock,
        ids: Ids,
        limits: ServingLimits,
        on_suspect: Callable[[str], None],
    ) -> None:
        self._scope = scope
        self._directory = directory
        self._clock = clock
        self._ids = ids
        self._limits = limits
        self._on_suspect = on_suspect
        self._routes: dict[str, tuple[ReplicaSet, Router]] = {}

    def replicas(self, component: str, variant: str) -> ReplicaSet:
        """Return the set of a component's copies; it is made when it is first asked for."""
        if component not in self._routes:
            replicas = ReplicaSet(
                variant,
                strategy="RANDOM",
                limits=self._limits,
                clock=self._clock,
                ids=self._ids,
                on_suspect=self._on_suspect,
            )
            self._routes[component] = replicas, Router(self._ids)
        return self._routes[component][0]

    def publish(self, components: list[InferenceComponent], endpoint: Endpoint | None) -> None:
        """Show these components and no others."""
        for name in self._routes.keys() - {component.name for component in components}:
            self.forget(name)
        for component in components:
            self.replicas(component.name, component.variant).strategy = _strategy(component, endpoint)
            self.show(component)

    def show(self, component: InferenceComponent) -> None:
        """Show one as it is, or as it is about to be: who reads InService may invoke in the same moment."""
        replicas = self.replicas(component.name, component.variant)
        _, router = self._routes[component.name]
        if component.status in ("Deleting", "Failed"):
            router.close()
        else:
            router.replace({component.variant: WeightedVariant(replicas, 1.0)})
        shown = ServedComponent(
            component.name, component.endpoint, component.variant, component.status, replicas, router
        )
        self._directory.publish_component(self._scope, shown)

    def close(self) -> None:
        """End what waits; nothing is shown any more."""
        for name in list(self._routes):
            self.forget(name)

    def forget(self, name: str) -> None:
        """End what waits at a component that is gone; it is shown no more."""
        if name in self._routes:
            self._routes.pop(name)[1].close()
        self._directory.withdraw_component(self._scope, name)


def _strategy(component: InferenceComponent, endpoint: Endpoint | None) -> RoutingStrategy:
    variant = endpoint.shown.variant(component.variant) if endpoint and endpoint.shown else None
    asked = variant.routing_config.get("RoutingStrategy") if variant else None
    # Documented: ProductionVariantRoutingConfig's default.
    return "LEAST_OUTSTANDING_REQUESTS" if asked == "LEAST_OUTSTANDING_REQUESTS" else "RANDOM"
