"""What an earlier life of the platform left with the engine: containers that have ended with it, images."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection

from sagehen.domain.timeouts import timeout
from sagehen.executors.containers.engine.errors import EngineError
from sagehen.executors.containers.images import Images
from sagehen.executors.containers.launching import Launcher
from sagehen.executors.containers.own import OwnContainers
from sagehen.executors.processes.intentions import Intentions

_log = logging.getLogger(__name__)
# The platform's door opens after that; what an engine does not do in it, the next start asks of it again.
_SWEEP_S = 60.0


async def end_left_over(
    launcher: Launcher,
    containers: OwnContainers,
    images: Images,
    intentions: Intentions,
    alive: Collection[str],
) -> set[str]:
    """Remove what is there and is none of `alive`; return the names of the sandboxes.

    Those on record have ended, whatever the engine does: their keepers' connections closed.
    """
    ended = await asyncio.to_thread(_forget, launcher, intentions, alive)
    try:
        async with timeout(_SWEEP_S):
            for container, name in (await containers.left()).items():
                if name not in alive:
                    await containers.remove(container)
                    ended.add(name)
            await images.recover()
    except (EngineError, TimeoutError) as error:
        _log.warning("what an earlier life left with the container engine may still be there: %s", error)
    return ended - {""}


def _forget(launcher: Launcher, intentions: Intentions, alive: Collection[str]) -> set[str]:
    names = {name for name in intentions.left_over() if name not in alive}
    for name in names:
        intentions.forget(name)
    launcher.sweep(alive)
    return names
