"""FunctionRoles: who a function is when the service acts for it, not its code."""

from __future__ import annotations

from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.lambda_.execution.contract import session_name

SERVICE = "lambda.amazonaws.com"
# The shortest session that AWS has: it is made anew while it is used.
_SESSION_S = 900
# A session is made anew well before it ends.
_REUSED_S = 600


class FunctionRoles:
    """Sessions of execution roles, kept for some minutes: each one costs a write."""

    def __init__(self, roles: Roles, clock: Clock) -> None:
        self._roles = roles
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[float, Principal]] = {}

    async def principal(self, role_arn: str, function_name: str) -> Principal:
        """Return the principal of a function's role; its policies count as they are when it is used.

        Raises:
            AccessDenied: The role is gone, or no longer trusts Lambda.
        """
        now = self._clock.monotonic()
        known = self._known.get((role_arn, function_name))
        if known is not None and now - known[0] < _REUSED_S and not self._roles.is_over(known[1]):
            return known[1]
        session = await self._roles.assume_for_service(
            role_arn, SERVICE, session_name(function_name), _SESSION_S
        )
        if len(self._known) > 1000:
            self._known.clear()
        self._known[role_arn, function_name] = (now, session.principal)
        return session.principal
