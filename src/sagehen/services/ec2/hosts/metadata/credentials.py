"""The credentials of a machine's role, as the metadata hand them out: a new session in time, when asked."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Credentials
from sagehen.domain.ports.identity.roles import Roles

SERVICE = "ec2.amazonaws.com"
# AWS's last six hours; a role's own limit may be one.
_SESSION_S = 3600
# SDKs ask again 15 minutes before the end.
_RENEWED_BEFORE = timedelta(minutes=30)


class RoleDocuments:
    """Of one machine.

    Args:
        roles: Makes sessions.
        clock: The platform's.
        instance_id: Names the session, as AWS's do.
    """

    def __init__(self, roles: Roles, clock: Clock, instance_id: str) -> None:
        self._roles = roles
        self._clock = clock
        self._instance_id = instance_id
        self._asking = asyncio.Lock()
        self._held: tuple[str, Credentials, datetime] | None = None

    async def document(self, role_arn: str) -> str:
        """Return the document of a role's credentials, or the one that says why there are none."""
        async with self._asking:
            now = self._clock.now()
            held = self._held
            if held is None or held[0] != role_arn or _is_old(held[1], now):
                try:
                    session = await self._roles.assume_for_service(
                        role_arn, SERVICE, self._instance_id, _SESSION_S
                    )
                except (AccessDenied, ServiceError):
                    # From memory, as is the form.
                    return _text(
                        {
                            "Code": "AssumeRoleUnauthorizedAccess",
                            "Message": f"EC2 cannot assume the role {role_arn.rpartition('/')[2]}.",
                            "LastUpdated": _time(now),
                        }
                    )
                held = self._held = (role_arn, session.credentials, now)
        _, credentials, since = held
        return _text(
            {
                "Code": "Success",
                "LastUpdated": _time(since),
                "Type": "AWS-HMAC",
                "AccessKeyId": credentials.access_key_id,
                "SecretAccessKey": credentials.secret_access_key,
                "Token": credentials.session_token,
                "Expiration": "" if credentials.expiration is None else _time(credentials.expiration),
            }
        )

    def info(self, profile_arn: str) -> str:
        """Return the document of the instance profile."""
        return _text(
            {
                "Code": "Success",
                "LastUpdated": _time(self._clock.now()),
                "InstanceProfileArn": profile_arn,
            }
        )


def _is_old(credentials: Credentials, now: datetime) -> bool:
    return credentials.expiration is not None and credentials.expiration - now < _RENEWED_BEFORE


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(document: dict[str, str | None]) -> str:
    return json.dumps(document, indent=2, separators=(",", " : "))
