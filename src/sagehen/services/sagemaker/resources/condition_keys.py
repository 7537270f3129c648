"""SageMaker's condition keys, as the requests that make things determine them. Pure.

What a request leaves to its default is `false` here as well: a Deny on `"Bool": {"sagemaker:…": "false"}`,
which AWS's own examples use, must meet requests that do not name the member.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_sagemaker.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sagehen.domain.access import ConditionValue
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources import arns

Keys = dict[str, ConditionValue]


def of_training_job(request: Mapping[str, Any]) -> Keys:
    resources = request.get("ResourceConfig") or {}
    groups = resources.get("InstanceGroups") or ()
    files = [
        source
        for channel in request.get("InputDataConfig") or ()
        if (source := (channel.get("DataSource") or {}).get("FileSystemDataSource"))
    ]
    return _set(
        {
            "InstanceTypes": _listed([resources, *groups], "InstanceType"),
            "InterContainerTrafficEncryption": _flag(request.get("EnableInterContainerTrafficEncryption")),
            "MaxRuntimeInSeconds": (request.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds"),
            "NetworkIsolation": _flag(request.get("EnableNetworkIsolation")),
            "OutputKmsKey": (request.get("OutputDataConfig") or {}).get("KmsKeyId"),
            "VolumeKmsKey": resources.get("VolumeKmsKeyId"),
            "KeepAlivePeriod": resources.get("KeepAlivePeriodInSeconds"),
            "EnableRemoteDebug": _flag((request.get("RemoteDebugConfig") or {}).get("EnableRemoteDebug")),
            "FileSystemId": _listed(files, "FileSystemId"),
            "FileSystemType": _listed(files, "FileSystemType"),
            "FileSystemDirectoryPath": _listed(files, "DirectoryPath"),
            "FileSystemAccessMode": _listed(files, "FileSystemAccessMode"),
            **_network(request),
        }
    )


def of_model(request: Mapping[str, Any]) -> Keys:
    return _set({"NetworkIsolation": _flag(request.get("EnableNetworkIsolation")), **_network(request)})


def of_endpoint_config(scope: Scope, request: Mapping[str, Any]) -> Keys:
    variants = request.get("ProductionVariants") or ()
    serverless = [variant.get("ServerlessConfig") or {} for variant in variants]
    models = tuple(arns.model_arn(scope, name) for name in _listed(variants, "ModelName"))
    return _set(
        {
            "AcceleratorTypes": _listed(variants, "AcceleratorType"),
            "InstanceTypes": _listed(variants, "InstanceType"),
            "ModelArn": models,
            "ServerlessMaxConcurrency": _listed(serverless, "MaxConcurrency"),
            "ServerlessMemorySize": _listed(serverless, "MemorySizeInMB"),
            "VolumeKmsKey": request.get("KmsKeyId"),
            "NetworkIsolation": _flag(request.get("EnableNetworkIsolation")),
            **_network(request),
        }
    )


def _network(request: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    network = request.get("VpcConfig") or {}
    return {
        "VpcSecurityGroupIds": tuple(network.get("SecurityGroupIds") or ()),
        "VpcSubnets": tuple(network.get("Subnets") or ()),
    }


def _listed(things: Iterable[Mapping[str, Any]], member: str) -> tuple[str, ...]:
    return tuple(str(thing[member]) for thing in things if thing.get(member) is not None)


def _flag(value: Any) -> str:
    return str(bool(value)).lower()


def _set(members: Mapping[str, Any]) -> Keys:
    """Return those that have a value, under their names as keys."""
    return {
        f"sagemaker:{name}": value if isinstance(value, tuple) else str(value)
        for name, value in members.items()
        if value not in (None, "", ())
    }
