"""Tags of users, roles, policies and instance profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.iam.access_rules import on_entity, on_policy
from sagehen.services.iam.entity import Entity, Kind
from sagehen.services.iam.errors import InvalidInput, LimitExceeded, NoSuchEntity
from sagehen.services.iam.listing import answer, cut
from sagehen.services.iam.objects.records import ObjectKind, ObjectRecords
from sagehen.services.iam.records import Records
from sagehen.store.database import Transaction

MAX_TAGS = 50


# Keys of these are compared without case; of all other kinds they are what they are.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
_WITHOUT_CASE = frozenset((Kind.USER, Kind.ROLE))


def checked_tags(tags: Sequence[Mapping[str, str]] | None, *, case: bool) -> dict[str, str]:
    """Return a list of tags as a mapping.

    Args:
        tags: As requests have them.
        case: Whether two keys that differ in nothing but case are two.

    Raises:
        InvalidInput: A key occurs twice, or is AWS's.
    """
    found: dict[str, str] = {}
    seen = set()
    for tag in tags or ():
        key = tag["Key"]
        compared = key if case else key.lower()
        if compared in seen:
            hint = "" if case else " Please note that Tag keys are case insensitive."
            raise InvalidInput(f"Duplicate tag keys found.{hint}")
        if key.lower().startswith("aws:"):
            raise InvalidInput("Tags starting with aws: are reserved.")
        seen.add(compared)
        found[key] = tag["Value"]
    return found


def tags_of(request: Request, kind: Kind) -> dict[str, str]:
    """Return the tags of a request about an entity of this kind.

    Raises:
        InvalidInput: As `checked_tags`.
    """
    return checked_tags(request.get("Tags"), case=kind not in _WITHOUT_CASE)


def merged_tags(old: Mapping[str, str], new: Mapping[str, str], *, case: bool) -> dict[str, str]:
    """Return old tags under new ones.

    Raises:
        LimitExceeded
    """
    kept = without_tags(old, new, case=case) if not case else old
    merged = {**kept, **new}
    if len(merged) > MAX_TAGS:
        raise LimitExceeded("The number of tags has reached the maximum limit.")
    return merged


def without_tags(tags: Mapping[str, str], keys: Iterable[str], *, case: bool) -> dict[str, str]:
    gone = {key if case else key.lower() for key in keys}
    return {key: value for key, value in tags.items() if (key if case else key.lower()) not in gone}


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
        new, case = tags_of(request, entity.kind), entity.kind not in _WITHOUT_CASE

        def change(tx: Transaction) -> None:
            current = self.records.update(tx, entity.unique_id)
            self.records.update(tx, entity.unique_id, tags=merged_tags(current.tags, new, case=case))

        await self.records.write(change)

    async def _untag(self, entity: Entity, request: Request) -> None:
        case = entity.kind not in _WITHOUT_CASE

        def change(tx: Transaction) -> None:
            current = self.records.update(tx, entity.unique_id)
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
