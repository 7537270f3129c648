"""SageMaker's condition keys of model packages, of what is asked for and of what is there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.model_packages.package import PackageRecord
from sagehen.services.sagemaker.resources.condition_keys import Keys, keys_of


def of_request(request: Mapping[str, Any]) -> Keys:
    """Return the keys that CreateModelPackage's or UpdateModelPackage's request determines."""
    cycle = request.get("ModelLifeCycle") or {}
    properties = request.get("CustomerMetadataProperties") or {}
    return keys_of(
        {
            "ModelApprovalStatus": request.get("ModelApprovalStatus"),
            "ModelLifeCycle:stage": cycle.get("Stage"),
            "ModelLifeCycle:stageStatus": cycle.get("StageStatus"),
            "CustomerMetadataPropertiesToRemove": tuple(
                request.get("CustomerMetadataPropertiesToRemove") or ()
            ),
            **{f"CustomerMetadataProperties/{name}": value for name, value in properties.items()},
        }
    )


def of_package(record: PackageRecord | None) -> Keys:
    """Return the keys that a package determines as it is."""
    members = record.members if record else {}
    cycle = members.get("ModelLifeCycle") or {}
    properties = members.get("CustomerMetadataProperties") or {}
    return keys_of(
        {
            "CurrentModelLifeCycleStage": cycle.get("Stage"),
            "CurrentModelLifeCycleStageStatus": cycle.get("StageStatus"),
            **{f"CurrentCustomerMetadataProperties/{name}": value for name, value in properties.items()},
        }
    )
