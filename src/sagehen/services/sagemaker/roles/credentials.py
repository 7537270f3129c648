"""RoleCredentials: an execution role's keys in a file that its containers read, renewed in time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Credentials
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.sagemaker.roles import sessions

# SDKs ask again 15 minutes before the end (botocore's RefreshableCredentials): by then the file holds the
# next session's keys.
_RENEWAL_S = sessions.SESSION_S / 2
_RETRY_S = 300.0
# A shell fills in the folder, which has another name where mounts cannot be made.
_CONFIG = """[default]
credential_process = sh -c 'cat "$SAGEHEN_ROLE/credentials.json"'
"""


class RoleCredentials:
    """The file of one role.

    Args:
        folder: Shown to containers as `instances.environment.ROLE`; made here.
        note: Takes a line for the containers' log.
    """

    def __init__(
        self, folder: Path, role_arn: str, roles: Roles, clock: Clock, note: Callable[[str], None]
    ) -> None:
        self._folder = folder
        self._role_arn = role_arn
        self._roles = roles
        self._clock = clock
        self._note = note

    async def write(self, credentials: Credentials) -> None:
        """Let containers find these from now on."""
        await asyncio.to_thread(write_role, self._folder, credentials)

    async def keep_renewed(self) -> None:
        """Write a new session's keys every half hour, until cancelled; where that fails, minutes later."""
        pause_s = _RENEWAL_S
        while True:
            await self._clock.sleep(pause_s)
            try:
                session = await sessions.assume(self._roles, self._role_arn)
                await self.write(session.credentials)
            except (AccessDenied, ServiceError, OSError) as error:  # the right may come back, or the room
                self._note(f"sagehen: the role's credentials could not be renewed: {error}")
                pause_s = _RETRY_S
            else:
                pause_s = _RENEWAL_S


def write_role(folder: Path, credentials: Credentials) -> None:
    """Write the credentials and the configuration that leads SDKs to them. Blocking."""
    document = {
        "Version": 1,
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        "SessionToken": credentials.session_token,
    }
    if credentials.expiration is not None:
        document["Expiration"] = credentials.expiration.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / "credentials.json", json.dumps(document))
    _replace(folder / "config", _CONFIG)


def _replace(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(text)
    # The instance runs under another uid; the data folder above is closed to everybody else.
    partial.chmod(0o644)
    partial.rename(path)
