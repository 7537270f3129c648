"""EndedSandbox: one whose program could not be executed; engines do not start a container then."""

from __future__ import annotations

from sagehen.executors.base import ExitStatus, Usage
from sagehen.executors.containers.engine.errors import EngineRefused

# What shells say, and sandboxes (`warm.execution`): found but not to be executed, not found.
_NOT_EXECUTABLE, _NOT_FOUND = 126, 127
# Of runc, of crun, and of Podman above either.
_MISSING = ("no such file or directory", "executable file not found", "command that was not found")


class EndedSandbox:
    """Implements `base.Sandbox`."""

    def __init__(self, name: str, status: ExitStatus) -> None:
        self.name = name
        self.pid = 0
        self._status = status

    async def wait(self) -> ExitStatus:
        return self._status

    async def stop(self, grace_s: float) -> ExitStatus:
        return self._status

    async def kill(self) -> ExitStatus:
        return self._status

    def usage(self) -> Usage:
        return Usage(0.0, 0, 0)

    def deliver_output(self) -> None:
        """Nothing was printed."""


def code_of(error: BaseException) -> int | None:
    """Return what a program that an engine cannot execute ends with; None where something else was refused.

    Recorded of Docker 20.10 and Podman 4.3 over runc: `exec: "/x": stat /x: no such file or directory`,
    `exec: "x": executable file not found in $PATH`, `exec: "/x": permission denied`.
    """
    why = str(error)
    if not isinstance(error, EngineRefused) or not ('exec: "' in why or _MISSING[-1] in why):
        return None
    if any(words in why for words in _MISSING):
        return _NOT_FOUND
    return _NOT_EXECUTABLE if "permission denied" in why else None


def said_of(error: BaseException) -> str:
    """Return the engine's words without its own machinery's."""
    return str(error).partition("unable to start container process: ")[2] or str(error)
