"""Endpoints: hosted models, their variants and their life."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, on, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ports.compute.scaling import ScalableTargets
from sagehen.domain.ports.observing.alarm_states import AlarmStates
from sagehen.services.sagemaker.endpoint_configs.records import KIND, EndpointConfigRecords
from sagehen.services.sagemaker.endpoints import changes
from sagehen.services.sagemaker.endpoints.deployments.alarm_watch import require_alarms
from sagehen.services.sagemaker.endpoints.deployments.of_config import deployment_of_config
from sagehen.services.sagemaker.endpoints.deployments.rollout import strategy_of
from sagehen.services.sagemaker.endpoints.description import describe, summary
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint
from sagehen.services.sagemaker.endpoints.loops import EndpointLoops
from sagehen.services.sagemaker.endpoints.records import EndpointRecords
from sagehen.services.sagemaker.endpoints.scalable import resource_id_of
from sagehen.services.sagemaker.endpoints.scaling import scaled
from sagehen.services.sagemaker.images.mapping import Images
from sagehen.services.sagemaker.models.records import ModelRecords
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import could_not_find
from sagehen.services.sagemaker.tags import rights

_ARN = "endpoint/{EndpointName}"


def _creation(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """CreateEndpoint needs rights on the endpoint and on its configuration (as AWS checks both)."""
    endpoint = arns.endpoint_arn(context.scope, request.get("EndpointName", ""))
    yield from rights.creation("CreateEndpoint", endpoint, request, {})
    yield _on_config("CreateEndpoint", context, request)


def _update(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    endpoint = arns.endpoint_arn(context.scope, request.get("EndpointName", ""))
    yield Access("sagemaker:UpdateEndpoint", endpoint)
    yield _on_config("UpdateEndpoint", context, request)


def _on_config(action: str, context: RequestContext, request: Request) -> Access:
    config = arns.endpoint_config_arn(context.scope, request.get("EndpointConfigName", ""))
    return Access(f"sagemaker:{action}", config)


class Endpoints:
    """CreateEndpoint, DescribeEndpoint, ListEndpoints, UpdateEndpoint, UpdateEndpointWeightsAndCapacities,
    DeleteEndpoint.

    Args:
        records: Where endpoints are.
        configs: What CreateEndpoint and UpdateEndpoint deploy.
        models: What is in them.
        loops: Told of every change.
        images: Which digest a tag stands for.
        clock: The platform's clock.
        alarms: Those that may roll an update back.
    """

    def __init__(
        self,
        records: EndpointRecords,
        configs: EndpointConfigRecords,
        models: ModelRecords,
        loops: EndpointLoops,
        images: Images,
        clock: Clock,
        alarms: AlarmStates | None = None,
    ) -> None:
        self._records = records
        self._configs = configs
        self._models = models
        self._loops = loops
        self._images = images
        self._clock = clock
        self._alarms = alarms
        # Application Auto Scaling; None until it is wired.
        self.scaling_targets: ScalableTargets | None = None
        # Which of an endpoint's variants inference components name.
        self.hosting: Callable[[Endpoint], Collection[str]] = lambda endpoint: ()

    @operation("CreateEndpoint", access=_creation)
    async def create_endpoint(self, context: RequestContext, request: Request) -> Request:
        """Deploy an endpoint configuration; the endpoint is Creating until every instance is in service.

        Raises:
            ValidationException: The name is taken, or there is no such configuration or model.
            ResourceLimitExceeded: More instances than an endpoint may have.
            NotImplementedOperation: A DeploymentConfig with a rollback in batches.
        """
        now = self._clock.now()
        deployment = self._deployment(context, request, 1, now)
        config = request.get("DeploymentConfig") or {}
        strategy_of(config, deployment)  # of the updates to come: a new endpoint has no traffic to move
        endpoint = Endpoint(
            scope=context.scope,
            name=request["EndpointName"],
            status="Creating",
            created_at=now,
            modified_at=now,
            pending=deployment,
            deployment_config=config,
        )
        await self._records.add(endpoint, request.get("Tags") or ())
        self._loops.watch(endpoint)
        return {"EndpointArn": endpoint.arn}

    @operation("DescribeEndpoint", access=on(_ARN, lower=True))
    async def describe_endpoint(self, context: RequestContext, request: Request) -> Request:
        """Tell an endpoint's state.

        Raises:
            ValidationException: No such endpoint.
        """
        endpoint = self._existing(context, request)
        shown = endpoint.shown
        ready = self._loops.ready_counts(endpoint, shown.generation) if shown else {}
        coming = self._loops.ready_counts(endpoint, endpoint.pending.generation) if endpoint.pending else {}
        return describe(endpoint, ready, coming)

    @operation("ListEndpoints")
    async def list_endpoints(self, context: RequestContext, request: Request) -> Request:
        """Return one page of endpoints, newest first where the request does not say."""
        endpoints, token = self._records.page(context.scope, request)
        return {"Endpoints": [summary(endpoint) for endpoint in endpoints], "NextToken": token}

    @operation("UpdateEndpoint", access=_update)
    async def update_endpoint(self, context: RequestContext, request: Request) -> Request:
        """Deploy another configuration, and move the traffic over as DeploymentConfig says (all at once).

        Raises:
            ValidationException: No such endpoint or configuration, it is not InService, the policy is odd, or
                there is no alarm of a name that it has.
            NotImplementedOperation: A policy with a rollback in batches.
        """
        self._require_alarms(self._existing(context, request), request)
        now = self._clock.now()
        deployment = self._deployment(context, request, 0, now)

        def change(endpoint: Endpoint) -> Endpoint:
            _require_instances_stay(endpoint, deployment)
            self._require_hosts_stay(endpoint, deployment)
            self._require_types_of_scaled_variants(endpoint, deployment)
            return changes.updated(endpoint, deployment, request, now)

        return await self._change(context, request, change)

    @operation("UpdateEndpointWeightsAndCapacities", access=on(_ARN, lower=True))
    async def update_endpoint_weights_and_capacities(
        self, context: RequestContext, request: Request
    ) -> Request:
        """Change variants' shares of the traffic at once, and their instance counts over time.

        Raises:
            ValidationException: No such endpoint or variant, or it is not InService.
        """
        self._existing(context, request)
        now = self._clock.now()

        wanted = request["DesiredWeightsAndCapacities"]
        return await self._change(context, request, lambda endpoint: scaled(endpoint, wanted, now))

    @operation("DeleteEndpoint", access=on(_ARN, lower=True))
    async def delete_endpoint(self, context: RequestContext, request: Request) -> None:
        """End an endpoint: it takes no more requests from now on, and is gone when its instances are.

        Its variants are scalable targets no longer (SageMaker Developer Guide, Delete endpoints with auto
        scaling).

        Raises:
            ValidationException: No such endpoint, or it is being created, changed or deleted.
        """
        self._existing(context, request)
        now = self._clock.now()

        await self._change(context, request, lambda endpoint: changes.deleting(endpoint, now))
        if self.scaling_targets is not None:
            await self.scaling_targets.deregister(context.scope, resource_id_of(request["EndpointName"]))

    def _require_alarms(self, endpoint: Endpoint, request: Request) -> None:
        config = request.get("DeploymentConfig")
        if not config and request.get("RetainDeploymentConfig"):
            config = endpoint.deployment_config
        require_alarms(self._alarms, endpoint.scope, config or {})

    def _require_hosts_stay(self, endpoint: Endpoint, deployment: Deployment) -> None:
        """Refuse to take the instances from under inference components. Ours, as the words.

        Raises:
            ValidationException.
        """
        missing = [name for name in self.hosting(endpoint) if deployment.variant(name) is None]
        if missing:
            raise ValidationException(
                f'Cannot update endpoint "{endpoint.arn}": inference components are deployed to the variants '
                f"{', '.join(sorted(missing))}, which are not present within endpoint configuration "
                f'"{deployment.config_name}".'
            )

    def _require_types_of_scaled_variants(self, endpoint: Endpoint, deployment: Deployment) -> None:
        """Documented: SageMaker Developer Guide, Update endpoints that use auto scaling. Wording: from
        memory.

        Raises:
            ValidationException: The instance type of a scalable target would change.
        """
        targets, live = self.scaling_targets, endpoint.live
        if targets is None or live is None:
            return
        for variant in deployment.variants:
            before = live.variant(variant.name)
            if before is None or before.instance_type == variant.instance_type:
                continue
            if targets.is_registered(endpoint.scope, resource_id_of(endpoint.name, variant.name)):
                raise ValidationException(
                    f"The instance type of the variant {variant.name} cannot be changed while it is"
                    " registered with"
                    " Application Auto Scaling. Deregister it as a scalable target first."
                )

    # --- shared ------------------------------------------------------------------------------

    def _existing(self, context: RequestContext, request: Mapping[str, Any]) -> Endpoint:
        endpoint = self._records.get(context.scope, request["EndpointName"])
        if endpoint is None:
            raise could_not_find("endpoint", arns.endpoint_arn(context.scope, request["EndpointName"]))
        return endpoint

    async def _change(
        self, context: RequestContext, request: Request, change: Callable[[Endpoint], Endpoint]
    ) -> Request:
        changed = await self._records.change(context.scope, request["EndpointName"], change)
        if changed is None:
            raise could_not_find("endpoint", arns.endpoint_arn(context.scope, request["EndpointName"]))
        self._loops.poke(context.scope, changed.name)
        return {"EndpointArn": changed.arn}

    def _deployment(
        self, context: RequestContext, request: Mapping[str, Any], generation: int, now: datetime
    ) -> Deployment:
        name = request["EndpointConfigName"]
        config = self._configs.get(context.scope, name)
        if config is None:
            raise could_not_find(KIND, arns.endpoint_config_arn(context.scope, name))
        return deployment_of_config(self._models, config, generation, now, self._images.resolved)


def _require_instances_stay(endpoint: Endpoint, deployment: Deployment) -> None:
    """Documented: SageMaker Developer Guide, Update a serverless endpoint. Wording: from memory.

    Raises:
        ValidationException: An endpoint of instances would become serverless.
    """
    had = endpoint.live is not None and all(v.serverless is None for v in endpoint.live.variants)
    if had and any(variant.serverless is not None for variant in deployment.variants):
        raise ValidationException("An instance-based endpoint cannot be updated to a serverless endpoint.")
