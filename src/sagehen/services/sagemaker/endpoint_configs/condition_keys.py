"""SageMaker's condition keys of an endpoint configuration that is to be made. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.condition_keys import Keys, flag, keys_of, listed, network


def of_endpoint_config(scope: Scope, request: Mapping[str, Any]) -> Keys:
    """Return the keys that CreateEndpointConfig's request determines (see `resources.condition_keys`)."""
    members = ("ProductionVariants", "ShadowProductionVariants")
    variants = [variant for member in members for variant in request.get(member) or ()]
    serverless = [variant.get("ServerlessConfig") or {} for variant in variants]
    models = tuple(arns.model_arn(scope, name) for name in listed(variants, "ModelName"))
    return keys_of(
        {
            "AcceleratorTypes": listed(variants, "AcceleratorType"),
            "InstanceTypes": listed(variants, "InstanceType"),
            "ModelArn": models,
            "ServerlessMaxConcurrency": listed(serverless, "MaxConcurrency"),
            "ServerlessMemorySize": listed(serverless, "MemorySizeInMB"),
            "VolumeKmsKey": request.get("KmsKeyId"),
            "NetworkIsolation": flag(request.get("EnableNetworkIsolation")),
            **network(request),
        }
    )
