"""Programs that an engine cannot execute: it does not start a container then, where a sandbox has ended."""

from __future__ import annotations

from sagehen.executors.base import ExitStatus
from sagehen.executors.containers.engine.client import EngineClient
from sagehen.executors.containers.engine.connection import Taken
from sagehen.executors.containers.engine.errors import EngineRefused

# What shells say, and sandboxes (`warm.execution`): found but not to be executed, not found.
_NOT_EXECUTABLE, _NOT_FOUND = 126, 127
# Of runc, of crun, and of Podman above either.
_MISSING = ("no such file or directory", "executable file not found", "command that was not found")


class NotExecutable(Exception):
    """The engine did not start a container, as its program is not there or no program.

    Args:
        status: What it has ended with.
        why: The engine's words, without its own machinery's.
    """

    def __init__(self, status: ExitStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


async def start_program(client: EngineClient, container: str) -> Taken:
    """Start a container; return its output, which the caller closes.

    Raises:
        NotExecutable, EngineError
    """
    taken = None
    try:  # Podman 4.3 looks for the program when its output is asked for, Docker when it is started
        taken = await client.attach(container)
        await client.call("POST", f"/containers/{container}/start")
    except BaseException as error:
        if taken is not None:
            taken.writer.close()
        if isinstance(error, EngineRefused) and (found := not_executable(error)) is not None:
            raise found from None
        raise
    return taken


def not_executable(error: EngineRefused) -> NotExecutable | None:
    """Return that this is what an engine says of a start; None where it refuses something else.

    Recorded of Docker 20.10 and Podman 4.3 over runc: `exec: "/x": stat /x: no such file or directory`,
    `exec: "x": executable file not found in $PATH`, `exec: "/x": permission denied`.
    """
    why = str(error)
    if not ('exec: "' in why or _MISSING[-1] in why):
        return None
    if any(words in why for words in _MISSING):
        code = _NOT_FOUND
    elif "permission denied" in why:
        code = _NOT_EXECUTABLE
    else:
        return None
    return NotExecutable(ExitStatus(code), why.partition("unable to start container process: ")[2] or why)
