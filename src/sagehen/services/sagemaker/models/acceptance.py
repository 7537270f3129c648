"""What CreateModel accepts, beyond the service model's own rules. Pure checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.images.mapping import Images
from sagehen.services.sagemaker.instances.variables import require_variables
from sagehen.services.sagemaker.models.records import is_multi_model
from sagehen.services.sagemaker.transfers import uris

# Named as the service model names them, so that 501 says what to leave out.
# Documented: Inference pipelines, and multi-container endpoints.
_MOST_CONTAINERS = 15
_UNBUILT_IN_CONTAINER = (
    "ImageConfig", "AdditionalModelDataSources", "ModelPackageName",
    "InferenceSpecificationName", "ContainerMetricsConfig",
)  # fmt: skip
_UNBUILT_IN_DATA_SOURCE = ("ModelAccessConfig", "HubAccessConfig", "ManifestS3Uri", "ETag", "ManifestEtag")


def check(
    request: Mapping[str, Any], containers: Sequence[Mapping[str, Any]], images: Images, account_id: str
) -> None:
    """Check a request, beyond the service model's own rules.

    Args:
        containers: All of its ContainerDefinitions.
        images: What stands for their images.
        account_id: Whose request it is.

    Raises:
        ValidationException: No container, both forms of naming them, no image, one that the account's own
            registry does not have, or a variable that no process can be given.
        NotImplementedOperation: A member whose effect is not built, by its name, or an image that is not
            mapped.
    """
    # The words of all these refusals are from memory.
    if request.get("PrimaryContainer") and request.get("Containers"):
        raise ValidationException("Only one of PrimaryContainer and Containers may be specified.")
    if not containers:
        raise ValidationException("Either PrimaryContainer or Containers must be specified.")
    given: list[str] = []
    if len(containers) > 1 and any(is_multi_model(container) for container in containers):
        given.append("Mode MultiModel in one of several Containers")
    for container in containers:
        given += [member for member in _UNBUILT_IN_CONTAINER if container.get(member)]
        source = container.get("ModelDataSource", {}).get("S3DataSource", {})
        given += [f"S3DataSource.{member}" for member in _UNBUILT_IN_DATA_SOURCE if source.get(member)]
    if given:
        raise NotImplementedOperation(f"CreateModel {', '.join(given)} is not implemented.")
    _check_names(request, containers)
    for container in containers:
        if "Image" not in container:
            raise ValidationException("Image must be specified in the container definition.")
        require_variables("Environment", container.get("Environment", {}))
        _check_data(container)
        images.resolve(container["Image"], "inference", account_id)


def _check_names(request: Mapping[str, Any], containers: Sequence[Mapping[str, Any]]) -> None:
    """Check how many containers there are, and their names. Documented: ContainerDefinition's model."""
    names = [one["ContainerHostname"] for one in containers if one.get("ContainerHostname")]
    if len(containers) > _MOST_CONTAINERS:
        raise ValidationException(f"A model can have at most {_MOST_CONTAINERS} containers.")
    if len(containers) > 1 and len(names) not in (0, len(containers)):
        raise ValidationException("ContainerHostname must be specified for all containers, or for none.")
    if len(set(names)) != len(names):
        raise ValidationException("ContainerHostname must be unique for each container of a model.")
    if (request.get("InferenceExecutionConfig") or {}).get("Mode") != "Direct":
        return
    if len(containers) < 2 or not names:
        raise ValidationException(
            "InferenceExecutionConfig Mode Direct needs several containers with a ContainerHostname each."
        )


def _check_data(container: Mapping[str, Any]) -> None:
    """Check that model data is named once, and in a way that can be meant.

    Documented: S3ModelDataSource's model, but for the words.
    """
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    if is_multi_model(container):
        _check_several(container, bool(source))
    elif container.get("MultiModelConfig"):
        raise ValidationException("MultiModelConfig may only be specified when Mode is MultiModel.")
    if not source:
        return
    if container.get("ModelDataUrl"):
        raise ValidationException("Only one of ModelDataUrl and ModelDataSource may be specified.")
    is_prefix = source["S3DataType"] == "S3Prefix"
    if is_prefix and source["CompressionType"] == "Gzip":
        raise ValidationException("CompressionType Gzip is not supported with S3DataType S3Prefix.")
    if is_prefix and not source["S3Uri"].endswith("/"):
        raise ValidationException(
            f"Invalid S3Uri {source['S3Uri']}: with S3DataType S3Prefix it must end with a forward slash (/)."
        )
    _, key = uris.split(source["S3Uri"])
    if not is_prefix and key.endswith("/"):
        raise ValidationException(f"Invalid S3Uri {source['S3Uri']}: an S3Object must not end with a slash.")


def _check_several(container: Mapping[str, Any], has_source: bool) -> None:
    """Check where several models lie. Documented: ContainerDefinition's model, but for the words."""
    if has_source:
        raise ValidationException("ModelDataSource is not supported with Mode MultiModel.")
    if not container.get("ModelDataUrl"):
        raise ValidationException("ModelDataUrl must be specified when Mode is MultiModel.")
    uris.split(container["ModelDataUrl"])
