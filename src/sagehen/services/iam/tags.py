"""Tags of users, roles, policies and instance profiles."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.iam.access_rules import on_entity, on_policy
from sagehen.services.iam.entity import Entity, Kind
from sagehen.services.iam.errors import InvalidInput, LimitExceeded, NoSuchEntity
from sagehen.services.iam.listing import answer, cut
from sagehen.services.iam.records import Records
from sagehen.store.database import Transaction

_MAX_TAGS = 50


def tags_of(request: Request) -> dict[str, str]:
    """Return the tags of a request.

    Raises:
        InvalidInput: Two keys differ in nothing but case, or a key is AWS's.
    """
    tags: dict[str, str] = {}
    seen = set()
    for tag in request.get("Tags") or ():
        key = tag["Key"]
        if key.lower() in seen:
            raise InvalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        if key.lower().startswith("aws:"):
            raise InvalidInput("Tags starting with aws: are reserved.")
        seen.add(key.lower())
        tags[key] = tag["Value"]
    return tags


def _merged(old: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    """Return old tags under new ones; keys are compared without case."""
    lowered = {key.lower() for key in new}
    merged = {key: value for key, value in old.items() if key.lower() not in lowered} | new
    if len(merged) > _MAX_TAGS:
        raise LimitExceeded(f"The number of tags has reached the maximum limit: {_MAX_TAGS}")
    return merged


class Tags:
    """Tag…, Untag… and List…Tags."""

    def __init__(self, records: Records) -> None:
        self.records = records

    @operation("TagUser", access=on_entity(Kind.USER))
    async def tag_user(self, context: RequestContext, request: Request) -> None:
        await self._tag(self._named(context, Kind.USER, request["UserName"]), request)

    @operation("UntagUser", access=on_entity(Kind.USER))
    async def untag_user(self, context: RequestContext, request: Request) -> None:
        await self._untag(self._named(context, Kind.USER, request["UserName"]), request)

    @operation("ListUserTags", access=on_entity(Kind.USER))
    async def list_user_tags(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return self._list(self._named(context, Kind.USER, request["UserName"]), request)

    @operation("TagRole", access=on_entity(Kind.ROLE))
    async def tag_role(self, context: RequestContext, request: Request) -> None:
        await self._tag(self._named(context, Kind.ROLE, request["RoleName"]), request)

    @operation("UntagRole", access=on_entity(Kind.ROLE))
    async def untag_role(self, context: RequestContext, request: Request) -> None:
        await self._untag(self._named(context, Kind.ROLE, request["RoleName"]), request)

    @operation("ListRoleTags", access=on_entity(Kind.ROLE))
    async def list_role_tags(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return self._list(self._named(context, Kind.ROLE, request["RoleName"]), request)

    @operation("TagPolicy", access=on_policy)
    async def tag_policy(self, context: RequestContext, request: Request) -> None:
        await self._tag(self._policy(context, request), request)

    @operation("UntagPolicy", access=on_policy)
    async def untag_policy(self, context: RequestContext, request: Request) -> None:
        await self._untag(self._policy(context, request), request)

    @operation("ListPolicyTags", access=on_policy)
    async def list_policy_tags(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return self._list(self._policy(context, request), request)

    @operation("TagInstanceProfile", access=on_entity(Kind.INSTANCE_PROFILE))
    async def tag_instance_profile(self, context: RequestContext, request: Request) -> None:
        name = request["InstanceProfileName"]
        await self._tag(self._named(context, Kind.INSTANCE_PROFILE, name), request)

    @operation("UntagInstanceProfile", access=on_entity(Kind.INSTANCE_PROFILE))
    async def untag_instance_profile(self, context: RequestContext, request: Request) -> None:
        name = request["InstanceProfileName"]
        await self._untag(self._named(context, Kind.INSTANCE_PROFILE, name), request)

    @operation("ListInstanceProfileTags", access=on_entity(Kind.INSTANCE_PROFILE))
    async def list_instance_profile_tags(self, context: RequestContext, request: Request) -> dict[str, Any]:
        name = request["InstanceProfileName"]
        return self._list(self._named(context, Kind.INSTANCE_PROFILE, name), request)

    def _named(self, context: RequestContext, kind: Kind, name: str) -> Entity:
        return self.records.get(context.scope.account_id, kind, name)

    def _policy(self, context: RequestContext, request: Request) -> Entity:
        policy = self.records.by_arn(request["PolicyArn"])
        if policy is None or policy.account_id != context.scope.account_id:
            raise NoSuchEntity(f"Policy {request['PolicyArn']} was not found.")
        return policy

    async def _tag(self, entity: Entity, request: Request) -> None:
        new = tags_of(request)

        def change(tx: Transaction) -> None:
            current = self.records.update(tx, entity.unique_id)
            self.records.update(tx, entity.unique_id, tags=_merged(dict(current.tags), new))

        await self.records.write(change)

    async def _untag(self, entity: Entity, request: Request) -> None:
        gone = {key.lower() for key in request["TagKeys"]}

        def change(tx: Transaction) -> None:
            current = self.records.update(tx, entity.unique_id)
            kept = {key: value for key, value in current.tags.items() if key.lower() not in gone}
            self.records.update(tx, entity.unique_id, tags=kept)

        await self.records.write(change)

    def _list(self, entity: Entity, request: Request) -> dict[str, Any]:
        page = cut(entity.tag_list(), request, lambda tag: tag["Key"], "tags")
        return answer(page, Tags=page.items)
