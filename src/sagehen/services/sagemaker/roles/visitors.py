"""Visitors: whether who comes to a door of ours may do something now."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.domain.access import Access, request_conditions
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.ports.identity.roles import Roles


@dataclass(frozen=True, slots=True)
class Visitors:
    """Judges each request anew: rights may have been taken since the one before.

    Args:
        clock: The machine's.
    """

    authorizer: Authorizer
    roles: Roles
    clock: Clock

    def may(
        self,
        principal: Principal,
        access: Access,
        region: str,
        *,
        source_ip: str,
        secure: bool,
        user_agent: str | None = None,
    ) -> bool:
        """Tell whether a principal may, from there; a session of a role that was deleted may nothing."""
        is_session = principal.kind in (PrincipalKind.ASSUMED_ROLE, PrincipalKind.WEB_IDENTITY)
        if is_session and self.roles.is_over(principal):
            return False
        environment = request_conditions(
            at=self.clock.now(),
            source_ip=source_ip,
            secure=secure,
            region=region,
            user_agent=user_agent,
            referer=None,
        )
        return self.authorizer.is_allowed(principal, access, environment)
