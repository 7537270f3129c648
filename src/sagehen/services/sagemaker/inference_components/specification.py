"""What a Specification means: what is refused, what an update keeps, what a copy runs. Pure but for reads.

Documented: InferenceComponentSpecification's model, but for the words of refusals, which are from memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from math import ceil
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.deployments.of_config import served
from sagehen.services.sagemaker.endpoints.endpoint import EndpointVariant
from sagehen.services.sagemaker.inference_components.component import Revision
from sagehen.services.sagemaker.inference_components.needs import Needs
from sagehen.services.sagemaker.instances.variables import require_variables
from sagehen.services.sagemaker.models.records import ModelRecord, is_multi_model
from sagehen.services.sagemaker.resources.rows import to_json
from sagehen.services.sagemaker.transfers import uris

_UNBUILT = ("InstanceType", "BaseInferenceComponentName")


def check(operation: str, request: Mapping[str, Any]) -> None:
    """Check the members of a request that are not built.

    Raises:
        NotImplementedOperation: By their names.
    """
    specification: Mapping[str, Any] = request.get("Specification") or {}
    given = ["Specifications"] if request.get("Specifications") else []
    given += [f"Specification.{member}" for member in _UNBUILT if specification.get(member)]
    if (specification.get("Container") or {}).get("ContainerMetricsConfig"):
        given.append("Specification.Container.ContainerMetricsConfig")
    if (specification.get("ComputeResourceRequirements") or {}).get("AcceleratorPartitionType"):
        given.append("Specification.ComputeResourceRequirements.AcceleratorPartitionType")
    if (specification.get("SchedulingConfig") or {}).get("AvailabilityZoneBalance"):
        given.append("Specification.SchedulingConfig.AvailabilityZoneBalance")
    if given:
        raise NotImplementedOperation(f"{operation} {', '.join(given)} is not implemented.")


def merged(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a specification with what an update leaves out as it was.

    From the SDK (2.257: `update_predictor`), which gives the members that change, of a container those of its
    members, and no ModelName where that stays.
    """
    changed = {member: value for member, value in given.items() if value}
    if changed.get("Container") and before.get("Container"):
        changed["Container"] = {**before["Container"], **changed["Container"]}
    if changed.get("StartupParameters") and before.get("StartupParameters"):
        changed["StartupParameters"] = {**before["StartupParameters"], **changed["StartupParameters"]}
    kept = dict(before)
    if changed.get("ModelName"):
        kept.pop("Container", None)
    elif changed.get("Container"):
        kept.pop("ModelName", None)
    return kept | changed


def require_whole(specification: Mapping[str, Any]) -> None:
    """Check that a specification says what a copy runs, and what it needs.

    Raises:
        ValidationException.
    """
    container = specification.get("Container")
    if bool(specification.get("ModelName")) == bool(container):
        raise ValidationException(
            "Exactly one of ModelName and Container must be specified in Specification."
        )
    if container:
        if not container.get("Image"):
            raise ValidationException("Image must be specified in Container.")
        if container.get("ArtifactUrl"):
            uris.split(container["ArtifactUrl"])
        require_variables("Environment", container.get("Environment") or {})
    resources = specification.get("ComputeResourceRequirements")
    if not resources:
        raise ValidationException("ComputeResourceRequirements must be specified in Specification.")
    least, most = resources["MinMemoryRequiredInMb"], resources.get("MaxMemoryRequiredInMb")
    if most is not None and most < least:
        raise ValidationException(f"MaxMemoryRequiredInMb {most} is less than MinMemoryRequiredInMb {least}.")


def model_of(scope: Scope, name: str, specification: Mapping[str, Any], role_arn: str) -> ModelRecord:
    """Return the Container of a specification as if a model had it.

    Args:
        name: Of the component.
        role_arn: The endpoint configuration's: as there is no model, it has no other.
    """
    container = specification["Container"]
    definition = {"Image": container["Image"], "Environment": container.get("Environment") or {}}
    if container.get("ArtifactUrl"):
        definition["ModelDataUrl"] = container["ArtifactUrl"]
    request = {"ExecutionRoleArn": role_arn, "PrimaryContainer": definition}
    return ModelRecord(scope, name, datetime.min, request)


def revision_of(
    model: ModelRecord,
    host: EndpointVariant,
    specification: Mapping[str, Any],
    resolved: Callable[[str], str],
    now: datetime,
) -> Revision:
    """Return the first revision of a specification that is whole.

    Args:
        host: The endpoint's variant.
        resolved: Returns the URI of an image by its digest.

    Raises:
        NotImplementedOperation: A model of several containers, or of several models.
    """
    if len(model.containers) > 1 or is_multi_model(model.containers[0]):
        raise NotImplementedOperation(
            "Inference components of models with several containers, or in Mode MultiModel, are not"
            " implemented."
        )
    startup = specification.get("StartupParameters") or {}
    variant = served(model, {"VariantName": host.name, **startup}, resolved)
    resources = specification["ComputeResourceRequirements"]
    return Revision(
        number=1,
        specification=json.loads(to_json(specification)),  # as it will be read again
        served=variant,
        needs=Needs(
            float(resources.get("NumberOfCpuCoresRequired") or 0),
            resources["MinMemoryRequiredInMb"],
            ceil(resources.get("NumberOfAcceleratorDevicesRequired") or 0),
        ),
        most_memory_mb=resources.get("MaxMemoryRequiredInMb"),
        placement=(specification.get("SchedulingConfig") or {}).get("PlacementStrategy", "SPREAD"),
        created_at=now.timestamp(),
    )
