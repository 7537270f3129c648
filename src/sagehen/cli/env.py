"""`sagehen env`: exports for one shell, as root or as a role."""

from __future__ import annotations

import getpass
from pathlib import Path

from sagehen.cli.running import NotRunning, RunningPlatform
from sagehen.cli.shell_environment import exports, variables
from sagehen.cli.up import fail


def show(data_folder: Path, role: str | None) -> None:
    """Print `export` lines; everything else goes to standard error, so that `eval` is safe."""
    try:
        running = RunningPlatform.find(data_folder.absolute())
    except NotRunning as reason:
        fail(str(reason))
    if role is None:
        print(exports(variables(running)))
        return
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        arn = running.client("iam").get_role(RoleName=role)["Role"]["Arn"]
        session = running.client("sts").assume_role(RoleArn=arn, RoleSessionName=_session_name())
    except ClientError as error:
        fail(error.response["Error"]["Message"])
    except BotoCoreError as error:
        fail(f"Sagehen does not answer: {error}")
    print(exports(variables(running, session["Credentials"])))


def _session_name() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = ""
    cleaned = "".join(c for c in name if c.isalnum() or c in "+=,.@-_")
    return cleaned if len(cleaned) >= 2 else "sagehen"
