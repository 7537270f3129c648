"""Tags of objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.domain.access import Access
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_object
from sagehen.services.s3.errors.objects import NoSuchKey
from sagehen.services.s3.records.version_ids import shown_version_id
from sagehen.services.s3.records.versions import Version
from sagehen.services.s3.tagging.conditions import tag_conditions
from sagehen.services.s3.tagging.tag_sets import OBJECT_TAGS, parse_tag_set, tag_set


def _put_access(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    for access in on_object("PutObjectTagging")(owner, context, request):
        yield replace(access, conditions={**access.conditions, **tag_conditions(request)})


class ObjectTagging(Resource):
    """Tags of a version; a change is an event, and no new version."""

    def _answer(
        self, context: RequestContext, request: Request, method: str
    ) -> tuple[Version, dict[str, Any]]:
        version = self.annotated_version(context, request, method)
        shown = shown_version_id(self.state.bucket(request), version)
        return version, {} if shown is None else {"VersionId": shown}

    async def _tell(self, context: RequestContext, request: Request, version: Version, how: str) -> None:
        bucket = self.state.bucket(request)
        await self.state.events.annotated(context, bucket, version, f"ObjectTagging:{how}")

    @operation("GetObjectTagging", access=on_object("GetObjectTagging"), anonymous=True)
    async def get_object_tagging(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        try:
            version, answer = self._answer(context, request, "GET")
        except NoSuchKey as missing:  # this one answer names the bucket too (recorded)
            missing.members["Key"] = f"{request['Bucket']}/{request['Key']}"
            raise
        return answer | {"TagSet": tag_set(version.tags)}

    @operation("PutObjectTagging", access=_put_access, anonymous=True)
    async def put_object_tagging(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        tags = parse_tag_set(request["Tagging"].get("TagSet") or [], OBJECT_TAGS)
        version, answer = self._answer(context, request, "PUT")
        await self.state.objects.set_tags(version.sequence, tags)
        await self._tell(context, request, version, "Put")
        return answer

    @operation("DeleteObjectTagging", access=on_object("DeleteObjectTagging"), anonymous=True)
    async def delete_object_tagging(self, context: RequestContext, request: Request) -> Reply:
        version, answer = self._answer(context, request, "DELETE")
        await self.state.objects.set_tags(version.sequence, None)
        await self._tell(context, request, version, "Delete")
        return Reply(answer, status=204)
