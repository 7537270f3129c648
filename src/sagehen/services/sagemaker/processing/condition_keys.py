"""SageMaker's condition keys of a processing job that is to be made. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.resources.condition_keys import Keys, flag, keys_of, listed, network


def of_processing_job(request: Mapping[str, Any]) -> Keys:
    """Return the keys that CreateProcessingJob's request determines (see `resources.condition_keys`)."""
    cluster = (request.get("ProcessingResources") or {}).get("ClusterConfig") or {}
    networking = request.get("NetworkConfig") or {}
    return keys_of(
        {
            "InstanceTypes": listed([cluster, *(cluster.get("InstancePreferences") or ())], "InstanceType"),
            "InterContainerTrafficEncryption": flag(networking.get("EnableInterContainerTrafficEncryption")),
            "MaxRuntimeInSeconds": (request.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds"),
            "NetworkIsolation": flag(networking.get("EnableNetworkIsolation")),
            "OutputKmsKey": (request.get("ProcessingOutputConfig") or {}).get("KmsKeyId"),
            "VolumeKmsKey": cluster.get("VolumeKmsKeyId"),
            **network(networking),
        }
    )
