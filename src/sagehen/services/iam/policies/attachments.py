"""Attachments of managed policies to users, groups and roles."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.iam.entities.access import on_entity, on_policy
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.listing import answer, cut
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.entities.service_linked import require_modifiable
from sagehen.services.iam.errors import LimitExceeded, NoSuchEntity, PolicyNotAttachable
from sagehen.services.iam.policies.arns import require_policy_arn
from sagehen.services.iam.policies.aws_managed import AWS_MANAGED
from sagehen.services.iam.policies.managed import customer_policy
from sagehen.services.iam.policies.records import PolicyRecords
from sagehen.store.database import Transaction

# Recorded: GetAccountSummary, AttachedPoliciesPerUserQuota and the same of groups and roles.
_MAX_ATTACHED = 10
_NAMES = {Kind.USER: "UserName", Kind.GROUP: "GroupName", Kind.ROLE: "RoleName"}
_QUOTAS = {Kind.USER: "PoliciesPerUser", Kind.GROUP: "PoliciesPerGroup", Kind.ROLE: "PoliciesPerRole"}


class PolicyAttachments:
    """Attach, detach and the listings of both directions."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._policies = PolicyRecords(records)

    @operation("AttachUserPolicy", access=on_entity(Kind.USER))
    async def attach_user_policy(self, context: RequestContext, request: Request) -> None:
        await self._attach(context, request, Kind.USER)

    @operation("AttachGroupPolicy", access=on_entity(Kind.GROUP))
    async def attach_group_policy(self, context: RequestContext, request: Request) -> None:
        await self._attach(context, request, Kind.GROUP)

    @operation("AttachRolePolicy", access=on_entity(Kind.ROLE))
    async def attach_role_policy(self, context: RequestContext, request: Request) -> None:
        await self._attach(context, request, Kind.ROLE)

    @operation("DetachUserPolicy", access=on_entity(Kind.USER))
    async def detach_user_policy(self, context: RequestContext, request: Request) -> None:
        await self._detach(context, request, Kind.USER)

    @operation("DetachGroupPolicy", access=on_entity(Kind.GROUP))
    async def detach_group_policy(self, context: RequestContext, request: Request) -> None:
        await self._detach(context, request, Kind.GROUP)

    @operation("DetachRolePolicy", access=on_entity(Kind.ROLE))
    async def detach_role_policy(self, context: RequestContext, request: Request) -> None:
        await self._detach(context, request, Kind.ROLE)

    @operation("ListAttachedUserPolicies", access=on_entity(Kind.USER))
    async def list_attached_user_policies(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return self._list(context, request, Kind.USER)

    @operation("ListAttachedGroupPolicies", access=on_entity(Kind.GROUP))
    async def list_attached_group_policies(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return self._list(context, request, Kind.GROUP)

    @operation("ListAttachedRolePolicies", access=on_entity(Kind.ROLE))
    async def list_attached_role_policies(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return self._list(context, request, Kind.ROLE)

    @operation("ListEntitiesForPolicy", access=on_policy)
    async def list_entities_for_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        arn, account_id = request["PolicyArn"], context.scope.account_id
        if arn not in AWS_MANAGED:
            customer_policy(self.records, account_id, arn)
        usage = request.get("PolicyUsageFilter")
        found: dict[str, Entity] = {}
        if usage != "PermissionsBoundary":
            found.update((e.unique_id, e) for e in self._policies.attached_to(account_id, arn))
        if usage != "PermissionsPolicy":
            bounded = (e for e in self.records.bounded_by(arn) if e.account_id == account_id)
            found.update((entity.unique_id, entity) for entity in bounded)
        wanted, prefix = request.get("EntityFilter"), request.get("PathPrefix", "/")
        entities = [
            entity
            for entity in found.values()
            if entity.path.startswith(prefix) and wanted in (None, entity.kind.value.capitalize())
        ]
        page = cut(entities, request, lambda e: [e.kind.value, e.name], f"entities of {arn}")
        lists: dict[str, list[dict[str, str]]] = {"PolicyGroups": [], "PolicyUsers": [], "PolicyRoles": []}
        for entity in page.items:
            noun = entity.kind.value.capitalize()
            member = {f"{noun}Name": entity.name, f"{noun}Id": entity.unique_id}
            lists[f"Policy{noun}s"].append(member)
        return answer(page, **lists)

    def _owner(self, context: RequestContext, request: Request, kind: Kind) -> Entity:
        return self.records.get(context.scope.account_id, kind, request[_NAMES[kind]])

    async def _attach(self, context: RequestContext, request: Request, kind: Kind) -> None:
        owner, arn = self._owner(context, request, kind), request["PolicyArn"]
        require_policy_arn(arn)
        require_modifiable(owner)
        if arn in AWS_MANAGED and AWS_MANAGED[arn].path.startswith("/aws-service-role/"):
            raise PolicyNotAttachable("Cannot attach a Service Role Policy to a Customer Role.")
        policy = None
        if arn not in AWS_MANAGED:
            policy = self.records.by_arn(arn)
            if policy is None or policy.kind is not Kind.POLICY or policy.account_id != owner.account_id:
                raise NoSuchEntity(f"Policy {arn} does not exist or is not attachable.")

        def change(tx: Transaction) -> None:
            self.records.update(tx, owner.unique_id)  # both must still be there
            if policy is not None:
                self.records.update(tx, policy.unique_id)
            self._policies.attach(tx, owner.unique_id, arn)
            sql = "SELECT count(*) FROM iam_attachments WHERE owner_id = ?"
            if tx.execute(sql, (owner.unique_id,)).fetchone()[0] > _MAX_ATTACHED:
                raise LimitExceeded(f"Cannot exceed quota for {_QUOTAS[kind]}: {_MAX_ATTACHED}")

        await self.records.write(change)

    async def _detach(self, context: RequestContext, request: Request, kind: Kind) -> None:
        owner, arn = self._owner(context, request, kind), request["PolicyArn"]
        require_modifiable(owner)

        def change(tx: Transaction) -> None:
            # Recorded: the sentence of a policy that does not exist, also where it is not attached.
            if not self._policies.detach(tx, owner.unique_id, arn):
                raise NoSuchEntity(f"Policy {arn} was not found.")

        await self.records.write(change)

    def _list(self, context: RequestContext, request: Request, kind: Kind) -> dict[str, Any]:
        owner = self._owner(context, request, kind)
        prefix = request.get("PathPrefix", "/")
        arns = [
            arn
            for arn in self._policies.attached(owner.unique_id)
            if arn.partition(":policy")[2].startswith(prefix)
        ]
        page = cut(arns, request, lambda arn: arn, "attached policies")
        members = [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in page.items]
        return answer(page, AttachedPolicies=members)
