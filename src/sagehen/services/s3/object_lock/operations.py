"""Retention and legal hold of versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import AccessRule, Request, operation
from sagehen.domain.access import Access
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import object_access
from sagehen.services.s3.errors.requests import InvalidArgument, MalformedXML
from sagehen.services.s3.object_lock.errors import NoSuchObjectLockConfiguration, no_object_lock
from sagehen.services.s3.object_lock.headers import KIND, in_utc, lock_conditions, shown
from sagehen.services.s3.object_lock.locks import MODES, Lock, check_retention, relocked
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.versions import Version


def _on_version(action: str) -> AccessRule:
    """Make a rule for an action that has one name, with and without a version."""

    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        resource: Resource = owner
        bucket, version_id = resource.state.bucket(request), request.get("VersionId")
        version = resource.state.objects.get(bucket.name, request["Key"], version_id)
        access = object_access(
            resource.state, context.principal, bucket, request["Key"], version, action, version_id
        )
        retention, hold = request.get("Retention") or {}, request.get("LegalHold") or {}
        keys = lock_conditions(
            retention.get("Mode"),
            retention.get("RetainUntilDate"),
            hold.get("Status"),
            resource.state.clock.now(),
        )
        yield replace(access, conditions={**access.conditions, **keys})

    return rule


def may_bypass(
    resource: Resource, context: RequestContext, bucket: Bucket, key: str, request: Mapping[str, Any]
) -> bool:
    """Tell whether a request passes over governance: it says so, and its caller has the right.

    Raises:
        InvalidArgument: It says so in a bucket without Object Lock.
    """
    asked = request.get("BypassGovernanceRetention")
    # The words are those of emulators that were compared with AWS; not recorded here.
    if asked is not None and not resource.state.buckets.has_configuration(bucket.name, KIND):
        raise InvalidArgument(
            "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.",
            "x-amz-bypass-governance-retention",
            None,
        )
    if not asked:
        return False
    access = Access("s3:BypassGovernanceRetention", bucket.object_arn(key))
    return resource.state.authorizer.is_allowed(context.principal, access, context.condition_keys())


def shown_lock(
    resource: Resource, context: RequestContext, bucket: Bucket, version: Version
) -> dict[str, Any]:
    """Return a lock as GetObject shows it, to those who may read it by its own operations."""
    lock = Lock.of(version.details)
    shown: dict[str, Any] = {}
    if lock.mode and _may(resource, context, bucket, version, "GetObjectRetention"):
        shown |= {"ObjectLockMode": lock.mode, "ObjectLockRetainUntilDate": lock.until}
    if lock.hold and _may(resource, context, bucket, version, "GetObjectLegalHold"):
        shown["ObjectLockLegalHoldStatus"] = lock.hold
    return shown


def _may(resource: Resource, context: RequestContext, bucket: Bucket, version: Version, action: str) -> bool:
    access = object_access(resource.state, context.principal, bucket, version.key, version, action, None)
    return resource.state.authorizer.is_allowed(context.principal, access, context.condition_keys())


class ObjectLocks(Resource):
    """Retention and legal hold: independent of one another, and either protects."""

    def _version(self, context: RequestContext, request: Request, method: str) -> tuple[Bucket, Version]:
        bucket = self.state.bucket(request)
        version = self.annotated_version(context, request, method)
        if not self.state.buckets.has_configuration(bucket.name, KIND):
            raise no_object_lock()
        return bucket, version

    @operation("PutObjectRetention", access=_on_version("PutObjectRetention"))
    async def put_object_retention(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket, version = self._version(context, request, "PUT")
        retention = request.get("Retention")
        if retention is None:
            raise MalformedXML()
        if retention.get("EventHold") or retention.get("EventHoldDuration"):
            raise NotImplementedOperation("Event holds are not implemented.")
        mode, until = retention.get("Mode"), retention.get("RetainUntilDate")
        if (mode is None) != (until is None) or (mode is not None and mode not in MODES):
            raise MalformedXML()
        now = self.state.clock.now()
        if until is not None:
            until = in_utc(until)
            if until <= now:
                text = "The retain until date must be in the future!"
                raise InvalidArgument(text, "RetainUntilDate", shown(until))
        bypass = may_bypass(self, context, bucket, version.key, request)

        def change(lock: Lock) -> Lock:
            check_retention(lock, mode or "", until, now, bypass)
            return replace(lock, mode=mode or "", until=until)

        await self.state.objects.change_details(version, relocked(change))
        return {}

    @operation("GetObjectRetention", access=_on_version("GetObjectRetention"))
    async def get_object_retention(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        _, version = self._version(context, request, "GET")
        lock = Lock.of(version.details)
        if not lock.mode:
            raise NoSuchObjectLockConfiguration()
        return {"Retention": {"Mode": lock.mode, "RetainUntilDate": lock.until}}

    @operation("PutObjectLegalHold", access=_on_version("PutObjectLegalHold"))
    async def put_object_legal_hold(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        _, version = self._version(context, request, "PUT")
        status = (request.get("LegalHold") or {}).get("Status")
        if status not in ("ON", "OFF"):
            raise MalformedXML()
        change = relocked(lambda lock: replace(lock, hold=status))
        await self.state.objects.change_details(version, change)
        return {}

    @operation("GetObjectLegalHold", access=_on_version("GetObjectLegalHold"))
    async def get_object_legal_hold(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        _, version = self._version(context, request, "GET")
        lock = Lock.of(version.details)
        if not lock.hold:
            raise NoSuchObjectLockConfiguration()
        return {"LegalHold": {"Status": lock.hold}}
