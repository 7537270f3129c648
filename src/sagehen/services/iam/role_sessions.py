"""RoleSessions: roles as other services use them; domain.ports.Roles."""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import datetime, timedelta

from sagehen.domain.access import Access, AccessDenied, ConditionValue
from sagehen.domain.arn import Arn
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Credentials, Principal, PrincipalKind, service_principal
from sagehen.domain.ids import Ids
from sagehen.domain.ports import RoleSession
from sagehen.services.iam.authorizer import PolicyAuthorizer
from sagehen.services.iam.entity import Entity, Kind
from sagehen.services.iam.records import Records
from sagehen.services.iam.session_records import SessionRecords

_TOKEN_ALPHABET = string.ascii_letters + string.digits + "+/"
_TOKEN_LENGTH = 256


def temporary_credentials(ids: Ids, clock: Clock, duration_s: int, token_size: int = 0) -> Credentials:
    """Draw an `ASIA…` key with a token that means nothing outside the session's record.

    Args:
        duration_s: How long it lives, in seconds.
        token_size: How many bytes the token has at least, for who rehearses long ones.
    """
    return Credentials(
        access_key_id=ids.unique_id("ASIA"),
        secret_access_key=ids.secret_access_key(),
        session_token=ids.text(max(_TOKEN_LENGTH, token_size), _TOKEN_ALPHABET),
        # Whole seconds: that is all the wire carries.
        expiration=clock.now().replace(microsecond=0) + timedelta(seconds=duration_s),
    )


def role_principal(
    role: Entity,
    session_name: str,
    credentials: Credentials,
    clock: Clock,
    *,
    session_policies: tuple[str, ...] = (),
    session_tags: Mapping[str, str] | None = None,
    transitive_tag_keys: tuple[str, ...] = (),
    source_identity: str = "",
    federated_provider: str = "",
    mfa_at: datetime | None = None,
) -> Principal:
    """Return the principal of a role session."""
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
        issued_at=clock.now(),
        access_key_id=credentials.access_key_id,
        federated_provider=federated_provider,
        mfa_at=mfa_at,
    )


class RoleSessions:
    """PassRole, trust in services, and sessions made for them."""

    def __init__(
        self,
        records: Records,
        sessions: SessionRecords,
        authorizer: PolicyAuthorizer,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._records = records
        self._sessions = sessions
        self._authorizer = authorizer
        self._clock = clock
        self._ids = ids

    def require_pass_role(
        self,
        principal: Principal,
        role_arn: str,
        service: str,
        environment: Mapping[str, ConditionValue],
    ) -> None:
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
        role = self._role(role_arn)
        if role is None or not self._is_trusted(role, service, environment):
            raise AccessDenied(
                f"User: {service} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
            )
        credentials = temporary_credentials(self._ids, self._clock, duration_s)
        principal = role_principal(role, session_name, credentials, self._clock)
        await self._sessions.add(credentials, principal)
        return RoleSession(credentials, principal)

    def is_over(self, session: Principal) -> bool:
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
