"""OwnContainers: those of this platform at an engine, found by their labels."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging

from sagehen.executors.containers import documents
from sagehen.executors.containers.engine.client import EngineClient
from sagehen.executors.containers.engine.errors import EngineError, EngineRefused

# A container that is just ending is not removed by Podman 4.3 ("container state improper: stopped"), nor by
# Docker while somebody else removes it: a moment later it is, or is gone.
_PAUSES_S = (0.1, 0.4, 1.6)
_log = logging.getLogger(__name__)


class OwnContainers:
    """Finds and removes them.

    Args:
        client: Asks the engine.
        platform: Tells this platform's containers from another's.
    """

    def __init__(self, client: EngineClient, platform: str) -> None:
        self._client = client
        self.platform = platform

    async def left(self) -> dict[str, str]:
        """Return what the engine has of them, keepers last: id -> name of their sandbox.

        Raises:
            EngineError
        """
        wanted = json.dumps({"label": [f"{documents.PLATFORM}={self.platform}"]})
        found = await self._client.call("GET", "/containers/json", all=1, filters=wanted)
        labelled = [(one["Id"], one.get("Labels") or {}) for one in found or ()]
        labelled.sort(key=lambda one: documents.KEEPER in one[1])
        return {container: marks.get(documents.SANDBOX, "") for container, marks in labelled}

    async def remove(self, container: str) -> None:
        """Have a container removed, whatever it does; none is fine."""
        try:
            for pause_s in _PAUSES_S:
                with contextlib.suppress(EngineRefused):
                    return await self._delete(container)
                await asyncio.sleep(pause_s)
            await self._delete(container)
        except EngineError as error:
            _log.warning("a container stays until the next start of the platform: %s", error)

    async def remove_of(self, sandbox: str) -> None:
        """Remove all containers of one sandbox, those of which no id was told among them."""
        try:
            for container, name in (await self.left()).items():
                if name == sandbox:
                    await self.remove(container)
        except EngineError as error:
            _log.warning("containers of %s may stay until the next start: %s", sandbox, error)

    async def _delete(self, container: str) -> None:
        await self._client.delete(f"/containers/{container}", force=1, v=1)
