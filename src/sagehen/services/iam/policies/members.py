"""Managed policies as IAM answers them."""

from __future__ import annotations

from typing import Any

from sagehen.services.iam.entities.entity import Entity, without_unset
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.policies.aws_managed import AWS_MANAGED
from sagehen.services.iam.policies.records import PolicyRecords


def customer_policy_member(records: Records, policies: PolicyRecords, policy: Entity) -> dict[str, Any]:
    """Return a Policy structure of the customer's own, tags apart: not every answer has them."""
    return without_unset(
        {
            "PolicyName": policy.name,
            "PolicyId": policy.unique_id,
            "Arn": policy.arn,
            "Path": policy.path,
            "DefaultVersionId": f"v{policy.default_version}",
            "AttachmentCount": policies.attachment_count(policy.account_id, policy.arn),
            "PermissionsBoundaryUsageCount": len(records.bounded_by(policy.arn)),
            "IsAttachable": True,
            "Description": policy.description,
            "CreateDate": policy.created_at,
            "UpdateDate": policy.updated_at,
        }
    )


def aws_policy_member(policies: PolicyRecords, account_id: str, arn: str) -> dict[str, Any]:
    """Return what every answer says of a policy of AWS's own; it has one version here."""
    policy = AWS_MANAGED[arn]
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.policy_id,
        "Arn": arn,
        "Path": policy.path,
        "DefaultVersionId": "v1",
        "AttachmentCount": policies.attachment_count(account_id, arn),
    }
