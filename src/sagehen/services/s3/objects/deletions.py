"""DeleteObject and DeleteObjects."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ServiceError
from sagehen.api.operation import Reply, Request, operation
from sagehen.domain.access import Access, AccessDenied
from sagehen.services.s3.access.conditions import deletion_conditions
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import object_access, on_object, versioned
from sagehen.services.s3.errors.objects import NoSuchVersion, PreconditionFailed
from sagehen.services.s3.errors.requests import MalformedXML
from sagehen.services.s3.object_lock.locks import check_deletion
from sagehen.services.s3.object_lock.operations import may_bypass
from sagehen.services.s3.objects.conditions import matches
from sagehen.services.s3.objects.details import check_key
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.version_ids import check_version_id
from sagehen.services.s3.records.versions import Deletion, Version

# Documented: DeleteObjects.
_BATCH_LIMIT = 1000
# Preconditions that AWS knows for directory buckets alone. Ignoring one would delete what it protects.
_UNBUILT = ("IfMatchLastModifiedTime", "IfMatchSize", "LastModifiedTime", "Size")


class Deletions(Resource):
    """DeleteObject and DeleteObjects; the latter answers per key, and 200 as a whole."""

    @operation(
        "DeleteObject", access=on_object("DeleteObject", conditions=deletion_conditions), anonymous=True
    )
    async def delete_object(self, context: RequestContext, request: Request) -> Reply:
        bucket = self.state.bucket(request)
        _refuse_unbuilt(request)
        done = await self._delete(
            context,
            bucket,
            request["Key"],
            request.get("VersionId"),
            expected_etag=request.get("IfMatch"),
            bypass=may_bypass(self, context, bucket, request["Key"], request),
        )
        answer: dict[str, Any] = {}
        if done.is_marker:
            answer["DeleteMarker"] = True
        if done.version_id is not None:
            answer["VersionId"] = done.version_id
        return Reply(answer, status=204)

    async def _delete(
        self,
        context: RequestContext,
        bucket: Bucket,
        key: str,
        version_id: str | None,
        expected_etag: str | None,
        bypass: bool,
    ) -> Deletion:
        check_key(key)
        check_version_id(version_id)
        if version_id is not None:
            now = self.state.clock.now()
            done = await self.state.objects.delete_version(
                bucket.name, key, version_id, lambda found: check_deletion(found.details, now, bypass)
            )
        else:
            marker = Version(
                bucket.name, key, "", bucket.account_id, self.state.now(), is_marker=True, storage_class=""
            )

            def check(current: Version | None) -> None:
                if expected_etag is None or current is None or matches(expected_etag, current.etag):
                    return
                raise PreconditionFailed("If-Match")

            done = await self.state.objects.delete_latest(marker, self.state.new_version_id(), check)
        self.state.contents.remove(done.blob_ids)
        await self.state.events.removed(context, bucket, key, done)
        return done

    def _require_version(self, bucket: Bucket, key: str, version_id: str | None) -> None:
        """Refuse a version that is not there, as DeleteObjects does and DeleteObject does not (recorded)."""
        if version_id is not None and self.state.objects.get(bucket.name, key, version_id) is None:
            raise NoSuchVersion(key, version_id)

    def _batch_access(self, context: RequestContext, request: Request) -> Iterator[Access]:
        # Rights are asked for key by key: one that is refused does not stop the others.
        self.state.bucket(request)
        yield from ()

    @operation("DeleteObjects", access=_batch_access, anonymous=True)
    async def delete_objects(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        # None and more than 1,000 get the same refusal (from memory for none).
        entries = request["Delete"].get("Objects") or []
        if not 1 <= len(entries) <= _BATCH_LIMIT:
            raise MalformedXML()
        # Together, so that the writer commits them as one group.
        outcomes = await asyncio.gather(
            *(self._delete_entry(context, bucket, entry, request) for entry in entries)
        )
        deleted = [outcome for outcome in outcomes if "Code" not in outcome]
        errors = [outcome for outcome in outcomes if "Code" in outcome]
        answer: dict[str, Any] = {"Errors": errors} if errors else {}
        if not request["Delete"].get("Quiet") and deleted:
            answer["Deleted"] = deleted
        return answer

    async def _delete_entry(
        self, context: RequestContext, bucket: Bucket, entry: Mapping[str, Any], request: Request
    ) -> dict[str, Any]:
        key, version_id = entry["Key"], entry.get("VersionId")
        outcome: dict[str, Any] = {"Key": key}
        if version_id is not None:
            outcome["VersionId"] = version_id
        action = "DeleteObject" if version_id is None else versioned("DeleteObject")
        found = self.state.objects.get(bucket.name, key, version_id)
        access = object_access(self.state, context.principal, bucket, key, found, action, version_id)
        conditions = {**access.conditions, **deletion_conditions({"IfMatch": entry.get("ETag")})}
        try:
            self.state.authorizer.authorize(
                context.principal,
                replace(access, conditions=conditions),
                context.condition_keys(),
            )
            _refuse_unbuilt(entry)
            self._require_version(bucket, key, version_id)
            bypass = may_bypass(self, context, bucket, key, request)
            done = await self._delete(context, bucket, key, version_id, entry.get("ETag"), bypass)
        except AccessDenied as denied:
            return outcome | {"Code": "AccessDenied", "Message": denied.message}
        except ServiceError as error:
            return outcome | {"Code": error.code, "Message": error.message}
        if done.is_marker:
            outcome |= {"DeleteMarker": True, "DeleteMarkerVersionId": done.version_id}
        return outcome


def _refuse_unbuilt(request: Mapping[str, Any]) -> None:
    """Raise NotImplementedOperation for a precondition that would not be looked at."""
    for member in _UNBUILT:
        if request.get(member) is not None:
            raise NotImplementedOperation(f"{member} as a condition of a deletion is not implemented.")
