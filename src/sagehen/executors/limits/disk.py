"""Watches how much a sandbox has written to the disk: folders have no size of their own.

A kernel's quota would stop the write that goes beyond; it takes a file system that was made for it, and
root. This looks again and again, so a job may be over its limit for some seconds before it is ended, and
what it deletes and keeps open is not seen. It ends the job that fills the disk by mistake, and bounds the
one that does it on purpose by what can be written in the meantime.
"""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from sagehen.executors.folders.reading import reads_all
from sagehen.executors.limits import room

_LEAST_PAUSE_S = 2.0
# A folder of a million files takes seconds to measure: no more than a fiftieth of the time is spent on it.
_PAUSE_PER_COST = 50.0


class DiskWatch:
    """What a sandbox's writable folders hold, against a limit.

    Args:
        folders: One may lie in another.
        limit_bytes: Of all of them together, as the disk counts: whole blocks, holes left out.
        elsewhere: Says how much it holds that lies in none of them.
    """

    def __init__(
        self, folders: Iterable[Path], limit_bytes: int, elsewhere: Callable[[], int] = lambda: 0
    ) -> None:
        wanted = {folder.absolute() for folder in folders}
        self._folders = [folder for folder in wanted if wanted.isdisjoint(folder.parents)]
        self._limit_bytes = limit_bytes
        self._elsewhere = elsewhere

    def is_over(self) -> bool:
        """Measure once. Blocking."""
        return used_bytes(self._folders) + self._elsewhere() > self._limit_bytes

    async def overrun(self) -> str:
        """Return '' once there is more than the limit, or what to say where the host has no more room."""
        if not self._folders:  # it can write nowhere
            return await self._over()
        over = asyncio.ensure_future(self._over())
        full = asyncio.ensure_future(room.used_up(self._folders[0], lambda: used_bytes(self._folders)))
        try:
            done, _ = await asyncio.wait({over, full}, return_when=asyncio.FIRST_COMPLETED)
            return full.result() if full in done else over.result()
        finally:
            over.cancel()
            full.cancel()
            await asyncio.gather(over, full, return_exceptions=True)

    async def _over(self) -> str:
        pause_s = _LEAST_PAUSE_S
        while True:
            await asyncio.sleep(pause_s)
            began = time.monotonic()
            if await asyncio.to_thread(self.is_over):
                return ""
            pause_s = max(_LEAST_PAUSE_S, _PAUSE_PER_COST * (time.monotonic() - began))


def used_bytes(folders: Iterable[Path]) -> int:
    """Return what folders occupy on the disk. Blocking.

    What they hide counts as well: whoever may write in a folder without listing it would have it for nothing.
    By `du`: it counts hard links once, follows none of the other kind, takes trees of any depth, and does
    all this without the interpreter, which has requests to answer.
    """
    names = [str(folder) for folder in folders]
    for before in (reads_all(), ()) if names else ():
        try:
            told = subprocess.run(
                [*before, "du", "-skx", "--", *names],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError:  # no process or descriptor is to be had just now: the next look will tell
            return 0
        if sizes := [int(size) for line in told.stdout.splitlines() if (size := line.split()[0]).isdigit()]:
            return 1024 * sum(sizes)
    return 0
