"""SessionsOfConsoles: the port ConsoleKeys.

AWS's own console opens sessions of root and of federated roles, which no call of STS makes: GetSessionToken's
of root may not call IAM there. Here the operator of the machine, who has root's keys, is who asks.
"""

from __future__ import annotations

from dataclasses import replace

from sagehen.domain.access import Access, AccessDenied
from sagehen.domain.identity import Principal, SigningKey, root_principal
from sagehen.services.iam.authorization.authorizer import PolicyAuthorizer
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.sessions.of_roles import role_principal
from sagehen.services.iam.sessions.records import SessionRecords
from sagehen.services.iam.sessions.signing_keys import StoredIdentities

_SESSION_NAME = "console"


class SessionsOfConsoles:
    """Opens sessions of root and of the roles that trust it."""

    def __init__(
        self,
        records: Records,
        sessions: SessionRecords,
        identities: StoredIdentities,
        authorizer: PolicyAuthorizer,
    ) -> None:
        self._records = records
        self._sessions = sessions
        self._identities = identities
        self._authorizer = authorizer

    def check(self, account_id: str, role: str) -> str:
        """Return the ARN of whom a session would be of.

        Raises:
            AccessDenied
        """
        return self._principal(account_id, role).arn

    async def open(self, account_id: str, role: str, duration_s: int) -> SigningKey:
        """Open a session.

        Raises:
            AccessDenied
        """
        return await self._sessions.open(self._principal(account_id, role), duration_s)

    async def close(self, access_key_id: str) -> None:
        """End a session at once."""
        await self._sessions.close(access_key_id)
        self._identities.forget_session(access_key_id)

    def _principal(self, account_id: str, role: str) -> Principal:
        root = root_principal(account_id)
        if not role:
            return replace(root, by_console=True)
        found = self._role(account_id, role)
        arn = found.arn if found is not None else role
        if found is not None:
            access = Access("sts:AssumeRole", arn, {"sts:RoleSessionName": _SESSION_NAME})
            if self._authorizer.is_allowed(root, access, {}):
                return role_principal(found, _SESSION_NAME)
        raise AccessDenied(
            f"User: {root.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        )

    def _role(self, account_id: str, role: str) -> Entity | None:
        if role.startswith("arn:"):
            found = self._records.by_arn(role)
        else:
            found = self._records.find(account_id, Kind.ROLE, role)
        return (
            found
            if found is not None and found.kind is Kind.ROLE and found.account_id == account_id
            else None
        )
