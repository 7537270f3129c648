"""Managed policies: the customer's own, and AWS's beside them."""

from __future__ import annotations

import re
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.iam.entities.access import on_entity, on_listing, on_policy
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.listing import answer, cut
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.entities.tags import tags_of
from sagehen.services.iam.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from sagehen.services.iam.grammar.documents import parse_policy
from sagehen.services.iam.policies.arns import require_policy_arn
from sagehen.services.iam.policies.aws_managed import AWS_MANAGED
from sagehen.services.iam.policies.members import aws_policy_member, customer_policy_member
from sagehen.services.iam.policies.records import PolicyRecords
from sagehen.store.database import Transaction

# In characters without white space.
# Recorded: GetAccountSummary, PolicySizeQuota.
_MAX_SIZE = 6144


def checked_document(document: str) -> str:
    """Return the document of a managed policy if it is one.

    Raises:
        MalformedPolicyDocument, LimitExceeded
    """
    parse_policy(document, managed=True)
    if len(re.sub(r"\s", "", document)) > _MAX_SIZE:
        raise LimitExceeded(f"Cannot exceed quota for PolicySize: {_MAX_SIZE}")
    return document


def customer_policy(records: Records, account_id: str, policy_arn: str) -> Entity:
    """Return a policy of this account.

    Raises:
        NoSuchEntity, ValidationError: Also where it is no ARN of a policy.
    """
    require_policy_arn(policy_arn)
    policy = records.by_arn(policy_arn)
    if policy is None or policy.kind is not Kind.POLICY or policy.account_id != account_id:
        raise NoSuchEntity(f"Policy {policy_arn} was not found.")
    return policy


class ManagedPolicies:
    """The operations on managed policies, but for versions and attachments."""

    def __init__(self, records: Records, clock: Clock, ids: Ids) -> None:
        self.records = records
        self._policies = PolicyRecords(records)
        self._clock = clock
        self._ids = ids

    @operation("CreatePolicy", access=on_entity(Kind.POLICY))
    async def create_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        document = checked_document(request["PolicyDocument"])
        now = self._clock.now()
        policy = Entity(
            context.scope.account_id,
            Kind.POLICY,
            request["PolicyName"],
            request.get("Path", "/"),
            self._ids.unique_id(Kind.POLICY.id_prefix),
            created_at=now,
            updated_at=now,
            description=request.get("Description"),
            tags=tags_of(request, Kind.POLICY),
        )

        def change(tx: Transaction) -> None:
            self.records.insert(tx, policy)
            self._policies.add_version(tx, policy.unique_id, 1, document, now)

        await self.records.write(change)
        member = self._customer_member(policy)
        member.pop("Description", None)  # AWS answers it from GetPolicy only
        return {"Policy": member}

    @operation("GetPolicy", access=on_policy)
    async def get_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        arn = request["PolicyArn"]
        if arn in AWS_MANAGED:
            return {"Policy": {"Tags": [], **self._aws_member(context.scope.account_id, arn)}}
        policy = customer_policy(self.records, context.scope.account_id, arn)
        return {"Policy": {"Tags": [], **self._customer_member(policy)}}

    @operation("ListPolicies", access=on_listing(Kind.POLICY))
    async def list_policies(self, context: RequestContext, request: Request) -> dict[str, Any]:
        account_id = context.scope.account_id
        prefix, scope = request.get("PathPrefix", "/"), request.get("Scope", "All")
        members = []
        if scope in ("All", "AWS"):
            policies = AWS_MANAGED.values()
            members += [
                self._aws_member(account_id, policy.arn)
                for policy in policies
                if policy.path.startswith(prefix)
            ]
        if scope in ("All", "Local"):
            policies_here = self.records.under(account_id, Kind.POLICY, prefix)
            members += [self._customer_member(policy) for policy in policies_here]
        as_boundary = request.get("PolicyUsageFilter") == "PermissionsBoundary"
        counter = "PermissionsBoundaryUsageCount" if as_boundary else "AttachmentCount"
        if request.get("OnlyAttached") or as_boundary:
            members = [member for member in members if member[counter] > 0]
        page = cut(members, request, lambda member: member["Arn"], f"policies {scope} {prefix}")
        # Listings leave tags and descriptions out.
        shown = [
            {key: value for key, value in member.items() if key not in ("Description", "Tags")}
            for member in page.items
        ]
        return answer(page, Policies=shown)

    @operation("DeletePolicy", access=on_policy)
    async def delete_policy(self, context: RequestContext, request: Request) -> None:
        arn = request["PolicyArn"]
        policy = customer_policy(self.records, context.scope.account_id, arn)

        def change(tx: Transaction) -> None:
            bounds = self.records.exists(tx, "iam_entities", "boundary_arn", arn)
            if bounds or self.records.exists(tx, "iam_attachments", "policy_arn", arn):
                raise DeleteConflict("Cannot delete a policy attached to entities.")
            sql = "SELECT count(*) FROM iam_policy_versions WHERE policy_id = ?"
            if tx.execute(sql, (policy.unique_id,)).fetchone()[0] > 1:
                raise DeleteConflict(
                    "This policy has more than one version. Before you delete a policy, you must delete"
                    " the policy's versions. The default version is deleted with the policy."
                )
            self._policies.delete_version(tx, policy.unique_id)
            self.records.delete(tx, policy)

        await self.records.write(change)

    def _customer_member(self, policy: Entity) -> dict[str, Any]:
        member = customer_policy_member(self.records, self._policies, policy)
        return member | ({"Tags": policy.tag_list()} if policy.tags else {})

    def _aws_member(self, account_id: str, arn: str) -> dict[str, Any]:
        policy = AWS_MANAGED[arn]
        bounded = [entity for entity in self.records.bounded_by(arn) if entity.account_id == account_id]
        return {
            **aws_policy_member(self._policies, account_id, arn),
            "PermissionsBoundaryUsageCount": len(bounded),
            "IsAttachable": not policy.path.startswith("/aws-service-role/"),
            "Description": policy.description,
            "CreateDate": policy.created_at,
            "UpdateDate": policy.created_at,
        }
