"""RoleSessions: roles as other services use them; the port Roles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sagehen.domain.access import Access, AccessDenied, ConditionValue
from sagehen.domain.arn import Arn
from sagehen.domain.identity import Principal, PrincipalKind, service_principal
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.services.iam.authorization.authorizer import PolicyAuthorizer
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.sessions.records import SessionRecords


def role_principal(
    role: Entity,
    session_name: str,
    *,
    session_policies: tuple[str, ...] = (),
    session_tags: Mapping[str, str] | None = None,
    transitive_tag_keys: tuple[str, ...] = (),
    source_identity: str = "",
    federated_provider: str = "",
    mfa_at: datetime | None = None,
) -> Principal:
    """Return the principal of a role session that is to be opened."""
    return Principal(
        PrincipalKind.ASSUMED_ROLE,
        arn=f"arn:aws:sts::{role.account_id}:assumed-role/{role.name}/{session_name}",
        account_id=role.account_id,
        user_id=f"{role.unique_id}:{session_name}",
        name=role.name,
        role_arn=role.arn,
        session_name=session_name,
        session_policies=session_policies,
        session_tags=session_tags or {},
        transitive_tag_keys=transitive_tag_keys,
        source_identity=source_identity,
        federated_provider=federated_provider,
        mfa_at=mfa_at,
    )


class RoleSessions:
    """PassRole, trust in services, and sessions made for them."""

    def __init__(self, records: Records, sessions: SessionRecords, authorizer: PolicyAuthorizer) -> None:
        self._records = records
        self._sessions = sessions
        self._authorizer = authorizer

    def require_pass_role(
        self,
        principal: Principal,
        role_arn: str,
        service: str,
        environment: Mapping[str, ConditionValue],
    ) -> None:
        """Let a caller hand a role to a service, or refuse it.

        Args:
            principal: Who hands it over.
            role_arn: Any text: what is no ARN is judged as one of the caller's account.
            service: `sagemaker.amazonaws.com`, for the key iam:PassedToService.
            environment: The request's global condition keys.

        Raises:
            AccessDenied: iam:PassRole is not allowed, or the role is another account's.
        """
        access = Access("iam:PassRole", role_arn, {"iam:PassedToService": service})
        try:
            account_id = Arn.parse(role_arn).account_id
        except ValueError:
            account_id = principal.account_id
        if account_id != principal.account_id:
            raise AccessDenied("Cross-account pass role is not allowed.")
        self._authorizer.authorize(principal, access, environment)

    def can_be_assumed_by(
        self,
        role_arn: str,
        service: str,
        environment: Mapping[str, ConditionValue] | None = None,
    ) -> bool:
        """Tell whether there is such a role and its trust policy lets the service in."""
        role = self._role(role_arn)
        return role is not None and self._is_trusted(role, service, environment)

    async def assume_for_service(
        self,
        role_arn: str,
        service: str,
        session_name: str,
        duration_s: int = 3600,
        environment: Mapping[str, ConditionValue] | None = None,
    ) -> RoleSession:
        """Open a session of a role for a service, of `duration_s` seconds.

        The role's MaxSessionDuration bounds what callers of AssumeRole ask for, not this.

        Raises:
            AccessDenied: There is no such role, or it does not trust the service.
        """
        role = self._role(role_arn)
        if role is None or not self._is_trusted(role, service, environment):
            raise AccessDenied(
                f"User: {service} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
            )
        key = await self._sessions.open(role_principal(role, session_name), duration_s)
        return RoleSession(key.credentials, key.principal)

    def is_over(self, session: Principal) -> bool:
        """Tell whether the role of a session was deleted: a namesake made since does not revive it."""
        return self._records.by_id(session.owner_id) is None

    def _role(self, role_arn: str) -> Entity | None:
        role = self._records.by_arn(role_arn)
        return role if role is not None and role.kind is Kind.ROLE else None

    def _is_trusted(
        self, role: Entity, service: str, environment: Mapping[str, ConditionValue] | None
    ) -> bool:
        # Services act for the role's own account unless they say otherwise.
        keys = {"aws:SourceAccount": role.account_id, **(environment or {})}
        access = Access("sts:AssumeRole", role.arn)
        return self._authorizer.is_allowed(service_principal(service), access, keys)
