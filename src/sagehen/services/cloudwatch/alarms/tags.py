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
from sagehen.services.cloudwatch.errors import (
    InvalidParameterValue,
    ResourceNotFoundException,
    ValidationError,
)

_MAX_TAGS = 50


def _access(action: str) -> AccessRule:
    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        tags = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or []}
        keys = [*tags, *(request.get("TagKeys") or [])]
        conditions: dict[str, ConditionValue] = {
            f"aws:RequestTag/{key}": value for key, value in tags.items()
        }
        if keys:
            conditions["aws:TagKeys"] = tuple(keys)
        yield Access(f"cloudwatch:{action}", request["ResourceARN"], conditions)

    return rule


class AlarmTags:
    def __init__(self, records: AlarmRecords) -> None:
        self._records = records

    @operation("TagResource", access=_access("TagResource"))
    async def tag_resource(self, context: RequestContext, request: Request) -> dict[str, Any]:
        scope, name, tags = self._tagged(context.scope, request)
        tags.update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
        if len(tags) > _MAX_TAGS:
            raise ValidationError(f"An alarm can have at most {_MAX_TAGS} tags.")
        await self._records.set_tags(scope, name, tags)
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
        if tags is None:
            raise ResourceNotFoundException("Unknown", ResourceType="alarm", ResourceId=text)
        return scope, name, tags


def alarm_tags(records: AlarmRecords, resource_arn: str) -> Mapping[str, str]:
    """Implement `ports.ResourceTags`."""
    try:
        arn = Arn.parse(resource_arn)
    except ValueError:
        return {}
    name = arn.resource.partition(":")[2]
    return records.tags(Scope(arn.account_id, arn.region), name) or {}
