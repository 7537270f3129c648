"""RoleKeys: an execution role's keys for who asks S3 on its behalf, for as long as that takes."""

from __future__ import annotations

from sagehen.domain.clock import Clock
from sagehen.domain.identity import Credentials
from sagehen.domain.ports.identity.roles import Roles, RoleSession
from sagehen.services.sagemaker.roles import sessions


class RoleKeys:
    """Those of one role.

    Args:
        session: One that there is.
    """

    def __init__(self, session: RoleSession, role_arn: str, roles: Roles, clock: Clock) -> None:
        self._session = session
        self._role_arn = role_arn
        self._roles = roles
        self._clock = clock

    async def now(self) -> Credentials:
        """Return keys that are good for half an hour at least.

        Raises:
            AccessDenied: The role is gone, or no longer trusts SageMaker.
        """
        self._session = await sessions.fresh(self._roles, self._role_arn, self._session, self._clock.now())
        return self._session.credentials

    async def for_an_hour(self) -> Credentials:
        """Return keys for what may take as long as a job's uploads (`decisions.UPLOAD_LIMIT_S`).

        A node asks S3 to the end with those that it was given at first.

        Raises:
            AccessDenied: As `now` does.
        """
        self._session = await sessions.assume(self._roles, self._role_arn)
        return self._session.credentials
