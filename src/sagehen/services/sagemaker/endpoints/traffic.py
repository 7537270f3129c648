"""Traffic: which replicas of an endpoint take requests, in what shares, as its record says."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.sagemaker.endpoint_configs import asynchronous, capture
from sagehen.services.sagemaker.endpoints.deployments import rollout
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint, EndpointVariant, Serverless
from sagehen.serving.choice import RoutingStrategy
from sagehen.serving.directory import EndpointDirectory, ServedEndpoint
from sagehen.serving.replica_set import ReplicaSet, ServingLimits
from sagehen.serving.router import Router, WeightedVariant
from sagehen.serving.serverless.demand import Concurrency
from sagehen.serving.serverless.environments import ServerlessSet


@dataclass(frozen=True, slots=True)
class Environments:
    """What serverless variants' environments take of their endpoint.

    Args:
        periods: The clock on which they are idle.
        on_demand: Told that a request waits for one.
        record: Takes a variant's name, and what AWS's metrics say after `ServerlessProvisionedConcurrency`.
    """

    periods: Clock
    on_demand: Callable[[], None]
    record: Callable[[str, str, float], None]


class Traffic:
    """One endpoint's router, shown in the directory, and a set of replicas for each variant deployed.

    Args:
        on_suspect: Told the instance to which a connection broke.
    """

    def __init__(
        self,
        *,
        directory: EndpointDirectory,
        clock: Clock,
        ids: Ids,
        limits: ServingLimits,
        on_suspect: Callable[[str], None],
        serverless: Environments,
    ) -> None:
        self._serverless = serverless
        self._directory = directory
        self._clock = clock
        self._ids = ids
        self._limits = limits
        self._on_suspect = on_suspect
        self._router = Router(ids)
        self._sets: dict[tuple[int, str], ReplicaSet] = {}

    def replicas(self, generation: int, variant: EndpointVariant) -> ReplicaSet:
        """Return the set of one variant of a deployment; it is made when it is first asked for."""
        key = (generation, variant.name)
        if variant.serverless is not None:
            return self.environments(generation, variant, variant.serverless)
        if key not in self._sets:
            strategy: RoutingStrategy = "RANDOM"  # documented: ProductionVariantRoutingConfig's default
            if variant.routing_config.get("RoutingStrategy") == "LEAST_OUTSTANDING_REQUESTS":
                strategy = "LEAST_OUTSTANDING_REQUESTS"
            limits = self._limits
            if variant.concurrency:  # a limit of each instance, and not of all together
                strategy = "LEAST_OUTSTANDING_REQUESTS"
                limits = replace(limits, requests_per_replica=variant.concurrency)
            self._sets[key] = ReplicaSet(
                variant.name,
                strategy=strategy,
                limits=limits,
                clock=self._clock,
                ids=self._ids,
                on_suspect=self._on_suspect,
                multi_model=variant.multi_model,
                is_direct=variant.is_direct,
            )
        return self._sets[key]

    def environments(self, generation: int, variant: EndpointVariant, settings: Serverless) -> ServerlessSet:
        """Return the environments of a serverless variant, as its record says by now."""
        key = (generation, variant.name)
        concurrency = Concurrency(settings.most, settings.provisioned)
        found = self._sets.get(key)
        if isinstance(found, ServerlessSet):
            found.concurrency = concurrency
            return found
        around = self._serverless
        self._sets[key] = made = ServerlessSet(
            variant.name,
            concurrency=concurrency,
            limits=self._limits,
            clock=self._clock,
            periods=around.periods,
            ids=self._ids,
            on_suspect=self._on_suspect,
            on_demand=around.on_demand,
            record=lambda name: around.record(variant.name, name, 1.0),
        )
        return made

    def publish(self, endpoint: Endpoint, running: Collection[int]) -> None:
        """Make the traffic go where the record says.

        Args:
            running: Generations of which instances still run: their sets are kept.
        """
        live, router = endpoint.live, None
        if live is not None and endpoint.status not in ("Deleting", "Failed"):
            share = rollout.share_of(endpoint)
            other = endpoint.pending or endpoint.leaving
            incoming = self._weighted(other) if other is not None and share else {}
            self._router.replace(self._weighted(live), incoming, share)
            self._router.shadows = self._shadows(live)
            router = self._router
        else:
            self._router.close()
        self._show(endpoint, endpoint.status, router, live)
        kept = {deployment.generation for deployment in endpoint.deployments} | set(running)
        self._sets = {key: replicas for key, replicas in self._sets.items() if key[0] in kept}

    def take_over(self, endpoint: Endpoint, pending: Deployment) -> None:
        """Give all traffic to a deployment that is about to become the live one.

        Before the record says InService: who reads that may invoke in the same moment.
        """
        self._router.replace(self._weighted(pending))
        self._router.shadows = self._shadows(pending)
        self._show(endpoint, "InService", self._router, pending)

    def _show(self, endpoint: Endpoint, status: str, router: Router | None, live: Deployment | None) -> None:
        shown = ServedEndpoint(
            endpoint.name,
            status,
            router,
            capture.settings_of(live.data_capture) if live else None,
            asynchronous.settings_of(live.asynchronous) if live else None,
            endpoint.created_at.timestamp(),
            live.hosts_components if live else False,
        )
        self._directory.publish(endpoint.scope, shown)

    def withdraw(self, endpoint: Endpoint) -> None:
        """Let nobody find the endpoint any more."""
        self._directory.withdraw(endpoint.scope, endpoint.name)

    def close(self) -> None:
        """End what waits at the endpoint; nothing new is taken."""
        self._router.close()

    def _weighted(self, live: Deployment) -> dict[str, WeightedVariant]:
        return {v.name: self._of(live, v) for v in live.production}

    def _shadows(self, live: Deployment) -> dict[str, WeightedVariant]:
        return {v.name: self._of(live, v) for v in live.shadows}

    def _of(self, live: Deployment, variant: EndpointVariant) -> WeightedVariant:
        return WeightedVariant(self.replicas(live.generation, variant), variant.weight, variant.role_arn)
