"""Execution roles as every SageMaker resource takes them: passed, trusted, and then assumed."""

from __future__ import annotations

from datetime import datetime

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.identity.roles import Roles, RoleSession

# Documented: SageMaker Developer Guide, How to use SageMaker execution roles.
SERVICE = "sagemaker.amazonaws.com"
# From memory: the session that CloudTrail and error messages of AWS show.
SESSION_NAME = "SageMaker"
# STS's own default (AssumeRole, DurationSeconds). `credentials.py` renews them for as long as a container
# runs.
SESSION_S = 3600


def require_pass(roles: Roles, context: RequestContext, role_arn: str) -> None:
    """Check that the caller may hand over the role.

    Raises:
        AccessDenied: No iam:PassRole.
    """
    roles.require_pass_role(context.principal, role_arn, SERVICE, context.condition_keys())


async def accept(roles: Roles, context: RequestContext, role_arn: str) -> RoleSession:
    """Check that the caller may hand over the role and that SageMaker may use it; return a session.

    Raises:
        AccessDenied: No iam:PassRole.
        ValidationException: The role does not exist or does not trust SageMaker.
    """
    require_pass(roles, context, role_arn)
    # Recorded of CreateTrainingJob, in public repositories; for CreateModel from memory.
    refusal = ValidationException(
        f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal "
        f"'{SERVICE}' to assume the role."
    )
    if not roles.can_be_assumed_by(role_arn, SERVICE):
        raise refusal
    try:
        return await assume(roles, role_arn)
    except AccessDenied:
        raise refusal from None


async def assume(roles: Roles, role_arn: str, duration_s: int = SESSION_S) -> RoleSession:
    """Return a session of the role for a container, or for who acts on its behalf.

    Raises:
        AccessDenied: The role is gone, or no longer trusts SageMaker.
    """
    return await roles.assume_for_service(role_arn, SERVICE, SESSION_NAME, duration_s)


async def fresh(roles: Roles, role_arn: str, session: RoleSession, now: datetime) -> RoleSession:
    """Return a session whose keys are good for a while: another one where this one is half over.

    Raises:
        AccessDenied: As `assume` does.
    """
    ends = session.credentials.expiration
    if ends is None or (ends - now).total_seconds() >= SESSION_S / 2:
        return session
    return await assume(roles, role_arn)
