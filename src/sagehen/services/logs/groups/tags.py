"""Tags of log groups, through today's operations and those of before 2022."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.arn import Arn
from sagehen.domain.scope import Scope
from sagehen.domain.system_tags import counted, reserved
from sagehen.services.logs.access import group_name, on_group, on_tagged, on_tagged_group
from sagehen.services.logs.errors import (
    InvalidParameterException,
    ResourceNotFoundException,
    TooManyTagsException,
    no_such_group,
)
from sagehen.services.logs.groups.records import Group, GroupRecords

_MAX_TAGS = 50  # documented: API_TagResource; both refusals' wording is from memory


class Tags:
    """TagResource and its kin, and the operations that they replaced in 2022."""

    def __init__(self, records: GroupRecords) -> None:
        self._records = records

    @operation("TagResource", access=on_tagged)
    async def tag_resource(self, context: RequestContext, request: Request) -> None:
        await self._tag(self._by_arn(context.scope, request["resourceArn"]), request["tags"])

    @operation("UntagResource", access=on_tagged)
    async def untag_resource(self, context: RequestContext, request: Request) -> None:
        group = self._by_arn(context.scope, request["resourceArn"])
        _require_own(request["tagKeys"])
        await self._records.delete_tags(group.id, request["tagKeys"])

    @operation("ListTagsForResource", access=on_tagged)
    async def list_tags_for_resource(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return {"tags": self._records.tags(self._by_arn(context.scope, request["resourceArn"]).id)}

    @operation("TagLogGroup", access=on_tagged_group)
    async def tag_log_group(self, context: RequestContext, request: Request) -> None:
        await self._tag(self._by_name(context.scope, request["logGroupName"]), request["tags"])

    @operation("UntagLogGroup", access=on_tagged_group)
    async def untag_log_group(self, context: RequestContext, request: Request) -> None:
        group = self._by_name(context.scope, request["logGroupName"])
        _require_own(request["tags"])
        await self._records.delete_tags(group.id, request["tags"])

    @operation("ListTagsLogGroup", access=on_group)
    async def list_tags_log_group(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return {"tags": self._records.tags(self._by_name(context.scope, request["logGroupName"]).id)}

    async def _tag(self, group: Group, tags: Mapping[str, str]) -> None:
        if counted({**self._records.tags(group.id), **tags}) > _MAX_TAGS:
            raise TooManyTagsException(
                f"The number of tags on the resource exceeds the limit of {_MAX_TAGS}."
            )
        _require_own(tags)
        await self._records.put_tags(group.id, tags)

    def _by_name(self, scope: Scope, name: str) -> Group:
        group = self._records.group(scope, name)
        if group is None:
            raise no_such_group()
        return group

    def _by_arn(self, scope: Scope, text: str) -> Group:
        try:
            arn = Arn.parse(text)
        except ValueError:
            raise InvalidParameterException(f"Invalid resource ARN: {text}") from None
        of_scope = (arn.account_id, arn.region) == (scope.account_id, scope.region)
        group = self._records.group(scope, group_name(text)) if of_scope else None
        if group is None:
            raise ResourceNotFoundException("The specified resource does not exist.")
        return group


def _require_own(keys: Iterable[str]) -> None:
    if reserved(keys):
        raise InvalidParameterException("aws: prefixed tag key names are not allowed for external use.")


def group_tags(records: GroupRecords, resource_arn: str) -> Mapping[str, str]:
    """Implement `ports.ResourceTags`: of a group, and of its streams, which have none of their own."""
    try:
        arn = Arn.parse(resource_arn)
    except ValueError:
        return {}
    group = records.group(Scope(arn.account_id, arn.region), group_name(resource_arn))
    return {} if group is None else records.tags(group.id)
