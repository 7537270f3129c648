"""AlarmTags: TagResource, UntagResource, ListTagsForResource on alarms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import AccessRule, Request, operation
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.arn import Arn
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.alarms.records import AlarmRecords
from sagehen.services.cloudwatch.alarms.request import checked_tags, tags_of
from sagehen.services.cloudwatch.errors import InvalidParameterValue, ResourceNotFoundException


def _access(action: str) -> AccessRule:
    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        tags = tags_of(request)
        keys = [*tags, *(request.get("TagKeys") or [])]
        conditions: dict[str, ConditionValue] = {
            f"aws:RequestTag/{key}": value for key, value in tags.items()
        }
        if keys:
            conditions["aws:TagKeys"] = tuple(keys)
        yield Access(f"cloudwatch:{action}", request["ResourceARN"], conditions)

    return rule


class AlarmTags:
    """Tags of alarms. Of CloudWatch's resources only alarms are here to be tagged."""

    def __init__(self, records: AlarmRecords) -> None:
        self._records = records

    @operation("TagResource", access=_access("TagResource"))
    async def tag_resource(self, context: RequestContext, request: Request) -> dict[str, Any]:
        scope, name, tags = self._tagged(context.scope, request)
        await self._records.set_tags(scope, name, checked_tags({**tags, **tags_of(request)}))
        return {}

    @operation("UntagResource", access=_access("UntagResource"))
    async def untag_resource(self, context: RequestContext, request: Request) -> dict[str, Any]:
        scope, name, tags = self._tagged(context.scope, request)
        left = {key: value for key, value in tags.items() if key not in request["TagKeys"]}
        await self._records.set_tags(scope, name, left)
        return {}

    @operation("ListTagsForResource", access=_access("ListTagsForResource"))
    async def list_tags_for_resource(self, context: RequestContext, request: Request) -> dict[str, Any]:
        _, _, tags = self._tagged(context.scope, request)
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _tagged(self, scope: Scope, request: Request) -> tuple[Scope, str, dict[str, str]]:
        text = request["ResourceARN"]
        try:
            arn = Arn.parse(text)
        except ValueError:
            raise InvalidParameterValue(f"The value {text} for parameter ResourceARN is invalid.") from None
        kind, _, name = arn.resource.partition(":")
        if (arn.service, arn.account_id, arn.region, kind) != (
            "cloudwatch",
            scope.account_id,
            scope.region,
            "alarm",
        ):
            raise InvalidParameterValue(f"The value {text} for parameter ResourceARN is invalid.")
        tags = self._records.tags(scope, name)
        if tags is None:  # the members are documented (ResourceNotFoundException), the message is from memory
            raise ResourceNotFoundException("Unknown", ResourceType="alarm", ResourceId=text)
        return scope, name, tags


def alarm_tags(records: AlarmRecords, resource_arn: str) -> Mapping[str, str]:
    """Implement `ports.ResourceTags`: none where the ARN is of no alarm that exists."""
    try:
        arn = Arn.parse(resource_arn)
    except ValueError:
        return {}
    name = arn.resource.partition(":")[2]
    return records.tags(Scope(arn.account_id, arn.region), name) or {}
