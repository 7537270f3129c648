"""What CreateProcessingJob accepts, beyond the service model's own rules. Pure checks.

A member that has no effect here is refused with 501 by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.domain.process_text import first_fault
from sagehen.services.sagemaker.images.mapping import Image, Images
from sagehen.services.sagemaker.instances.supply import quotas
from sagehen.services.sagemaker.instances.variables import require_variables
from sagehen.services.sagemaker.jobs import settings_without_effect
from sagehen.services.sagemaker.jobs.groups import acceptance as groups
from sagehen.services.sagemaker.processing import inputs, outputs
from sagehen.services.sagemaker.processing.command import command_of
from sagehen.services.sagemaker.processing.inputs import ProcessingInput

_UNBUILT_RESOURCES = ("InstancePreferences", "SelectedInstanceType", "SelectedInstanceCount")


def check(request: Mapping[str, Any], images: Images) -> tuple[Image, tuple[ProcessingInput, ...]]:
    """Check a request; return what stands for its image, and its inputs.

    Raises:
        ValidationException: A rule of AWS's is broken.
        NotImplementedOperation: A member whose effect is not built, or an image that is not mapped.
        ResourceLimitExceeded: More instances than one job may have.
    """
    cluster = request["ProcessingResources"]["ClusterConfig"]
    _refuse_unbuilt(request, cluster)
    if "InstanceType" not in cluster:
        raise ValidationException("InstanceType must be provided in ClusterConfig.")
    groups.check(cluster, quotas.PROCESSING, "ClusterConfig")
    settings_without_effect.check(settings(request))
    app = request["AppSpecification"]
    image = images.resolve(app["ImageUri"], "processing")
    if not image.own:
        command_of(app, image)
    _check_texts(request, app)
    outputs.parse(request)
    return image, inputs.parse(request)


def settings(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return its network's and volume's settings where a training job's request has them."""
    network = request.get("NetworkConfig") or {}
    return {
        "VpcConfig": network.get("VpcConfig"),
        "EnableInterContainerTrafficEncryption": network.get("EnableInterContainerTrafficEncryption"),
        "ResourceConfig": request["ProcessingResources"]["ClusterConfig"],
    }


def _refuse_unbuilt(request: Mapping[str, Any], cluster: Mapping[str, Any]) -> None:
    given = [f"ClusterConfig.{member}" for member in _UNBUILT_RESOURCES if cluster.get(member)]
    if given:
        raise NotImplementedOperation(f"CreateProcessingJob {', '.join(given)} is not implemented.")


def _check_texts(request: Mapping[str, Any], app: Mapping[str, Any]) -> None:
    """Refuse what no process can be given."""
    require_variables("Environment", request.get("Environment") or {})
    for member in ("ContainerEntrypoint", "ContainerArguments"):
        if fault := first_fault({}, app.get(member) or ()):
            raise ValidationException(f"Invalid {member}: {fault[0]}: {fault[1]}.")
    if (app.get("ContainerEntrypoint") or ("-",))[0] == "":
        raise ValidationException("Invalid ContainerEntrypoint: its first word is empty.")
