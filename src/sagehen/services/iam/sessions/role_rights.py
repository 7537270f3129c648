"""RightsOfRoles: the port RoleRights."""

from __future__ import annotations

from sagehen.domain.access import Access
from sagehen.services.iam.authorization.authorizer import PolicyAuthorizer
from sagehen.services.iam.entities.entity import Kind
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.sessions.of_roles import role_principal

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
        return self._authorizer.is_allowed(role_principal(role, _SESSION_NAME), access, {})
