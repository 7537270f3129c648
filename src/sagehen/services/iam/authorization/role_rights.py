"""RightsOfRoles: the port RoleRights."""

from __future__ import annotations

from sagehen.domain.access import Access
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.services.iam.authorization.authorizer import PolicyAuthorizer
from sagehen.services.iam.entities.entity import Kind
from sagehen.services.iam.entities.records import Records

_SESSION_NAME = "chain"


class RightsOfRoles:
    """Asks the evaluator in a role's place."""

    def __init__(self, records: Records, authorizer: PolicyAuthorizer) -> None:
        self._records = records
        self._authorizer = authorizer

    def may(self, role_arn: str, access: Access) -> bool | None:
        """Tell whether a session of a role may do something; None where there is no such role."""
        role = self._records.by_arn(role_arn)
        if role is None or role.kind is not Kind.ROLE:
            return None
        session = Principal(
            PrincipalKind.ASSUMED_ROLE,
            arn=f"arn:aws:sts::{role.account_id}:assumed-role/{role.name}/{_SESSION_NAME}",
            account_id=role.account_id,
            user_id=f"{role.unique_id}:{_SESSION_NAME}",
            name=role.name,
            role_arn=role.arn,
            session_name=_SESSION_NAME,
        )
        return self._authorizer.is_allowed(session, access, {})
