"""`sagehen env`: exports for one shell, as root or as a role."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagehen.cli.env.variables import exports, exports_elsewhere, variables
from sagehen.cli.failure import fail
from sagehen.cli.running import NotRunning, RunningPlatform


def show(data_folder: Path, role: str | None, *, elsewhere: bool = False) -> None:
    """Print `export` lines; everything else goes to standard error, so that `eval` is safe."""
    try:
        running = RunningPlatform.find(data_folder.absolute())
    except NotRunning as reason:
        fail(str(reason))
    if elsewhere and not running.elsewhere.url:
        fail("the platform listens on loopback alone: `sagehen up --host ADDRESS` opens it to other machines")
    if role is None:
        print(_text(running, None, elsewhere=elsewhere))
        return
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        arn = running.client("iam").get_role(RoleName=role)["Role"]["Arn"]
        session = running.client("sts").assume_role(RoleArn=arn, RoleSessionName=_session_name())
    except ClientError as error:
        fail(error.response["Error"]["Message"])
    except BotoCoreError as error:
        fail(f"Sagehen does not answer: {error}")
    print(_text(running, session["Credentials"], elsewhere=elsewhere))


def _text(running: RunningPlatform, session: Mapping[str, Any] | None, *, elsewhere: bool) -> str:
    if not elsewhere:
        return exports(variables(running, session))
    authority = running.elsewhere.ca_certificate
    return exports_elsewhere(running, Path(authority).read_text() if authority else "", session)


def _session_name() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = ""
    cleaned = "".join(c for c in name if c.isalnum() or c in "+=,.@-_")
    return cleaned if len(cleaned) >= 2 else "sagehen"
