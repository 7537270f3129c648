"""When a function may be changed, and what a change does to its `$LATEST`. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sagehen.domain.ids import Ids
from sagehen.services.lambda_.errors import (
    InvalidParameterValueException,
    ResourceConflictException,
    wrong_revision,
)
from sagehen.services.lambda_.functions.rows import VersionRecord


def require_settled(record: VersionRecord, revision_id: str | None = None) -> None:
    """Refuse a change while another one is under way, or on an outdated RevisionId.

    Raises:
        ResourceConflictException, PreconditionFailedException: Of the two the latter first (recorded).
    """
    if revision_id is not None and revision_id != record.revision_id:
        raise wrong_revision()
    reason = "The operation cannot be performed at this time. "
    if record.state == "Pending":
        raise ResourceConflictException(
            f"{reason}The function is currently in the following state: {record.state}"
        )
    if record.update_status == "InProgress":
        raise ResourceConflictException(
            f"{reason}An update is in progress for resource: {record.reference.unqualified_arn}"
        )


def require_sha(record: VersionRecord, code_sha: str | None) -> None:
    """Refuse to publish code other than what the caller has in mind.

    Args:
        code_sha: CodeSha256 as AWS shows it, in base64; None where the caller does not mind.

    Raises:
        InvalidParameterValueException.
    """
    current = record.shown_code_sha
    if code_sha is not None and code_sha != current:
        raise InvalidParameterValueException(
            f"CodeSHA256 ({code_sha}) is different from current CodeSHA256 in $LATEST ({current}). "
            "Please try again with the CodeSHA256 in $LATEST."
        )


def updated(record: VersionRecord, ids: Ids, now: datetime, **changes: Any) -> VersionRecord:
    """Return `$LATEST` with changes that need a preparation and new environments."""
    return replace(
        record,
        revision_id=ids.uuid(),
        revision=ids.uuid(),
        modified_at=now,
        update_status="InProgress",
        reason="",
        **changes,
    )
