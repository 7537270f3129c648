"""Version ids: which ones can be ours, and which answers carry them."""

from __future__ import annotations

import re

from sagehen.services.s3.errors.requests import (
    InvalidArgument,
)
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.versions import NULL_VERSION, Version

_VERSION_ID = re.compile("[0-9a-f]{32}")


def check_version_id(version_id: str | None) -> None:
    """Refuse what is no version id of ours: S3 too tells its own from others'."""
    if version_id not in (None, NULL_VERSION) and not _VERSION_ID.fullmatch(version_id or ""):
        raise InvalidArgument("Invalid version id specified", "versionId", version_id)


def shown_version_id(bucket: Bucket, version: Version) -> str | None:
    """Return the version id as reads carry it: none from a bucket that never was versioned."""
    return version.version_id if bucket.versioning else None


def made_version_id(version: Version) -> str | None:
    """Return the version id as writes and copies carry it: the `null` version is not named (recorded)."""
    return None if version.version_id == NULL_VERSION else version.version_id
