"""The roles that callers give to API Gateway: for integrations, authorizers and its logs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sagehen.domain.access import ConditionValue
from sagehen.domain.identity import Principal
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.apigateway.errors import BadRequestException

SERVICE = "apigateway.amazonaws.com"
# Documented: Integration, credentials: the caller's identity is passed through.
CALLERS_OWN = "arn:aws:iam::*:user/*"

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+")


def check_credentials(
    roles: Roles,
    principal: Principal,
    credentials: str | None,
    environment: Mapping[str, ConditionValue],
) -> None:
    """Check that the caller may give this role to API Gateway.

    Raises:
        AccessDenied: No iam:PassRole for it.
        BadRequestException: It is no role's ARN.
    """
    if not credentials or credentials == CALLERS_OWN:
        return
    if not _ROLE.fullmatch(credentials):
        raise BadRequestException("Invalid ARN specified in the request")
    roles.require_pass_role(principal, credentials, SERVICE, environment)
