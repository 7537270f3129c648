"""SageMaker's condition keys of a transform job that is to be made. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.condition_keys import Keys, keys_of, listed


def of_transform_job(request: Mapping[str, Any], scope: Scope) -> Keys:
    """Return the keys that CreateTransformJob's request determines (see `resources.condition_keys`)."""
    resources = request.get("TransformResources") or {}
    return keys_of(
        {
            "InstanceTypes": listed([resources], "InstanceType"),
            "ModelArn": arns.model_arn(scope, request.get("ModelName") or ""),
            "OutputKmsKey": (request.get("TransformOutput") or {}).get("KmsKeyId"),
            "VolumeKmsKey": resources.get("VolumeKmsKeyId"),
        }
    )
