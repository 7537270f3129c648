"""Tags of users, roles, policies and instance profiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.iam.entities.access import on_entity, on_policy
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.listing import answer, cut
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.entities.tags import (
    WITHOUT_CASE,
    merged_tags,
    require_own,
    tags_of,
    without_tags,
)
from sagehen.services.iam.errors import NoSuchEntity
from sagehen.services.iam.objects.records import ObjectKind, ObjectRecords
from sagehen.store.database import Transaction


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
        new, case = tags_of(request, entity.kind), entity.kind not in WITHOUT_CASE

        def change(tx: Transaction) -> None:
            current = self.records.update(tx, entity.unique_id)
            self.records.update(tx, entity.unique_id, tags=merged_tags(current.tags, new, case=case))

        await self.records.write(change)

    async def _untag(self, entity: Entity, request: Request) -> None:
        case = entity.kind not in WITHOUT_CASE

        def change(tx: Transaction) -> None:
            current = self.records.update(tx, entity.unique_id)
            require_own(request["TagKeys"])
            kept = without_tags(current.tags, request["TagKeys"], case=case)
            self.records.update(tx, entity.unique_id, tags=kept)

        await self.records.write(change)

    def _list(self, entity: Entity, request: Request) -> dict[str, Any]:
        page = cut(entity.tag_list(), request, lambda tag: tag["Key"], "tags")
        return answer(page, Tags=page.items)


def tags_of_resource(records: Records, arn: str) -> Mapping[str, str]:
    """Implement `ports.ResourceTags` for everything that IAM has."""
    entity = records.by_arn(arn)
    if entity is not None:
        return entity.tags
    parts = arn.split(":", 5)
    kind = parts[5].partition("/")[0] if len(parts) == 6 else ""
    if kind not in ObjectKind._value2member_map_:
        return {}
    stored = ObjectRecords(records).find(parts[4], ObjectKind(kind), arn)
    tags: Mapping[str, str] = stored.body.get("tags", {}) if stored else {}
    return tags
