"""Endpoint configurations: which models an endpoint serves, on how many instances of what type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, on, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.sagemaker.endpoint_configs.acceptance import accepted_variants
from sagehen.services.sagemaker.endpoint_configs.components import scaling_of
from sagehen.services.sagemaker.endpoint_configs.condition_keys import of_endpoint_config
from sagehen.services.sagemaker.endpoint_configs.records import (
    KIND,
    EndpointConfigRecord,
    EndpointConfigRecords,
)
from sagehen.services.sagemaker.endpoint_configs.serverless import check_model
from sagehen.services.sagemaker.images.mapping import Images
from sagehen.services.sagemaker.images.prewarming import Prewarming
from sagehen.services.sagemaker.instances import limits as instance_limits
from sagehen.services.sagemaker.models.records import ModelRecords, is_multi_model
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import could_not_find
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.tags import rights

_ARN = "endpoint-config/{EndpointConfigName}"


def _creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = arns.endpoint_config_arn(context.scope, request.get("EndpointConfigName", ""))
    keys = of_endpoint_config(context.scope, request)
    yield from rights.creation("CreateEndpointConfig", arn, request, keys)


class EndpointConfigs:
    """CreateEndpointConfig, DescribeEndpointConfig, ListEndpointConfigs, DeleteEndpointConfig."""

    def __init__(
        self,
        records: EndpointConfigRecords,
        models: ModelRecords,
        clock: Clock,
        prewarming: Prewarming,
        images: Images | None = None,
        *,
        roles: Roles,
    ) -> None:
        self._roles = roles
        self._records = records
        self._models = models
        self._clock = clock
        self._prewarming = prewarming
        self._images = images or Images()

    @operation("CreateEndpointConfig", access=_creation)
    async def create_endpoint_config(self, context: RequestContext, request: Request) -> Request:
        """Record a configuration whose models exist and whose instance types are known.

        Raises:
            ValidationException, NotImplementedOperation.
        """
        variants, shadows = accepted_variants(request)
        if role_arn := request.get("ExecutionRoleArn"):
            await sessions.accept(self._roles, context, role_arn)
        for variant in (*variants, *shadows):
            self._check(context, variant)
        self._check_several(context, request, [*variants, *shadows])
        kept = {k: v for k, v in request.items() if k != "Tags" and v is not None}
        kept["ProductionVariants"] = variants
        if shadows:
            kept["ShadowProductionVariants"] = shadows
        record = EndpointConfigRecord(context.scope, request["EndpointConfigName"], self._clock.now(), kept)
        await self._records.add(record, request.get("Tags", ()))
        return {"EndpointConfigArn": record.arn}

    @operation("DescribeEndpointConfig", access=on(_ARN, lower=True))
    async def describe_endpoint_config(self, context: RequestContext, request: Request) -> Request:
        """Return a configuration as it was given, with AWS's defaults.

        Raises:
            ValidationException: No such configuration.
        """
        record = self._records.get(context.scope, request["EndpointConfigName"])
        if record is None:
            raise could_not_find(KIND, _arn(context, request))
        facts = {"EndpointConfigArn": record.arn, "CreationTime": record.created_at}
        return {**record.request, **facts, "EnableNetworkIsolation": False}

    @operation("ListEndpointConfigs")
    async def list_endpoint_configs(self, context: RequestContext, request: Request) -> Request:
        """Return one page of configurations, newest first where the request does not say."""
        configs, token = self._records.page(context.scope, request)
        summaries = [
            {
                "EndpointConfigName": config.name,
                "EndpointConfigArn": config.arn,
                "CreationTime": config.created_at,
            }
            for config in configs
        ]
        return {"EndpointConfigs": summaries, "NextToken": token}

    @operation("DeleteEndpointConfig", access=on(_ARN, lower=True))
    async def delete_endpoint_config(self, context: RequestContext, request: Request) -> None:
        """Forget a configuration.

        Raises:
            ValidationException: No such configuration.
        """
        if not await self._records.delete(context.scope, request["EndpointConfigName"]):
            raise could_not_find(KIND, _arn(context, request))

    def _check(self, context: RequestContext, variant: Mapping[str, Any]) -> None:
        model = variant.get("ModelName")
        if model:
            record = self._models.get(context.scope, model)
            if record is None:
                raise could_not_find("model", arns.model_arn(context.scope, model))
            for container in record.containers:
                self._prewarming.expect(self._images.resolve(container["Image"], "inference"))
            if variant.get("ServerlessConfig"):
                check_model(record.request, record.containers)
                return
        instance_type = variant.get("InstanceType")
        counted = "InitialInstanceCount" in variant or (not model and scaling_of(variant) is not None)
        if instance_type is None or not counted:
            raise ValidationException(
                f"InstanceType and InitialInstanceCount are required for variant {variant['VariantName']}."
            )
        if variant.get("InitialInstanceCount", 1) < 1:
            raise ValidationException("InitialInstanceCount must be at least 1.")
        instance_limits.on_this_host(instance_type)

    def _check_several(
        self, context: RequestContext, request: Request, variants: Sequence[Mapping[str, Any]]
    ) -> None:
        """Check what goes with models of which one variant serves many; from memory, as the words."""
        names = [variant["ModelName"] for variant in variants if variant.get("ModelName")]
        found = [self._models.get(context.scope, name) for name in names]
        several = [
            any(is_multi_model(container) for container in model.containers) for model in found if model
        ]
        direct = any(
            (model.request.get("InferenceExecutionConfig") or {}).get("Mode") == "Direct"
            for model in found
            if model
        )
        if direct and request.get("AsyncInferenceConfig"):
            raise ValidationException("AsyncInferenceConfig is not supported with Mode Direct.")
        if not any(several):
            return
        for member in ("AsyncInferenceConfig", "ShadowProductionVariants"):
            if request.get(member):
                raise ValidationException(f"{member} is not supported for multi-model endpoints.")
        if not all(several):
            raise ValidationException("All variants of a multi-model endpoint must have multi-model models.")


def _arn(context: RequestContext, request: Request) -> str:
    return arns.endpoint_config_arn(context.scope, request["EndpointConfigName"])
