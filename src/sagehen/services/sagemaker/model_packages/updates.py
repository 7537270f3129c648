"""What UpdateModelPackage makes of a version. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.model_packages.acceptance import check_card, check_specifications, is_arn
from sagehen.services.sagemaker.model_packages.package import PackageRecord

_REPLACED = (
    "ModelApprovalStatus", "ModelPackageRegistrationType", "ApprovalDescription", "InferenceSpecification",
    "SourceUri", "ModelLifeCycle",
)  # fmt: skip
# Documented: CustomerMetadataMap.
_MAX_PROPERTIES = 50


def updated(
    record: PackageRecord,
    request: Mapping[str, Any],
    taken: Mapping[str, Any],
    at: datetime,
    by: Mapping[str, Any],
) -> PackageRecord:
    """Return a version as it is to be.

    Args:
        taken: Members that it takes over of its source.
        by: The UserContext of who asks.

    Raises:
        ValidationException: It is no version, or would not be a possible one; words are ours.
    """
    if not record.version:  # documented: "Updates a versioned model"
        raise ValidationException(f"ModelPackage {record.arn} is not versioned: it cannot be updated.")
    if request.get("InferenceSpecification") and is_arn(request.get("SourceUri")):
        raise ValidationException("InferenceSpecification and SourceUri cannot both be specified.")
    members = dict(record.members)
    members |= {member: request[member] for member in _REPLACED if request.get(member) is not None}
    members |= taken
    members |= _properties(members, request)
    if asked := request.get("AdditionalInferenceSpecificationsToAdd"):
        # Who asks again, as he had no answer, adds nothing.
        added = [each for each in asked if each not in record.specifications]
        specifications = [*record.specifications, *added]
        check_specifications(specifications)
        members["AdditionalInferenceSpecifications"] = specifications
    if card := request.get("ModelCard"):
        members["ModelCard"] = _card(record.members.get("ModelCard") or {}, card)
    members["LastModifiedBy"] = dict(by)
    return replace(record, members=members, modified_at=at)


def _properties(members: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    properties = dict(members.get("CustomerMetadataProperties") or {})
    for name in request.get("CustomerMetadataPropertiesToRemove") or ():
        properties.pop(name, None)
    properties |= request.get("CustomerMetadataProperties") or {}
    if len(properties) > _MAX_PROPERTIES:
        raise ValidationException(f"There can be at most {_MAX_PROPERTIES} CustomerMetadataProperties.")
    known = properties or "CustomerMetadataProperties" in members
    return {"CustomerMetadataProperties": properties} if known else {}


def _card(before: Mapping[str, Any], card: Mapping[str, Any]) -> dict[str, Any]:
    check_card(card)
    archived = before.get("ModelCardStatus") == "Archived"
    if archived and card.get("ModelCardContent") not in (None, before.get("ModelCardContent")):
        raise ValidationException("Model Card is in Archived state.")  # documented: ModelCardStatus
    return {**before, **card}
