"""What an earlier life of the platform left with the engine: containers that have ended with it, images."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection

from sagehen.domain.timeouts import timeout
from sagehen.executors.containers.engine.errors import EngineError
from sagehen.executors.containers.images import Images
from sagehen.executors.containers.own import OwnContainers
from sagehen.executors.processes.intentions import Intentions

_log = logging.getLogger(__name__)
# The platform's door opens after that; what an engine does not do in it, the next start asks of it again.
_SWEEP_S = 60.0


async def end_left_over(
    containers: OwnContainers, images: Images, intentions: Intentions, alive: Collection[str]
) -> set[str]:
    """Remove what is there and is none of `alive`; return the names of the sandboxes."""
    try:
        async with timeout(_SWEEP_S):
            left = await containers.left()
            old = {container: name for container, name in left.items() if name not in alive}
            for container in old:
                await containers.remove(container)
            await images.sweep()
    except (EngineError, TimeoutError) as error:
        _log.warning("what an earlier life left with the container engine may still be there: %s", error)
        return set()
    recorded = await asyncio.to_thread(_forget, intentions, alive)
    return recorded.union(filter(None, old.values()))


def _forget(intentions: Intentions, alive: Collection[str]) -> set[str]:
    names = {name for name in intentions.left_over() if name not in alive}
    for name in names:
        intentions.forget(name)
    return names
