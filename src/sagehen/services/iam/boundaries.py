"""Permissions boundaries: which policies may be one."""

from __future__ import annotations

from sagehen.services.iam.errors import NoSuchEntity
from sagehen.services.iam.policy_records import PolicyRecords


def checked_boundary(policies: PolicyRecords, policy_arn: str | None) -> str | None:
    """Return the ARN again if there is such a managed policy.

    Raises:
        NoSuchEntity
    """
    if policy_arn is not None and policies.managed_document(policy_arn) is None:
        raise NoSuchEntity(f"Scope ARN: {policy_arn} does not exist or is not attachable.")
    return policy_arn
