"""Inline policies of users, groups and roles."""

from __future__ import annotations

import re
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.iam.entities.access import on_entity
from sagehen.services.iam.entities.entity import Entity, Kind, encoded
from sagehen.services.iam.entities.listing import answer, cut
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.entities.service_linked import require_modifiable
from sagehen.services.iam.errors import LimitExceeded, NoSuchEntity
from sagehen.services.iam.grammar.documents import parse_policy
from sagehen.services.iam.policies.records import PolicyRecords
from sagehen.store.database import Transaction

# The sum of an entity's inline policies, in characters without white space.
# Recorded: GetAccountSummary, UserPolicySizeQuota and the same of groups and roles.
_MAX_SIZE = {Kind.USER: 2048, Kind.GROUP: 5120, Kind.ROLE: 10240}
_NAMES = {Kind.USER: "UserName", Kind.GROUP: "GroupName", Kind.ROLE: "RoleName"}


class InlinePolicies:
    """Put, get, list and delete, for each of the three kinds."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._policies = PolicyRecords(records)

    @operation("PutUserPolicy", access=on_entity(Kind.USER))
    async def put_user_policy(self, context: RequestContext, request: Request) -> None:
        await self._put(context, request, Kind.USER)

    @operation("PutGroupPolicy", access=on_entity(Kind.GROUP))
    async def put_group_policy(self, context: RequestContext, request: Request) -> None:
        await self._put(context, request, Kind.GROUP)

    @operation("PutRolePolicy", access=on_entity(Kind.ROLE))
    async def put_role_policy(self, context: RequestContext, request: Request) -> None:
        await self._put(context, request, Kind.ROLE)

    @operation("GetUserPolicy", access=on_entity(Kind.USER))
    async def get_user_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return self._get(context, request, Kind.USER)

    @operation("GetGroupPolicy", access=on_entity(Kind.GROUP))
    async def get_group_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return self._get(context, request, Kind.GROUP)

    @operation("GetRolePolicy", access=on_entity(Kind.ROLE))
    async def get_role_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return self._get(context, request, Kind.ROLE)

    @operation("ListUserPolicies", access=on_entity(Kind.USER))
    async def list_user_policies(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return self._list(context, request, Kind.USER)

    @operation("ListGroupPolicies", access=on_entity(Kind.GROUP))
    async def list_group_policies(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return self._list(context, request, Kind.GROUP)

    @operation("ListRolePolicies", access=on_entity(Kind.ROLE))
    async def list_role_policies(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return self._list(context, request, Kind.ROLE)

    @operation("DeleteUserPolicy", access=on_entity(Kind.USER))
    async def delete_user_policy(self, context: RequestContext, request: Request) -> None:
        await self._delete(context, request, Kind.USER)

    @operation("DeleteGroupPolicy", access=on_entity(Kind.GROUP))
    async def delete_group_policy(self, context: RequestContext, request: Request) -> None:
        await self._delete(context, request, Kind.GROUP)

    @operation("DeleteRolePolicy", access=on_entity(Kind.ROLE))
    async def delete_role_policy(self, context: RequestContext, request: Request) -> None:
        await self._delete(context, request, Kind.ROLE)

    def _owner(self, context: RequestContext, request: Request, kind: Kind) -> Entity:
        return self.records.get(context.scope.account_id, kind, request[_NAMES[kind]])

    async def _put(self, context: RequestContext, request: Request, kind: Kind) -> None:
        owner = self._owner(context, request, kind)
        require_modifiable(owner)
        name, document = request["PolicyName"], request["PolicyDocument"]
        parse_policy(document)

        def change(tx: Transaction) -> None:
            self.records.update(tx, owner.unique_id)  # the owner must still be there
            self._policies.put_inline(tx, owner.unique_id, name, document)
            rows = tx.execute(
                "SELECT document FROM iam_inline_policies WHERE owner_id = ?", (owner.unique_id,)
            )
            size = sum(len(re.sub(r"\s", "", row["document"])) for row in rows)
            if size > _MAX_SIZE[kind]:
                raise LimitExceeded(
                    f"Maximum policy size of {_MAX_SIZE[kind]} bytes exceeded for {kind.value} {owner.name}"
                )

        await self.records.write(change)

    def _get(self, context: RequestContext, request: Request, kind: Kind) -> dict[str, Any]:
        owner = self._owner(context, request, kind)
        found = self._policies.inline_one(owner.unique_id, request["PolicyName"])
        if found is None:
            raise _missing(kind, request)
        return {_NAMES[kind]: owner.name, "PolicyName": found[0], "PolicyDocument": encoded(found[1])}

    def _list(self, context: RequestContext, request: Request, kind: Kind) -> dict[str, Any]:
        owner = self._owner(context, request, kind)
        names = list(self._policies.inline(owner.unique_id))
        page = cut(names, request, lambda name: name, "inline policies")
        return answer(page, PolicyNames=page.items)

    async def _delete(self, context: RequestContext, request: Request, kind: Kind) -> None:
        owner = self._owner(context, request, kind)
        require_modifiable(owner)

        def change(tx: Transaction) -> None:
            if not self._policies.delete_inline(tx, owner.unique_id, request["PolicyName"]):
                raise _missing(kind, request)

        await self.records.write(change)


def _missing(kind: Kind, request: Request) -> NoSuchEntity:
    # Recorded of groups.
    return NoSuchEntity(f"The {kind.value} policy with name {request['PolicyName']} cannot be found.")
