"""Resource: the base of everything that has operations: whose bucket, which version, and may one know."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.domain.access import Access
from sagehen.services.s3.errors.objects import NoSuchKey, NoSuchVersion
from sagehen.services.s3.errors.requests import MethodNotAllowed
from sagehen.services.s3.grants.rights import granted_on_bucket
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.version_ids import (
    check_version_id,
)
from sagehen.services.s3.records.versions import Version
from sagehen.services.s3.state import S3State


class Resource:
    """Base of S3's resources: holds the shared state."""

    def __init__(self, state: S3State) -> None:
        self.state = state

    def annotated_version(self, context: RequestContext, request: dict[str, Any], method: str) -> Version:
        """Return the version whose tags or ACL a request is about: as `find_version`, but for markers.

        Raises:
            MethodNotAllowed: The latest version is a delete marker, which has neither (recorded).
        """
        bucket = self.state.bucket(request)
        if request.get("VersionId") is None:
            latest = self.state.objects.get(bucket.name, request["Key"])
            if latest is not None and latest.is_marker:
                raise _refused_marker(latest, method)
        return self.find_version(context, request, method)

    def find_version(self, context: RequestContext, request: dict[str, Any], method: str) -> Version:
        """Return the object version that a request names by Key and VersionId.

        Raises:
            NoSuchKey, NoSuchVersion: And AccessDenied in their place for who may not list the bucket.
            MethodNotAllowed: The version named is a delete marker.
        """
        bucket = self.state.bucket(request)
        return self.readable_version(context, bucket, request["Key"], request.get("VersionId"), method)

    def readable_version(
        self, context: RequestContext, bucket: Bucket, key: str, version_id: str | None, method: str
    ) -> Version:
        """Return a version that has bytes, of any bucket: `find_version` for what a copy's source names.

        Args:
            version_id: None for the latest.
            method: Of the request, for the refusal of a delete marker.

        Raises:
            NoSuchKey, NoSuchVersion, MethodNotAllowed, AccessDenied: As `find_version`.
            InvalidArgument: The version id cannot be one.
        """
        check_version_id(version_id)
        version = self.state.objects.get(bucket.name, key, version_id)
        if version is not None and not version.is_marker:
            return version
        if version is not None and version_id is not None:
            raise _refused_marker(version, method)
        # Who may not list a bucket may not learn from a 404 what it does not hold.
        granted = granted_on_bucket(self.state.buckets, bucket, "ListBucket", context.principal)
        self.state.authorizer.authorize(
            context.principal, Access("s3:ListBucket", bucket.arn, acl=granted), context.condition_keys()
        )
        if version_id is not None:
            raise NoSuchVersion(key, version_id)
        missing = NoSuchKey(key)
        if version is not None:
            missing.headers |= _marker_headers(version)
        raise missing


def _refused_marker(marker: Version, method: str) -> MethodNotAllowed:
    refusal = MethodNotAllowed(method, "DeleteMarker")
    refusal.headers |= {**_marker_headers(marker), "Allow": "DELETE"}
    return refusal


def _marker_headers(marker: Version) -> dict[str, str]:
    return {"x-amz-delete-marker": "true", "x-amz-version-id": marker.version_id}
