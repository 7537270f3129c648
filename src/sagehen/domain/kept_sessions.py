"""KeptSessions: sessions of roles, each used for some minutes by a service that acts for many callers."""

from __future__ import annotations

from sagehen.domain.clock import Clock
from sagehen.domain.ports.identity.roles import Roles, RoleSession

# A session lives an hour; opening one writes a row, and there may be hundreds of uploads a second.
_KEPT_S = 600.0
_MOST_KEPT = 256


class KeptSessions:
    """Opens sessions, and uses each again for as long as its role is there.

    Args:
        clock: By which they live.
        service: The one that roles trust.
        name: Of the sessions.
    """

    def __init__(self, roles: Roles, clock: Clock, service: str, name: str) -> None:
        self._roles = roles
        self._clock = clock
        self._service = service
        self._name = name
        self._kept: dict[str, tuple[float, RoleSession]] = {}

    async def of(self, role_arn: str) -> RoleSession:
        """Return a session of the role.

        Raises:
            AccessDenied: The role is gone, or does not trust the service any more.
        """
        now = self._clock.monotonic()
        until, session = self._kept.get(role_arn, (0.0, None))
        if session is not None and now < until and not self._roles.is_over(session.principal):
            return session
        self._kept.pop(role_arn, None)
        session = await self._roles.assume_for_service(role_arn, self._service, self._name)
        while len(self._kept) >= _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[role_arn] = (now + _KEPT_S, session)
        return session

    def clear(self) -> None:
        """Forget all: the roles were."""
        self._kept.clear()
