"""Roles as services use them for jobs, functions and integrations. Between them and IAM with STS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sagehen.domain.access import ConditionValue
from sagehen.domain.identity import Credentials, Principal


@dataclass(frozen=True, slots=True)
class RoleSession:
    """Temporary credentials of a role and the principal that they prove."""

    credentials: Credentials
    principal: Principal


class Roles(Protocol):
    """Roles as other services use them."""

    def require_pass_role(
        self,
        principal: Principal,
        role_arn: str,
        service: str,
        environment: Mapping[str, ConditionValue],
    ) -> None:
        """Check iam:PassRole for `principal` with iam:PassedToService=`service`.

        Raises:
            AccessDenied: The principal may not pass the role, or the role is another account's.
        """
        ...

    def can_be_assumed_by(
        self,
        role_arn: str,
        service: str,
        environment: Mapping[str, ConditionValue] | None = None,
    ) -> bool:
        """Tell whether the role exists and its trust policy lets `service` assume it.

        `environment` may hold `aws:SourceArn`; `aws:SourceAccount` is the role's account unless given.
        """
        ...

    async def assume_for_service(
        self,
        role_arn: str,
        service: str,
        session_name: str,
        duration_s: int = 3600,
        environment: Mapping[str, ConditionValue] | None = None,
    ) -> RoleSession:
        """Make a session of the role on behalf of an AWS service (`environment` as above).

        Raises:
            AccessDenied: The role does not exist or does not trust the service.
        """
        ...

    def is_over(self, session: Principal) -> bool:
        """Tell whether a session's role was deleted: one of the same name made later has its own sessions."""
        ...
