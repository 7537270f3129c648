"""Bucket notifications: which events go to which function. Queues, topics and EventBridge are not built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ServiceError
from sagehen.api.operation import Request, operation
from sagehen.domain.scope import Scope
from sagehen.services.s3.access import on_bucket
from sagehen.services.s3.bucket_records import Bucket
from sagehen.services.s3.errors import InvalidArgument
from sagehen.services.s3.object_events import CONFIGURATION, affixes
from sagehen.services.s3.state import Resource

_FIRED = frozenset((
    "s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Post", "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload", "s3:ObjectRemoved:*", "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated", "s3:ObjectTagging:*", "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete", "s3:ObjectAcl:Put", "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete", "s3:LifecycleExpiration:DeleteMarkerCreated",
))  # fmt: skip
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
            {**_spelled(rule), "Id": rule.get("Id") or self.state.ids.uuid()}
            for rule in wanted.get("LambdaFunctionConfigurations") or ()
        ]
        for rule in rules:
            _check_rule(rule)
        _check_overlaps(rules)
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


class UnreachableDestination(ServiceError):
    """Destinations are numbered, as there may be several (recorded for one)."""

    status = 400
    code = "InvalidArgument"

    def __init__(self, name: str, value: str) -> None:
        super().__init__(
            "Unable to validate the following destination configurations",
            ArgumentName1=name,
            ArgumentValue1=value,
        )


def _filter_rules(rule: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return ((rule.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ()


def _spelled(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule with its filters' names as S3 gives them back: `Prefix`, however they were put."""
    filters = [{**one, "Name": _capital(one.get("Name", ""))} for one in _filter_rules(rule)]
    return {**rule, "Filter": {"Key": {"FilterRules": filters}}} if filters else dict(rule)


def _capital(name: str) -> str:
    return name.capitalize() if name.lower() in ("prefix", "suffix") else name


def _check_rule(rule: Mapping[str, Any]) -> None:
    arn = rule["LambdaFunctionArn"]
    if arn.split(":")[2:3] != ["lambda"]:
        raise InvalidArgument("The ARN could not be parsed", "CloudFunction", arn)
    for event in rule["Events"]:
        if event not in _FIRED:
            raise NotImplementedOperation(f"The event {event} is not implemented.")
    named = [one.get("Name", "") for one in _filter_rules(rule)]
    names = [name.lower() for name in named]
    for name, spelled in zip(names, named, strict=True):
        if name not in ("prefix", "suffix"):
            text = "filter rule name must be either prefix or suffix"
            raise InvalidArgument(text, "FilterRule.Name", spelled)
        if names.count(name) > 1:
            raise InvalidArgument(
                f"Cannot specify more than one {name} rule in a filter.", "FilterRule.Name", name
            )


def _check_overlaps(rules: Sequence[Mapping[str, Any]]) -> None:
    """No event of one key may go to two destinations."""
    for one, other in combinations(rules, 2):
        if not any(_shared(first, second) for first in one["Events"] for second in other["Events"]):
            continue
        (prefix, suffix), (other_prefix, other_suffix) = affixes(one), affixes(other)
        prefixes = prefix.startswith(other_prefix) or other_prefix.startswith(prefix)
        suffixes = suffix.endswith(other_suffix) or other_suffix.endswith(suffix)
        if prefixes and suffixes:
            raise InvalidArgument(
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the "
                "prefixes are overlapping for the same event type.",
                "LambdaFunctionArn",
                other["LambdaFunctionArn"],
            )


def _shared(one: str, other: str) -> bool:
    return (
        one == other
        or (one.endswith("*") and other.startswith(one[:-1]))
        or (other.endswith("*") and one.startswith(other[:-1]))
    )
