"""What a notebook instance asks of the machine behind it: launched, told to run scripts, opened, stopped.

The order of a start, as the loop has it: `NotebookServers.launch`, `NotebookServer.run` per repository to
clone, `run_script` for OnCreate and OnStart, `serve`; from then on the instance is InService and the door may
`connect`.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sagehen.domain.scope import Scope
from sagehen.executors.base import Limits, Usage

# Takes one line without its newline, on the event loop, in order.
Output = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The server of one notebook instance, for one start.

    Args:
        scope: Account and region.
        name: Of the notebook instance.
        arn: Its ARN.
        role_arn: Whose credentials everything inside has, renewed.
        instance_type: Such as `ml.t3.medium`.
        limits: What stands in for the type on this machine.
        gpus: How many devices it may open.
        base_path: JupyterLab's base URL; begins and ends with `/`, and is the path at the platform's door.
        volume_id: Of the volume at /home/ec2-user/SageMaker: [0-9a-f-], never that of another instance, not
            even of one that had the same name.
        volume_gb: What the volume holds at most.
        root_access: Whether users may become root inside. Lifecycle scripts always may.
        internet: Whether it reaches the internet (DirectInternetAccess). The platform's door it reaches
            always.
        platform_identifier: Such as `notebook-al2023-v1`.
        start_folder: Below the volume, where JupyterLab opens; '' is the volume itself.
    """

    scope: Scope
    name: str
    arn: str
    role_arn: str
    instance_type: str
    limits: Limits
    gpus: int = 0
    base_path: str
    volume_id: str
    volume_gb: int = 5
    root_access: bool = True
    internet: bool = True
    platform_identifier: str = "notebook-al2023-v1"
    start_folder: str = ""


class LaunchFailed(Exception):
    """The server does not come up; the text is FailureReason."""


class NotebookServer(Protocol):
    """A machine that runs, with JupyterLab in it once it was told to serve."""

    @property
    def token(self) -> str:
        """JupyterLab's own token, which only the door knows."""
        ...

    async def run_script(self, hook: str, content: bytes, deadline_s: float, output: Output) -> int | None:
        """Run a lifecycle script as root, with AWS's PATH and the role's credentials.

        Args:
            hook: `LifecycleConfigOnCreate` or `LifecycleConfigOnStart`.
            content: The script, its first line included; what it is is for the user to know.
            deadline_s: Seconds of the machine's clock; all its processes end then, except those that it
                left in the background before it ended.

        Returns:
            Its exit code; None where the deadline ended it.

        Raises:
            LaunchFailed: The machine ended meanwhile.
        """
        ...

    async def run(self, command: tuple[str, ...], deadline_s: float, output: Output) -> int | None:
        """Run a command as the user, in the volume. Returns and raises as `run_script`."""
        ...

    async def serve(self) -> None:
        """Start JupyterLab and return when it answers.

        Raises:
            LaunchFailed: It does not.
        """
        ...

    async def connect(self) -> socket.socket:
        """Return a non-blocking stream socket connected to JupyterLab.

        Raises:
            OSError: Nobody listens.
        """
        ...

    async def last_activity(self) -> datetime | None:
        """Return when a kernel was last busy or a client was last there (aware); None where nobody knows."""
        ...

    def usage(self) -> Usage:
        """Return what the machine uses. Blocks, without cgroups for milliseconds."""
        ...

    async def wait_gone(self) -> str:
        """Return, once the machine ended by itself or JupyterLab cannot be kept up, why.

        It may be cancelled.
        """
        ...

    async def stop(self, grace_s: float) -> None:
        """End all of it: SIGTERM, SIGKILL after `grace_s`; returns when nothing runs. The volume stays."""
        ...


class NotebookServers(Protocol):
    """Makes them on this machine."""

    async def launch(self, wanted: Wanted, output: Output, progress: Output) -> NotebookServer:
        """Make the volume where there is none, and start the machine; JupyterLab does not run yet.

        A launch that is cancelled leaves nothing running.

        Args:
            output: Takes what JupyterLab prints, from `serve` on: the stream `<name>/jupyter.log`.
            progress: Takes what there is to say of the start.

        Raises:
            LaunchFailed: This machine cannot.
        """
        ...

    async def resize(self, volume_id: str, volume_gb: int) -> None:
        """Let a volume hold more. Nothing of its instance runs. No fault where there is none yet."""
        ...

    async def remove_volume(self, volume_id: str) -> None:
        """Remove a volume and all that is kept beside it. No fault where there is none."""
        ...

    async def keep_only(self, volume_ids: Collection[str]) -> None:
        """Remove every other volume: called once at a start, when nothing runs."""
        ...
