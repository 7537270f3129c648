"""Roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.iam.entities.access import on_entity, on_listing
from sagehen.services.iam.entities.entity import Entity, Kind, encoded, without_unset
from sagehen.services.iam.entities.last_used import LastUsed
from sagehen.services.iam.entities.listing import answer, cut
from sagehen.services.iam.entities.paths import given_path
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.entities.service_linked import SERVICE_LINKED_PATH, require_modifiable
from sagehen.services.iam.entities.tags import tags_of
from sagehen.services.iam.errors import ValidationError
from sagehen.services.iam.policies.boundaries import checked_boundary
from sagehen.services.iam.policies.records import PolicyRecords
from sagehen.services.iam.policies.trust import TrustPolicies
from sagehen.store.database import Transaction

# Recorded: what these answers leave out of a role, even where it was just given.
LEFT_OUT_WHEN_CREATED = ("Description", "MaxSessionDuration")


def role_member(
    role: Entity, trust: TrustPolicies, *, full: bool = True, without: Sequence[str] = ()
) -> dict[str, Any]:
    """Return a Role structure; listings leave tags, boundary and last use out."""
    member = without_unset(
        {
            "Path": role.path,
            "RoleName": role.name,
            "RoleId": role.unique_id,
            "Arn": role.arn,
            "CreateDate": role.created_at,
            "AssumeRolePolicyDocument": encoded(trust.as_shown(role)),
            "Description": role.description,
            "MaxSessionDuration": role.max_session_s,
            "PermissionsBoundary": role.boundary() if full else None,
            "Tags": role.tag_list() if full else None,
        }
    )
    return {name: value for name, value in member.items() if name not in without}


class Roles:
    """The operations on roles."""

    def __init__(
        self, records: Records, trust: TrustPolicies, clock: Clock, ids: Ids, last_used: LastUsed
    ) -> None:
        self.records = records
        self._trust = trust
        self._policies = PolicyRecords(records)
        self._clock = clock
        self._ids = ids
        self._last_used = last_used

    @operation("CreateRole", access=on_entity(Kind.ROLE))
    async def create_role(self, context: RequestContext, request: Request) -> dict[str, Any]:
        document = request["AssumeRolePolicyDocument"]
        path = given_path(request)
        if path.startswith(SERVICE_LINKED_PATH):
            raise ValidationError("Path is reserved for service-linked roles.")
        now = self._clock.now()
        role = Entity(
            context.scope.account_id,
            Kind.ROLE,
            request["RoleName"],
            path,
            self._ids.unique_id(Kind.ROLE.id_prefix),
            created_at=now,
            updated_at=now,
            description=request.get("Description"),
            trust_policy=document,
            trust_principals=self._trust.check(document),
            max_session_s=request.get("MaxSessionDuration", 3600),
            boundary_arn=checked_boundary(self._policies, request.get("PermissionsBoundary")),
            tags=tags_of(request, Kind.ROLE),
        )
        await self.records.write(lambda tx: self.records.insert(tx, role))
        return {"Role": role_member(role, self._trust, without=LEFT_OUT_WHEN_CREATED)}

    @operation("GetRole", access=on_entity(Kind.ROLE))
    async def get_role(self, context: RequestContext, request: Request) -> dict[str, Any]:
        role = self._get(context, request)
        used_at, region = role.last_used_at, role.last_used_region
        if use := self._last_used.roles.get(role.unique_id):
            used_at, region = use.at, use.region
        last_used = without_unset({"LastUsedDate": used_at, "Region": region})
        return {"Role": {**role_member(role, self._trust), "RoleLastUsed": last_used}}

    @operation("ListRoles", access=on_listing(Kind.ROLE))
    async def list_roles(self, context: RequestContext, request: Request) -> dict[str, Any]:
        roles = self.records.under(context.scope.account_id, Kind.ROLE, request.get("PathPrefix", "/"))
        page = cut(roles, request, lambda role: role.name, "roles")
        return answer(page, Roles=[role_member(role, self._trust, full=False) for role in page.items])

    @operation("UpdateRole", access=on_entity(Kind.ROLE))
    async def update_role(self, context: RequestContext, request: Request) -> dict[str, Any]:
        role = self._modifiable(context, request)
        changes: dict[str, Any] = {}
        if "Description" in request:
            changes["description"] = request["Description"]
        if "MaxSessionDuration" in request:
            changes["max_session_s"] = request["MaxSessionDuration"]
        await self.records.write(lambda tx: self.records.update(tx, role.unique_id, **changes))
        return {}

    @operation("UpdateRoleDescription", access=on_entity(Kind.ROLE))
    async def update_role_description(self, context: RequestContext, request: Request) -> dict[str, Any]:
        role, text = self._modifiable(context, request), request["Description"]
        changed = await self.records.write(
            lambda tx: self.records.update(tx, role.unique_id, description=text)
        )
        return {"Role": role_member(changed, self._trust, without=("MaxSessionDuration",))}

    @operation("UpdateAssumeRolePolicy", access=on_entity(Kind.ROLE))
    async def update_assume_role_policy(self, context: RequestContext, request: Request) -> None:
        role, document = self._modifiable(context, request), request["PolicyDocument"]
        principals = self._trust.check(document)
        await self.records.write(
            lambda tx: self.records.update(
                tx, role.unique_id, trust_policy=document, trust_principals=principals
            )
        )

    @operation("PutRolePermissionsBoundary", access=on_entity(Kind.ROLE))
    async def put_role_permissions_boundary(self, context: RequestContext, request: Request) -> None:
        role = self._modifiable(context, request)
        arn = checked_boundary(self._policies, request["PermissionsBoundary"])
        await self.records.write(lambda tx: self.records.update(tx, role.unique_id, boundary_arn=arn))

    @operation("DeleteRolePermissionsBoundary", access=on_entity(Kind.ROLE))
    async def delete_role_permissions_boundary(self, context: RequestContext, request: Request) -> None:
        role = self._modifiable(context, request)
        await self.records.write(lambda tx: self.records.update(tx, role.unique_id, boundary_arn=None))

    @operation("DeleteRole", access=on_entity(Kind.ROLE))
    async def delete_role(self, context: RequestContext, request: Request) -> None:
        role = self._modifiable(context, request)

        def change(tx: Transaction) -> None:
            # The sentences and their order are from memory.
            conflicts = (
                ("iam_members", "member_id", "must remove roles from instance profile first."),
                ("iam_attachments", "owner_id", "must detach all policies first."),
                ("iam_inline_policies", "owner_id", "must delete policies first."),
            )
            self.records.require_unused(tx, role.unique_id, conflicts)
            self.records.delete(tx, role)

        await self.records.write(change)

    def _get(self, context: RequestContext, request: Request) -> Entity:
        return self.records.get(context.scope.account_id, Kind.ROLE, request["RoleName"])

    def _modifiable(self, context: RequestContext, request: Request) -> Entity:
        role = self._get(context, request)
        require_modifiable(role)
        return role
