"""Users."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.identity import PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.services.iam.entities.access import on_entity, on_listing
from sagehen.services.iam.entities.calling_user import named_or_calling_user
from sagehen.services.iam.entities.entity import Entity, Kind, without_unset
from sagehen.services.iam.entities.listing import answer, cut
from sagehen.services.iam.entities.paths import given_path
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.entities.tags import tags_of
from sagehen.services.iam.errors import DeleteConflict, ValidationError
from sagehen.services.iam.objects.records import ObjectKind, ObjectRecords
from sagehen.services.iam.policies.boundaries import checked_boundary
from sagehen.services.iam.policies.records import PolicyRecords
from sagehen.store.database import Transaction


def user_member(user: Entity, *, full: bool = True) -> dict[str, Any]:
    """Return a User structure; listings leave tags and boundary out."""
    return without_unset(
        {
            "Path": user.path,
            "UserName": user.name,
            "UserId": user.unique_id,
            "Arn": user.arn,
            "CreateDate": user.created_at,
            "PermissionsBoundary": user.boundary() if full else None,
            "Tags": user.tag_list() if full else None,
        }
    )


class Users:
    """The operations on users, their permissions boundaries included."""

    def __init__(self, records: Records, clock: Clock, ids: Ids) -> None:
        self.records = records
        self._policies = PolicyRecords(records)
        self._clock = clock
        self._ids = ids

    @operation("CreateUser", access=on_entity(Kind.USER))
    async def create_user(self, context: RequestContext, request: Request) -> dict[str, Any]:
        now = self._clock.now()
        user = Entity(
            context.scope.account_id,
            Kind.USER,
            request["UserName"],
            given_path(request),
            self._ids.unique_id(Kind.USER.id_prefix),
            created_at=now,
            updated_at=now,
            boundary_arn=checked_boundary(self._policies, request.get("PermissionsBoundary")),
            tags=tags_of(request, Kind.USER),
        )
        await self.records.write(lambda tx: self.records.insert(tx, user))
        return {"User": user_member(user)}

    @operation("GetUser", access=on_entity(Kind.USER))
    async def get_user(self, context: RequestContext, request: Request) -> dict[str, Any]:
        if "UserName" in request:
            return {"User": user_member(self._get(context, request["UserName"]))}
        caller = context.principal
        if caller.kind is PrincipalKind.USER:
            return {"User": user_member(named_or_calling_user(self.records, context, request))}
        if caller.kind is PrincipalKind.ROOT:
            # Root has no user name; AWS shows the account's alias where there is one.
            account_id = caller.account_id
            root = {
                "UserName": self.records.alias(account_id),
                "UserId": account_id,
                "Arn": caller.arn,
                "CreateDate": self.records.account_made_at(account_id),
            }
            return {"User": without_unset(root)}
        raise ValidationError("Must specify userName when calling with non-User credentials")

    @operation("ListUsers", access=on_listing(Kind.USER))
    async def list_users(self, context: RequestContext, request: Request) -> dict[str, Any]:
        users = self.records.under(context.scope.account_id, Kind.USER, request.get("PathPrefix", "/"))
        page = cut(users, request, lambda user: user.name, "users")
        return answer(page, Users=[user_member(user, full=False) for user in page.items])

    @operation("UpdateUser", access=on_entity(Kind.USER))
    async def update_user(self, context: RequestContext, request: Request) -> None:
        user = self._get(context, request["UserName"])
        name, path = request.get("NewUserName", user.name), given_path(request, "NewPath", user.path)
        await self.records.write(lambda tx: self.records.update(tx, user.unique_id, name=name, path=path))

    @operation("DeleteUser", access=on_entity(Kind.USER))
    async def delete_user(self, context: RequestContext, request: Request) -> None:
        user = self._get(context, request["UserName"])

        def change(tx: Transaction) -> None:
            # The sentences and their order are from memory.
            conflicts = (
                ("iam_attachments", "owner_id", "must detach all policies first."),
                ("iam_inline_policies", "owner_id", "must delete policies first."),
                ("iam_access_keys", "user_id", "must delete access keys first."),
                ("iam_members", "member_id", "must remove users from group first."),
            )
            things = (
                (ObjectKind.LOGIN_PROFILE, "must delete login profile first."),
                (ObjectKind.MFA_DEVICE, "must delete MFA device first."),
                (ObjectKind.SERVICE_CREDENTIAL, "must remove referenced objects first."),
            )
            for thing, cure in things:
                if ObjectRecords.count(tx, user.unique_id, thing):
                    raise DeleteConflict(f"Cannot delete entity, {cure}")
            self.records.require_unused(tx, user.unique_id, conflicts)
            self.records.delete(tx, user)

        await self.records.write(change)

    @operation("PutUserPermissionsBoundary", access=on_entity(Kind.USER))
    async def put_user_permissions_boundary(self, context: RequestContext, request: Request) -> None:
        user = self._get(context, request["UserName"])
        arn = checked_boundary(self._policies, request["PermissionsBoundary"])
        await self.records.write(lambda tx: self.records.update(tx, user.unique_id, boundary_arn=arn))

    @operation("DeleteUserPermissionsBoundary", access=on_entity(Kind.USER))
    async def delete_user_permissions_boundary(self, context: RequestContext, request: Request) -> None:
        user = self._get(context, request["UserName"])
        await self.records.write(lambda tx: self.records.update(tx, user.unique_id, boundary_arn=None))

    def _get(self, context: RequestContext, name: str) -> Entity:
        return self.records.get(context.scope.account_id, Kind.USER, name)
