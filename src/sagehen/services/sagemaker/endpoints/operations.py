"""Endpoints: hosted models, their variants and their life."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, on, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.log_sink import LogSink
from sagehen.domain.ports.metrics import MetricSink
from sagehen.domain.ports.objects import Objects
from sagehen.domain.ports.roles import Roles
from sagehen.executors.base import Executor
from sagehen.services.sagemaker.endpoints.deployments import (
    deployment_of_config,
    retained,
    with_weights_and_capacities,
)
from sagehen.services.sagemaker.endpoints.description import describe, summary
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint
from sagehen.services.sagemaker.endpoints.instance import Hosting
from sagehen.services.sagemaker.endpoints.loops import EndpointsReconciler
from sagehen.services.sagemaker.endpoints.records import ENDPOINT_MIGRATIONS, EndpointRecords, endpoint_of
from sagehen.services.sagemaker.endpoints.rollout import strategy_of
from sagehen.services.sagemaker.instances.capacity import Capacity
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.models.data import ModelData
from sagehen.services.sagemaker.models.records import Records
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import could_not_find
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.tags import rights
from sagehen.serving.directory import EndpointDirectory
from sagehen.serving.replica_set import ServingLimits
from sagehen.store.database import Database

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
    """CreateEndpoint, DescribeEndpoint, ListEndpoints, UpdateEndpoint,
    UpdateEndpointWeightsAndCapacities, DeleteEndpoint, and the reconciler behind them.

    service.py puts this object among the resources of Service("sagemaker") and calls start, stop
    and reset from its own.

    Args:
        database: The platform's metadata.
        clock: The platform's clock.
        ids: Source of identifiers and of randomness in routing.
        executor: Runs the instances.
        roles: Sessions of execution roles.
        objects: S3 with the rights of those sessions.
        logs: Where instances' output goes.
        metrics: Where their utilisation goes.
        directory: Where InvokeEndpoint finds routers.
        folder: A folder of the endpoints' own.
        surroundings: What every instance finds around it.
        records: Models and endpoint configurations.
        capacity: What the machine can take.
        limits: How much one variant takes on.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        ids: Ids,
        executor: Executor,
        roles: Roles,
        objects: Objects,
        logs: LogSink,
        metrics: MetricSink,
        directory: EndpointDirectory,
        folder: Path,
        surroundings: Surroundings,
        records: Records,
        capacity: Capacity,
        limits: ServingLimits | None = None,
    ) -> None:
        database.migrate("sagemaker-endpoints", ENDPOINT_MIGRATIONS)
        self._database = database
        self._clock = clock
        self._configs = records
        self._records = EndpointRecords(database)
        hosting = Hosting(
            clock=clock,
            executor=executor,
            roles=roles,
            logs=logs,
            model_data=ModelData(objects),
            surroundings=surroundings,
            folder=folder,
            capacity=capacity,
        )
        self._reconciler = EndpointsReconciler(
            records=self._records,
            hosting=hosting,
            ids=ids,
            directory=directory,
            metrics=metrics,
            limits=limits or ServingLimits(),
        )

    async def start(self) -> None:
        """Bring back every endpoint on record."""
        await self._reconciler.start()

    async def stop(self) -> None:
        """End every instance; the records stay."""
        await self._reconciler.stop()

    async def reset(self) -> None:
        """Forget all; the tables were emptied before."""
        await self._reconciler.stop()
        await self._reconciler.start()

    # --- operations --------------------------------------------------------------------------

    @operation("CreateEndpoint", access=_creation)
    async def create_endpoint(self, context: RequestContext, request: Request) -> Request:
        """Deploy an endpoint configuration; the endpoint is Creating until every instance is in service.

        Raises:
            ValidationException: The name is taken, or there is no such configuration or model.
            NotImplementedOperation: A DeploymentConfig with alarms.
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
        self._reconciler.watch(endpoint)
        return {"EndpointArn": endpoint.arn}

    @operation("DescribeEndpoint", access=on(_ARN, lower=True))
    async def describe_endpoint(self, context: RequestContext, request: Request) -> Request:
        """Tell an endpoint's state.

        Raises:
            ValidationException: No such endpoint.
        """
        endpoint = self._existing(context, request)
        shown = endpoint.shown
        ready = self._reconciler.ready_counts(endpoint, shown.generation) if shown else {}
        return describe(endpoint, ready)

    @operation("ListEndpoints")
    async def list_endpoints(self, context: RequestContext, request: Request) -> Request:
        rows, token = page(self._database, "sagemaker_endpoints", context.scope, request, "Descending")
        return {"Endpoints": [summary(endpoint_of(row)) for row in rows], "NextToken": token}

    @operation("UpdateEndpoint", access=_update)
    async def update_endpoint(self, context: RequestContext, request: Request) -> Request:
        """Deploy another configuration, and move the traffic over as DeploymentConfig says (all at once).

        Raises:
            ValidationException: No such endpoint or configuration, it is not InService, or the policy is odd.
            NotImplementedOperation: A policy with alarms, or with a rollback in batches.
        """
        self._existing(context, request)
        now = self._clock.now()
        deployment = self._deployment(context, request, 0, now)

        def change(endpoint: Endpoint) -> Endpoint:
            _require_in_service(endpoint)
            assert endpoint.live is not None
            fresh = replace(deployment, generation=endpoint.last_generation + 1)
            kept_config = endpoint.deployment_config if request.get("RetainDeploymentConfig") else {}
            fresh = retained(fresh, endpoint.live, request)
            config = request.get("DeploymentConfig") or kept_config
            strategy_of(config, fresh)
            return replace(
                endpoint,
                status="Updating",
                modified_at=now,
                pending=fresh,
                rollout_step=0,
                last_generation=fresh.generation,
                failure_reason=None,
                deployment_config=config,
            )

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

        def change(endpoint: Endpoint) -> Endpoint:
            _require_in_service(endpoint)
            assert endpoint.live is not None
            live = with_weights_and_capacities(endpoint.live, request["DesiredWeightsAndCapacities"])
            return replace(endpoint, status="Updating", modified_at=now, live=live, failure_reason=None)

        return await self._change(context, request, change)

    @operation("DeleteEndpoint", access=on(_ARN, lower=True))
    async def delete_endpoint(self, context: RequestContext, request: Request) -> None:
        """End an endpoint: it takes no more requests from now on, and is gone when its instances are.

        Raises:
            ValidationException: No such endpoint, or it is being created, changed or deleted.
        """
        self._existing(context, request)
        now = self._clock.now()

        def change(endpoint: Endpoint) -> Endpoint:
            if endpoint.status not in ("InService", "Failed", "OutOfService", "Creating"):
                raise ValidationException(f'Cannot update in-progress endpoint "{endpoint.arn}".')
            return replace(endpoint, status="Deleting", modified_at=now)

        await self._change(context, request, change)

    # --- shared ------------------------------------------------------------------------------

    def _existing(self, context: RequestContext, request: Mapping[str, Any]) -> Endpoint:
        endpoint = self._records.get(context.scope, request["EndpointName"])
        if endpoint is None:
            raise could_not_find("endpoint", arns.endpoint_arn(context.scope, request["EndpointName"]))
        return endpoint

    async def _change(self, context: RequestContext, request: Request, change: Any) -> Request:
        changed = await self._records.change(context.scope, request["EndpointName"], change)
        if changed is None:
            raise could_not_find("endpoint", arns.endpoint_arn(context.scope, request["EndpointName"]))
        self._reconciler.poke(context.scope, changed.name)
        return {"EndpointArn": changed.arn}

    def _deployment(
        self, context: RequestContext, request: Mapping[str, Any], generation: int, now: datetime
    ) -> Deployment:
        name = request["EndpointConfigName"]
        config = self._configs.get_endpoint_config(context.scope, name)
        if config is None:
            raise could_not_find("endpoint configuration", arns.endpoint_config_arn(context.scope, name))
        return deployment_of_config(self._configs, config, generation, now)


def _require_in_service(endpoint: Endpoint) -> None:
    """Raise AWS's refusals of a change: one at a time, and none of what failed."""
    if endpoint.status == "Failed":
        raise ValidationException(f'Cannot update endpoint "{endpoint.arn}" in Failed status.')
    if endpoint.status != "InService":
        raise ValidationException(f'Cannot update in-progress endpoint "{endpoint.arn}".')
