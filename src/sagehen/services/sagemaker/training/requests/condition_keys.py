"""SageMaker's condition keys of a training job that is to be made. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.resources.condition_keys import Keys, flag, keys_of, listed, network


def of_training_job(request: Mapping[str, Any]) -> Keys:
    """Return the keys that CreateTrainingJob's request determines (see `resources.condition_keys`)."""
    resources = request.get("ResourceConfig") or {}
    groups = resources.get("InstanceGroups") or ()
    files = [
        source
        for channel in request.get("InputDataConfig") or ()
        if (source := (channel.get("DataSource") or {}).get("FileSystemDataSource"))
    ]
    return keys_of(
        {
            "InstanceTypes": listed([resources, *groups], "InstanceType"),
            "InterContainerTrafficEncryption": flag(request.get("EnableInterContainerTrafficEncryption")),
            "MaxRuntimeInSeconds": (request.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds"),
            "NetworkIsolation": flag(request.get("EnableNetworkIsolation")),
            "OutputKmsKey": (request.get("OutputDataConfig") or {}).get("KmsKeyId"),
            "VolumeKmsKey": resources.get("VolumeKmsKeyId"),
            "KeepAlivePeriod": resources.get("KeepAlivePeriodInSeconds"),
            "EnableRemoteDebug": flag((request.get("RemoteDebugConfig") or {}).get("EnableRemoteDebug")),
            "FileSystemId": listed(files, "FileSystemId"),
            "FileSystemType": listed(files, "FileSystemType"),
            "FileSystemDirectoryPath": listed(files, "DirectoryPath"),
            "FileSystemAccessMode": listed(files, "FileSystemAccessMode"),
            **network(request),
        }
    )
