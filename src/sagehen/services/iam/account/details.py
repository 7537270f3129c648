"""GetAccountAuthorizationDetails: everything that grants anything, in one listing."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.iam.entities.entity import Entity, Kind, encoded
from sagehen.services.iam.entities.listing import answer, cut
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.identities.groups import group_member
from sagehen.services.iam.identities.instance_profiles import instance_profile_member
from sagehen.services.iam.identities.roles import role_member
from sagehen.services.iam.identities.users import user_member
from sagehen.services.iam.policies.aws_managed import AWS_MANAGED
from sagehen.services.iam.policies.members import aws_policy_member, customer_policy_member
from sagehen.services.iam.policies.records import PolicyRecords, PolicyVersion
from sagehen.services.iam.policies.trust import TrustPolicies

_LISTS = {
    "User": "UserDetailList",
    "Group": "GroupDetailList",
    "Role": "RoleDetailList",
    "LocalManagedPolicy": "Policies",
    "AWSManagedPolicy": "Policies",
}


class AccountDetails:
    """The operation of that name."""

    def __init__(self, records: Records, trust: TrustPolicies) -> None:
        self.records = records
        self._trust = trust
        self._policies = PolicyRecords(records)

    @operation("GetAccountAuthorizationDetails")
    async def get_account_authorization_details(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        account_id = context.scope.account_id
        wanted = request.get("Filter") or list(_LISTS)
        items: list[tuple[str, str]] = []
        for noun, kind in (("User", Kind.USER), ("Group", Kind.GROUP), ("Role", Kind.ROLE)):
            items += [(noun, entity.arn) for entity in self.records.under(account_id, kind)]
        policies = self.records.under(account_id, Kind.POLICY)
        items += [("LocalManagedPolicy", policy.arn) for policy in policies]
        # Of AWS's own, those in use.
        items += [
            ("AWSManagedPolicy", arn)
            for arn in AWS_MANAGED
            if self._policies.attachment_count(account_id, arn) or self.records.bounded_by(arn)
        ]
        chosen = [item for item in items if item[0] in wanted]
        page = cut(chosen, request, lambda item: list(item), "account details " + ",".join(wanted))
        lists: dict[str, list[dict[str, Any]]] = {name: [] for name in _LISTS.values()}
        for noun, arn in page.items:
            lists[_LISTS[noun]].append(self._detail(account_id, noun, arn))
        return answer(page, **lists)

    def _detail(self, account_id: str, noun: str, arn: str) -> dict[str, Any]:
        if noun == "AWSManagedPolicy":
            return self._aws_policy(account_id, arn)
        entity = self.records.by_arn(arn)
        if entity is None:  # deleted between two lines of this listing
            return {"Arn": arn}
        if noun == "LocalManagedPolicy":
            return self._customer_policy(entity)
        return self._owner(entity)

    def _owner(self, entity: Entity) -> dict[str, Any]:
        attached = [
            {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}
            for arn in self._policies.attached(entity.unique_id)
        ]
        inline = [
            {"PolicyName": name, "PolicyDocument": encoded(document)}
            for name, document in self._policies.inline(entity.unique_id).items()
        ]
        noun = entity.kind.value.capitalize()
        detail: dict[str, Any] = {"AttachedManagedPolicies": attached, f"{noun}PolicyList": inline}
        if entity.kind is Kind.USER:
            names = [group.name for group in self.records.containers(entity)]
            return {**user_member(entity), **detail, "GroupList": names}
        if entity.kind is Kind.GROUP:
            return {**group_member(entity), **detail}
        profiles = [
            instance_profile_member(profile, self.records, self._trust, full=False)
            for profile in self.records.containers(entity)
        ]
        member = role_member(entity, self._trust)
        for absent in ("Description", "MaxSessionDuration"):  # RoleDetail has neither
            member.pop(absent, None)
        return {**member, **detail, "InstanceProfileList": profiles}

    def _customer_policy(self, policy: Entity) -> dict[str, Any]:
        versions = self._policies.versions(policy.unique_id)
        shown = [_version(version, policy.default_version) for version in versions]
        return {
            **customer_policy_member(self.records, self._policies, policy),
            "PolicyVersionList": shown,
        }

    def _aws_policy(self, account_id: str, arn: str) -> dict[str, Any]:
        policy = AWS_MANAGED[arn]
        version = PolicyVersion(1, policy.document, policy.created_at)
        return {
            **aws_policy_member(self._policies, account_id, arn),
            "IsAttachable": True,
            "CreateDate": policy.created_at,
            "UpdateDate": policy.created_at,
            "PolicyVersionList": [_version(version, 1)],
        }


def _version(version: PolicyVersion, default: int) -> dict[str, Any]:
    return {
        "Document": encoded(version.document),
        "VersionId": f"v{version.number}",
        "IsDefaultVersion": version.number == default,
        "CreateDate": version.created_at,
    }
