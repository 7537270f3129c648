"""SageMaker's condition keys of a notebook instance that is to be made or changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.resources.condition_keys import Keys, keys_of


def of_creation(request: Mapping[str, Any]) -> Keys:
    """Return the keys that CreateNotebookInstance's request determines, with what it leaves to defaults."""
    subnet = request.get("SubnetId")
    return _of(
        request, {"RootAccess": "Enabled", "DirectInternetAccess": "Enabled", "Version": "1"}
    ) | keys_of(
        {
            "VolumeKmsKey": request.get("KmsKeyId"),
            "VpcSubnets": (subnet,) if subnet else (),
            "VpcSecurityGroupIds": tuple(request.get("SecurityGroupIds") or ()),
        }
    )


def of_update(request: Mapping[str, Any]) -> Keys:
    """Return the keys that UpdateNotebookInstance's request determines: of what it changes alone."""
    return _of(request, {})


def _of(request: Mapping[str, Any], defaults: Mapping[str, str]) -> Keys:
    metadata = request.get("InstanceMetadataServiceConfiguration") or {}
    instance_type = request.get("InstanceType")
    return keys_of(
        {
            "InstanceTypes": (instance_type,) if instance_type else (),
            "AcceleratorTypes": tuple(request.get("AcceleratorTypes") or ()),
            "RootAccess": request.get("RootAccess") or defaults.get("RootAccess"),
            "DirectInternetAccess": request.get("DirectInternetAccess")
            or defaults.get("DirectInternetAccess"),
            "MinimumInstanceMetadataServiceVersion": metadata.get("MinimumInstanceMetadataServiceVersion")
            or defaults.get("Version"),
        }
    )
