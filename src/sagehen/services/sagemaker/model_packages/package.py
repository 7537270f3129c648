"""PackageRecord: one model package as it is recorded, and as it is told of. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.model_packages import names

_SUMMARY = (
    "ModelPackageDescription", "ModelApprovalStatus", "ModelLifeCycle", "ModelPackageRegistrationType",
)  # fmt: skip
_BATCH = (
    "ModelPackageDescription", "InferenceSpecification", "ModelApprovalStatus",
    "ModelPackageRegistrationType",
)  # fmt: skip
# What MetadataOnly leaves of a model card: from memory.
_CARD_METADATA = "model_overview"


@dataclass(frozen=True, slots=True)
class PackageRecord:
    """A model package.

    Args:
        label: The group's name, or the package's own.
        version: In its group; 0 of a package that has a name of its own.
        members: What DescribeModelPackage shows besides names and times, with the names of its members.
        client_token: Of the request that made it, or ''.
        fingerprint: Of the same.
    """

    scope: Scope
    label: str
    version: int
    created_at: datetime
    modified_at: datetime
    members: Mapping[str, Any] = field(repr=False)
    client_token: str = ""
    fingerprint: str = ""

    @property
    def name(self) -> str:
        """What its ARN ends with."""
        label = self.label.lower()
        return f"{label}/{self.version}" if self.version else label

    @property
    def arn(self) -> str:
        return names.Named(names.PACKAGE, self.scope, self.name).arn

    @property
    def group(self) -> names.Named | None:
        """Its group; None where it has none."""
        return names.Named(names.GROUP, self.scope, self.label) if self.version else None

    @property
    def approval(self) -> str:
        """Its ModelApprovalStatus, or '' where it has none."""
        return str(self.members.get("ModelApprovalStatus") or "")

    @property
    def specifications(self) -> Sequence[Mapping[str, Any]]:
        """Its additional inference specifications."""
        return self.members.get("AdditionalInferenceSpecifications") or ()


def describe(record: PackageRecord, *, metadata_only: bool = False) -> dict[str, Any]:
    """Return DescribeModelPackage's answer.

    Args:
        metadata_only: Of the model card no more than what is not encrypted at AWS.
    """
    told = {
        # Required by the model. A version is found by it as well (VersionedArnOrName).
        "ModelPackageName": f"{record.label}/{record.version}" if record.version else record.label,
        "ModelPackageArn": record.arn,
        "CreationTime": record.created_at,
        "CertifyForMarketplace": False,
        **_completed(details=True),
        **record.members,
    }
    if record.version:
        told |= {"ModelPackageGroupName": record.label, "ModelPackageVersion": record.version}
    if record.modified_at != record.created_at:
        told["LastModifiedTime"] = record.modified_at
    if metadata_only and (card := record.members.get("ModelCard")):
        told["ModelCard"] = {**card, "ModelCardContent": _sanitized(card.get("ModelCardContent", ""))}
    return told


def summarize(record: PackageRecord) -> dict[str, Any]:
    """Return ListModelPackages' line."""
    own = (
        {"ModelPackageGroupName": record.label, "ModelPackageVersion": record.version}
        if record.version
        else {"ModelPackageName": record.label}
    )
    return {
        **own,
        **_of(record, _SUMMARY),
        "ModelPackageArn": record.arn,
        "CreationTime": record.created_at,
        **_completed(),
    }


def summarize_in_batch(record: PackageRecord) -> dict[str, Any]:
    """Return BatchDescribeModelPackage's entry."""
    return {
        "ModelPackageGroupName": record.label,
        "ModelPackageVersion": record.version,
        "ModelPackageArn": record.arn,
        "CreationTime": record.created_at,
        "InferenceSpecification": {},
        **_of(record, _BATCH),
        **_completed(),
    }


def _of(record: PackageRecord, members: Sequence[str]) -> dict[str, Any]:
    return {member: record.members[member] for member in members if member in record.members}


def _completed(*, details: bool = False) -> dict[str, Any]:
    """Return the status of what is complete as soon as it is recorded: nothing is validated or scanned."""
    status: dict[str, Any] = {"ModelPackageStatus": "Completed"}
    if details:
        status["ModelPackageStatusDetails"] = {"ValidationStatuses": [], "ImageScanStatuses": []}
    return status


def _sanitized(content: str) -> str:
    try:
        card = read_json(content)
    except NotJson:
        return ""
    overview = card.get(_CARD_METADATA) if isinstance(card, dict) else None
    return json.dumps({_CARD_METADATA: overview}) if overview else "{}"
