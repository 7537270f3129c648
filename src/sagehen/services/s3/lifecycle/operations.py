"""Put-, Get- and DeleteBucketLifecycleConfiguration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_bucket
from sagehen.services.s3.errors.requests import InvalidRequest, MalformedXML
from sagehen.services.s3.errors.unset import NoSuchLifecycleConfiguration
from sagehen.services.s3.lifecycle.announcements import KIND
from sagehen.services.s3.lifecycle.validation import checked_rules, shown_rule

# They differ in archives only, and transitions to those answer 501.
_MINIMUM_SIZES = ("all_storage_classes_128K", "varies_by_storage_class")


class BucketLifecycles(Resource):
    """The rules of a bucket; a change makes the loop look at once."""

    @operation("PutBucketLifecycleConfiguration", access=on_bucket("PutLifecycleConfiguration"))
    async def put_bucket_lifecycle_configuration(
        self, context: RequestContext, request: Request
    ) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        minimum = request.get("TransitionDefaultMinimumObjectSize") or _MINIMUM_SIZES[0]
        if minimum not in _MINIMUM_SIZES:
            raise InvalidRequest(f"Invalid TransitionDefaultMinimumObjectSize found: {minimum}")
        wanted = request.get("LifecycleConfiguration")
        if wanted is None:
            raise MalformedXML()
        rules = checked_rules(wanted.get("Rules") or (), self.state.ids.uuid)
        await self.state.buckets.put_configuration(
            bucket.name, KIND, {"Rules": rules, "MinimumSize": minimum}
        )
        self.state.lifecycle_changed.set()
        return {"TransitionDefaultMinimumObjectSize": minimum}

    @operation("GetBucketLifecycleConfiguration", access=on_bucket("GetLifecycleConfiguration"))
    async def get_bucket_lifecycle_configuration(
        self, context: RequestContext, request: Request
    ) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        stored = self.state.buckets.required(bucket.name, KIND, NoSuchLifecycleConfiguration)
        return {
            "Rules": [shown_rule(rule) for rule in stored["Rules"]],
            "TransitionDefaultMinimumObjectSize": stored["MinimumSize"],
        }

    @operation("DeleteBucketLifecycle", access=on_bucket("PutLifecycleConfiguration"))
    async def delete_bucket_lifecycle(self, context: RequestContext, request: Request) -> Reply:
        await self.state.buckets.delete_configuration(self.state.bucket(request).name, KIND)
        return Reply(status=204)
