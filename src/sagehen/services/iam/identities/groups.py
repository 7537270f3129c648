"""Groups and who is in them."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.iam.entities.access import on_entity, on_listing
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.listing import answer, cut
from sagehen.services.iam.entities.paths import given_path
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.errors import LimitExceeded
from sagehen.services.iam.identities.users import user_member
from sagehen.store.database import Transaction

# Recorded: GetAccountSummary, GroupsPerUserQuota.
_MAX_GROUPS_PER_USER = 10


def group_member(group: Entity) -> dict[str, Any]:
    """Return a Group structure; groups have no tags and no boundary on AWS."""
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.unique_id,
        "Arn": group.arn,
        "CreateDate": group.created_at,
    }


class Groups:
    """The operations on groups."""

    def __init__(self, records: Records, clock: Clock, ids: Ids) -> None:
        self.records = records
        self._clock = clock
        self._ids = ids

    @operation("CreateGroup", access=on_entity(Kind.GROUP))
    async def create_group(self, context: RequestContext, request: Request) -> dict[str, Any]:
        now = self._clock.now()
        group = Entity(
            context.scope.account_id,
            Kind.GROUP,
            request["GroupName"],
            given_path(request),
            self._ids.unique_id(Kind.GROUP.id_prefix),
            created_at=now,
            updated_at=now,
        )
        await self.records.write(lambda tx: self.records.insert(tx, group))
        return {"Group": group_member(group)}

    @operation("GetGroup", access=on_entity(Kind.GROUP))
    async def get_group(self, context: RequestContext, request: Request) -> dict[str, Any]:
        group = self._get(context, request)
        page = cut(self.records.members(group), request, lambda user: user.name, "group")
        users = [user_member(user, full=False) for user in page.items]
        return answer(page, Group=group_member(group), Users=users)

    @operation("ListGroups", access=on_listing(Kind.GROUP))
    async def list_groups(self, context: RequestContext, request: Request) -> dict[str, Any]:
        groups = self.records.under(context.scope.account_id, Kind.GROUP, request.get("PathPrefix", "/"))
        page = cut(groups, request, lambda group: group.name, "groups")
        return answer(page, Groups=[group_member(group) for group in page.items])

    @operation("UpdateGroup", access=on_entity(Kind.GROUP))
    async def update_group(self, context: RequestContext, request: Request) -> None:
        group = self._get(context, request)
        name, path = request.get("NewGroupName", group.name), given_path(request, "NewPath", group.path)
        await self.records.write(lambda tx: self.records.update(tx, group.unique_id, name=name, path=path))

    @operation("DeleteGroup", access=on_entity(Kind.GROUP))
    async def delete_group(self, context: RequestContext, request: Request) -> None:
        group = self._get(context, request)

        def change(tx: Transaction) -> None:
            # The sentences and their order are from memory.
            conflicts = (
                ("iam_members", "container_id", "must remove users from group first."),
                ("iam_attachments", "owner_id", "must detach all policies first."),
                ("iam_inline_policies", "owner_id", "must delete policies first."),
            )
            self.records.require_unused(tx, group.unique_id, conflicts)
            self.records.delete(tx, group)

        await self.records.write(change)

    @operation("AddUserToGroup", access=on_entity(Kind.GROUP))
    async def add_user_to_group(self, context: RequestContext, request: Request) -> None:
        group = self._get(context, request)
        user = self.records.get(context.scope.account_id, Kind.USER, request["UserName"])

        def change(tx: Transaction) -> None:
            ids = [row[0] for row in tx.execute(
                "SELECT container_id FROM iam_members WHERE member_id = ?", (user.unique_id,)
            )]  # fmt: skip
            if group.unique_id in ids:
                return
            if len(ids) >= _MAX_GROUPS_PER_USER:
                raise LimitExceeded(f"Cannot exceed quota for GroupsPerUser: {_MAX_GROUPS_PER_USER}")
            for entity in (group, user):
                self.records.update(tx, entity.unique_id)  # both must still be there
            tx.execute("INSERT INTO iam_members VALUES (?, ?)", (group.unique_id, user.unique_id))

        await self.records.write(change)

    @operation("RemoveUserFromGroup", access=on_entity(Kind.GROUP))
    async def remove_user_from_group(self, context: RequestContext, request: Request) -> None:
        # Recorded: of two that are missing AWS names the user.
        user = self.records.get(context.scope.account_id, Kind.USER, request["UserName"])
        group = self._get(context, request)
        pair = (group.unique_id, user.unique_id)
        await self.records.write(
            lambda tx: (
                tx.execute("DELETE FROM iam_members WHERE container_id = ? AND member_id = ?", pair).rowcount
            )
        )

    @operation("ListGroupsForUser", access=on_entity(Kind.USER))
    async def list_groups_for_user(self, context: RequestContext, request: Request) -> dict[str, Any]:
        user = self.records.get(context.scope.account_id, Kind.USER, request["UserName"])
        page = cut(self.records.containers(user), request, lambda group: group.name, "user's groups")
        return answer(page, Groups=[group_member(group) for group in page.items])

    def _get(self, context: RequestContext, request: Request) -> Entity:
        return self.records.get(context.scope.account_id, Kind.GROUP, request["GroupName"])
