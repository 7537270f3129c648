"""Bucket notifications: which events go to which function. Queues, topics and EventBridge are not built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.scope import Scope
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_bucket
from sagehen.services.s3.events.rules import CONFIGURATION
from sagehen.services.s3.notifications.validation import (
    UnreachableDestination,
    check_overlaps,
    check_rule,
    spelled,
)
from sagehen.services.s3.records.buckets import Bucket

# Destinations that would have to be other services.
_UNBUILT = ("TopicConfigurations", "QueueConfigurations", "EventBridgeConfiguration")


class Notifications(Resource):
    """PutBucketNotificationConfiguration, GetBucketNotificationConfiguration."""

    @operation("PutBucketNotificationConfiguration", access=on_bucket("PutBucketNotification"))
    async def put_bucket_notification_configuration(self, context: RequestContext, request: Request) -> None:
        """Replace a bucket's notifications; an empty configuration ends them.

        Raises:
            InvalidArgument: A function that S3 may not invoke, or rules that overlap.
            NotImplementedOperation: Destinations other than functions, events that are not fired.
        """
        bucket = self.state.bucket(request)
        wanted = request.get("NotificationConfiguration") or {}
        # An EventBridgeConfiguration has no members: being there is what it says.
        if given := [name for name in _UNBUILT if wanted.get(name) or wanted.get(name) == {}]:
            raise NotImplementedOperation(f"{', '.join(given)} of bucket notifications are not implemented.")
        rules = [
            {**spelled(rule), "Id": rule.get("Id") or self.state.ids.uuid()}
            for rule in wanted.get("LambdaFunctionConfigurations") or ()
        ]
        for rule in rules:
            check_rule(rule)
        check_overlaps(rules)
        if not request.get("SkipDestinationValidation"):
            self._check_destinations(bucket, rules)
        await self.state.buckets.put_configuration(bucket.name, CONFIGURATION, rules)

    @operation("GetBucketNotificationConfiguration", access=on_bucket("GetBucketNotification"))
    async def get_bucket_notification_configuration(
        self, context: RequestContext, request: Request
    ) -> Mapping[str, Any]:
        rules = self.state.buckets.configuration(self.state.bucket(request).name, CONFIGURATION)
        return {"LambdaFunctionConfigurations": rules} if rules else {}

    def _check_destinations(self, bucket: Bucket, rules: Sequence[Mapping[str, Any]]) -> None:
        notifier = self.state.events.notifier
        scope = Scope(bucket.account_id, bucket.region)
        for rule in rules:
            arn = rule["LambdaFunctionArn"]
            if notifier is None or not notifier.accepts(scope, bucket.name, arn):
                raise UnreachableDestination(f"{arn}, null", f"Not authorized to invoke function [{arn}]")
