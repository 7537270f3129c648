"""Permissions boundaries: which policies may be one."""

from __future__ import annotations

from sagehen.services.iam.errors import InvalidInput, NoSuchEntity
from sagehen.services.iam.policies.arns import is_policy_arn
from sagehen.services.iam.policies.records import PolicyRecords


def checked_boundary(policies: PolicyRecords, policy_arn: str | None) -> str | None:
    """Return the ARN again if there is such a managed policy.

    Raises:
        NoSuchEntity, InvalidInput: Also where it is no ARN of a policy.
    """
    if policy_arn is not None and not is_policy_arn(policy_arn):
        raise InvalidInput(f"ARN {policy_arn} is not valid.")
    if policy_arn is not None and policies.managed_document(policy_arn) is None:
        raise NoSuchEntity(f"Scope ARN: {policy_arn} does not exist or is not attachable.")
    return policy_arn
