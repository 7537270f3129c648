"""What DescribeInferenceComponent and ListInferenceComponents tell of a component."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.inference_components.component import InferenceComponent, Revision
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.rows import moment


def describe(component: InferenceComponent, ready: int) -> dict[str, Any]:
    """Return DescribeInferenceComponent's output.

    Args:
        ready: Copies in service, of whichever revision.
    """
    described: dict[str, Any] = {
        **summary(component),
        "Specification": _specification(component.live),
        "RuntimeConfig": {"DesiredCopyCount": component.copies, "CurrentCopyCount": ready},
    }
    if component.failure_reason:
        described["FailureReason"] = component.failure_reason
    if component.deployment_config:
        described["LastDeploymentConfig"] = component.deployment_config
    return described


def summary(component: InferenceComponent) -> dict[str, Any]:
    """Return one entry of ListInferenceComponents."""
    return {
        "InferenceComponentName": component.name,
        "InferenceComponentArn": component.arn,
        "EndpointName": component.endpoint,
        "EndpointArn": arns.endpoint_arn(component.scope, component.endpoint),
        "VariantName": component.variant,
        "InferenceComponentStatus": component.status,
        "CreationTime": component.created_at,
        "LastModifiedTime": component.modified_at,
    }


def _specification(revision: Revision) -> Mapping[str, Any]:
    container = revision.specification.get("Container")
    if not container:
        return revision.specification
    image = {
        "SpecifiedImage": revision.served.image,
        "ResolvedImage": revision.served.resolved_image or revision.served.image,
        "ResolutionTime": moment(revision.created_at),
    }
    told = {member: value for member, value in container.items() if member != "Image"}
    return {**revision.specification, "Container": {"DeployedImage": image, **told}}
