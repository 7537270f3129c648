"""What CreateModelPackage and CreateModelPackageGroup accept, beyond the service model's own rules. Pure.

Words are ours where nothing else is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.api.errors import NotImplementedOperation, ValidationException

# What DescribeModelPackage shows as it was given.
KEPT = (
    "ModelPackageDescription", "ModelPackageRegistrationType", "InferenceSpecification",
    "ValidationSpecification", "ModelApprovalStatus", "MetadataProperties", "ModelMetrics", "Domain", "Task",
    "SamplePayloadUrl", "CustomerMetadataProperties", "DriftCheckBaselines",
    "AdditionalInferenceSpecifications", "SkipModelValidation", "SourceUri", "ModelCard", "ModelLifeCycle",
)  # fmt: skip
_UNBUILT = ("CertifyForMarketplace", "SecurityConfig", "ManagedStorageType")
# Documented: of these, what it says of versioned packages alone.
_VERSIONED_ONLY = ("ModelApprovalStatus",)


def check(request: Mapping[str, Any]) -> None:
    """Check CreateModelPackage's request.

    Raises:
        ValidationException, NotImplementedOperation.
    """
    unbuilt = [member for member in _UNBUILT if request.get(member)]
    if _is_validated(request):
        unbuilt.append("ValidationSpecification without SkipModelValidation All")
    if request.get("SourceAlgorithmSpecification"):
        # There are no algorithms (CreateAlgorithm is not implemented), and no marketplace to subscribe to.
        unbuilt.append("SourceAlgorithmSpecification")
    if unbuilt:
        raise NotImplementedOperation(f"CreateModelPackage {', '.join(unbuilt)} is not implemented.")
    _check_name(request)
    if request.get("InferenceSpecification") and is_arn(request.get("SourceUri")):
        # Known from AWS's Python SDK, which leaves one of them out for that reason.
        raise ValidationException("InferenceSpecification and SourceUri cannot both be specified.")
    check_specifications(request.get("AdditionalInferenceSpecifications") or ())
    check_card(request.get("ModelCard"))


def is_arn(uri: str | None) -> TypeGuard[str]:
    """Tell whether a SourceUri names a model or a model package, of which the specification is taken."""
    return uri is not None and uri.startswith("arn:")


def check_specifications(specifications: Any) -> None:
    """Check that additional inference specifications can be told apart.

    Raises:
        ValidationException: Two have one name, or there are more than 15 (documented).
    """
    told = [specification["Name"] for specification in specifications]
    if len(told) > 15:
        raise ValidationException("There can be at most 15 AdditionalInferenceSpecifications.")
    if len(set(told)) < len(told):
        raise ValidationException("Names of AdditionalInferenceSpecifications must be unique.")


def check_card(card: Mapping[str, Any] | None) -> None:
    """Check that a model card's content is what its schema begins with: an object in JSON.

    Raises:
        ValidationException: It is not.
    """
    if not card or not card.get("ModelCardContent"):
        return
    try:
        content = read_json(card["ModelCardContent"])
    except NotJson as error:
        raise ValidationException(f"ModelCardContent is not valid JSON: {error}") from None
    if not isinstance(content, dict):
        raise ValidationException("ModelCardContent must be a JSON object.")


def _check_name(request: Mapping[str, Any]) -> None:
    name, group = request.get("ModelPackageName"), request.get("ModelPackageGroupName")
    if name and group:  # recorded: getmoto/moto pull request 7165, as is the next one
        raise ValidationException(
            "Both ModelPackageName and ModelPackageGroupName are provided in the input. "
            "Cannot determine which one to use."
        )
    if not name and not group:
        raise ValidationException("Missing ARN.")
    if group:
        if request.get("Tags"):  # documented: a version has its group's tags
            raise ValidationException("Tags cannot be specified for a versioned ModelPackage.")
        return
    given = [member for member in _VERSIONED_ONLY if request.get(member)]
    if given:
        raise ValidationException(f"{', '.join(given)} is only valid for versioned ModelPackages.")
    if not request.get("InferenceSpecification") and not request.get("SourceUri"):
        raise ValidationException(
            "Either InferenceSpecification or SourceAlgorithmSpecification is required."
        )
    if any(container.get("Environment") for container in _containers(request)):
        # Recorded in a public repository that copies packages between accounts.
        raise ValidationException(
            "1 validation errors detected:"
            "Environment variable map cannot be specified when using non-versioned ModelPackages"
        )


def _is_validated(request: Mapping[str, Any]) -> bool:
    profiles = (request.get("ValidationSpecification") or {}).get("ValidationProfiles")
    return bool(profiles) and request.get("SkipModelValidation") != "All"


def _containers(request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (request.get("InferenceSpecification") or {}).get("Containers") or ()
    for specification in request.get("AdditionalInferenceSpecifications") or ():
        yield from specification["Containers"]
