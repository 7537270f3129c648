"""Endpoint configurations: which models an endpoint serves, on how many instances of what type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.operation import Request, on, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.services.sagemaker.images import mapping
from sagehen.services.sagemaker.images.prewarming import Prewarming
from sagehen.services.sagemaker.instances import limits as instance_limits
from sagehen.services.sagemaker.models.records import EndpointConfigRecord, Records, endpoint_config_of
from sagehen.services.sagemaker.resources import arns, condition_keys
from sagehen.services.sagemaker.resources.errors import could_not_find
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.tags import rights
from sagehen.serving.choice import RoutingStrategy
from sagehen.store.database import Database

_ARN = "endpoint-config/{EndpointConfigName}"
_KIND = "endpoint configuration"
_UNBUILT = (
    "DataCaptureConfig", "KmsKeyId", "AsyncInferenceConfig", "ExplainerConfig", "ShadowProductionVariants",
    "ExecutionRoleArn", "VpcConfig", "EnableNetworkIsolation", "MetricsConfig", "CrossRegionTrafficConfig",
)  # fmt: skip
_UNBUILT_IN_VARIANT = (
    "AcceleratorType", "CoreDumpConfig", "ServerlessConfig", "EnableSSMAccess", "ManagedInstanceScaling",
    "InferenceAmiVersion", "CapacityReservationConfig", "InstancePools", "AcceleratorPartitionLayouts",
    "VariantInstanceProvisionTimeoutInSeconds", "VolumeSizeInGB",
)  # fmt: skip


def _creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = arns.endpoint_config_arn(context.scope, request.get("EndpointConfigName", ""))
    keys = condition_keys.of_endpoint_config(context.scope, request)
    yield from rights.creation("CreateEndpointConfig", arn, request, keys)


class EndpointConfigs:
    """CreateEndpointConfig, DescribeEndpointConfig, ListEndpointConfigs, DeleteEndpointConfig."""

    def __init__(self, database: Database, records: Records, clock: Clock, prewarming: Prewarming) -> None:
        self._database = database
        self._records = records
        self._clock = clock
        self._prewarming = prewarming

    @operation("CreateEndpointConfig", access=_creation)
    async def create_endpoint_config(self, context: RequestContext, request: Request) -> Request:
        """Record a configuration whose models exist and whose instance types are known.

        Raises:
            ValidationException, NotImplementedOperation.
        """
        _refuse_unbuilt(request)
        variants = [_completed(variant) for variant in request["ProductionVariants"]]
        names = [variant["VariantName"] for variant in variants]
        if len(set(names)) != len(names):
            raise ValidationException("Duplicate variant names are not allowed in an endpoint configuration.")
        for variant in variants:
            self._check(context, variant)
        kept = {k: v for k, v in request.items() if k != "Tags" and v is not None}
        kept["ProductionVariants"] = variants
        record = EndpointConfigRecord(context.scope, request["EndpointConfigName"], self._clock.now(), kept)
        await self._records.add_endpoint_config(record, request.get("Tags", ()))
        return {"EndpointConfigArn": record.arn}

    @operation("DescribeEndpointConfig", access=on(_ARN, lower=True))
    async def describe_endpoint_config(self, context: RequestContext, request: Request) -> Request:
        record = self._records.get_endpoint_config(context.scope, request["EndpointConfigName"])
        if record is None:
            raise could_not_find(_KIND, _arn(context, request))
        facts = {"EndpointConfigArn": record.arn, "CreationTime": record.created_at}
        return {**record.request, **facts, "EnableNetworkIsolation": False}

    @operation("ListEndpointConfigs")
    async def list_endpoint_configs(self, context: RequestContext, request: Request) -> Request:
        rows, token = page(self._database, "sagemaker_endpoint_configs", context.scope, request, "Descending")
        summaries = [
            {
                "EndpointConfigName": config.name,
                "EndpointConfigArn": config.arn,
                "CreationTime": config.created_at,
            }
            for config in map(endpoint_config_of, rows)
        ]
        return {"EndpointConfigs": summaries, "NextToken": token}

    @operation("DeleteEndpointConfig", access=on(_ARN, lower=True))
    async def delete_endpoint_config(self, context: RequestContext, request: Request) -> None:
        """Forget a configuration.

        Raises:
            ValidationException: No such configuration.
        """
        if not await self._records.delete_endpoint_config(context.scope, request["EndpointConfigName"]):
            raise could_not_find(_KIND, _arn(context, request))

    def _check(self, context: RequestContext, variant: Mapping[str, Any]) -> None:
        model = variant.get("ModelName")
        if model is None:
            raise NotImplementedOperation(
                "CreateEndpointConfig without ModelName (inference components) is not implemented."
            )
        record = self._records.get_model(context.scope, model)
        if record is None:
            raise could_not_find("model", arns.model_arn(context.scope, model))
        self._prewarming.expect(mapping.resolve(record.containers[0]["Image"], "inference").warm_parent)
        instance_type = variant.get("InstanceType")
        if instance_type is None or "InitialInstanceCount" not in variant:
            raise ValidationException(
                f"InstanceType and InitialInstanceCount are required for variant {variant['VariantName']}."
            )
        if variant["InitialInstanceCount"] < 1:
            raise ValidationException("InitialInstanceCount must be at least 1.")
        instance_limits.on_this_host(instance_type)


def _arn(context: RequestContext, request: Request) -> str:
    return arns.endpoint_config_arn(context.scope, request["EndpointConfigName"])


def _completed(variant: Mapping[str, Any]) -> dict[str, Any]:
    """Return a variant with AWS's defaults: the weights decide how traffic is shared."""
    return {"InitialVariantWeight": 1.0, **{k: v for k, v in variant.items() if v is not None}}


def _refuse_unbuilt(request: Mapping[str, Any]) -> None:
    given = [member for member in _UNBUILT if request.get(member)]
    for variant in request["ProductionVariants"]:
        given += [f"ProductionVariants.{member}" for member in _UNBUILT_IN_VARIANT if variant.get(member)]
        routing = variant.get("RoutingConfig") or {}
        if routing.get("PrefixAwareRoutingConfig"):
            given.append("ProductionVariants.RoutingConfig.PrefixAwareRoutingConfig")
        if (strategy := routing.get("RoutingStrategy", "RANDOM")) not in get_args(RoutingStrategy):
            given.append(f"ProductionVariants.RoutingConfig.RoutingStrategy {strategy}")
    if given:
        raise NotImplementedOperation(f"CreateEndpointConfig {', '.join(given)} is not implemented.")
