"""RoleKeys: an execution role's keys for nodes that ask S3 on its behalf, for as long as that takes."""

from __future__ import annotations

import asyncio

from sagehen.domain.clock import Clock
from sagehen.domain.identity import Credentials
from sagehen.domain.ports.identity.roles import Roles, RoleSession
from sagehen.services.sagemaker.roles import sessions

# The longest that a role's session lasts on AWS (documented: IAM, CreateRole, MaxSessionDuration).
_SESSION_S = 43_200
# A node asks S3 to the end with the keys that it was given at first. Over 100 Mbit/s that are 270 GB.
_LEAST_S = 21_600


class RoleKeys:
    """Those of one role."""

    def __init__(self, role_arn: str, roles: Roles, clock: Clock) -> None:
        self._role_arn = role_arn
        self._roles = roles
        self._clock = clock
        self._session: RoleSession | None = None
        self._renewing = asyncio.Lock()

    async def now(self) -> Credentials:
        """Return keys that are good for six hours at least.

        Raises:
            AccessDenied: The role is gone, or no longer trusts SageMaker.
        """
        async with self._renewing:
            if self._session is None or self._left_s(self._session) < _LEAST_S:
                self._session = await sessions.assume(self._roles, self._role_arn, _SESSION_S)
            return self._session.credentials

    def _left_s(self, session: RoleSession) -> float:
        ends = session.credentials.expiration
        return float("inf") if ends is None else (ends - self._clock.now()).total_seconds()
