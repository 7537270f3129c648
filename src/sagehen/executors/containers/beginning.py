"""The start of a keeper's container: it comes to the platform's door, or the platform hears why not."""

from __future__ import annotations

from collections import deque

from sagehen.executors.containers.engine.client import EngineClient
from sagehen.executors.containers.keeper import Keeper
from sagehen.executors.containers.output import AttachedOutput

# Of what it printed, the last: a traceback ends with what went wrong.
_MOST_LINES, _MOST_CHARACTERS = 5, 200


async def begin(client: EngineClient, container: str, keeper: Keeper) -> None:
    """Start a keeper's container and return when it serves. Nothing of the image's runs yet.

    Raises:
        SandboxUnavailable: It ended before, told with its own words; or it does not come.
        EngineError
    """
    said: deque[str] = deque(maxlen=_MOST_LINES)
    taken = await client.attach(container)
    output = AttachedOutput(taken, lambda _, line: said.append(line.strip()[:_MOST_CHARACTERS]))

    async def ends() -> str:
        await output.drained()  # its output ends with it, or with the connection
        code = await client.exit_code(container)
        return f"ended before it began, with code {code}: {' | '.join(said) or 'without a word'}"

    try:
        await client.call("POST", f"/containers/{container}/start")
        await keeper.appears(ends())
    finally:
        await output.drained(patience_s=0)
