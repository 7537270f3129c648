"""ClockMark: how far a clock has come that is not the machine's own, for the next life to begin no
earlier.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from sagehen.domain.background import Background
from sagehen.domain.clock import SystemClock

# The machine's seconds. What is written lies ahead, so that a life that is killed never was beyond it.
_EVERY_S = 5.0
_AHEAD_S = 15.0


class ClockMark:
    """A file with a moment that the platform's clock has not passed yet. None is kept for the machine's own
    clock.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keeping: Background | None = None

    def read(self) -> datetime | None:
        """Return the moment before which the next clock must not begin, or None."""
        try:
            return datetime.fromisoformat(self._path.read_text().strip())
        except (FileNotFoundError, ValueError):
            return None

    def keep(self, clock: SystemClock) -> None:
        """Write the mark now, before anything is dated by the clock, and again and again."""
        if clock.is_the_machines:
            return
        self._write(clock, _AHEAD_S)
        self._keeping = Background("clock-mark", lambda: self._go_on(clock))
        self._keeping.start()

    async def stop(self, clock: SystemClock) -> None:
        """Write where the clock is at the end."""
        if self._keeping is not None:
            await self._keeping.stop()
            self._keeping = None
            self._write(clock, 0.0)

    async def _go_on(self, clock: SystemClock) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            self._write(clock, _AHEAD_S)

    def _write(self, clock: SystemClock, ahead_s: float) -> None:
        mark = clock.now() + timedelta(seconds=ahead_s * clock.scale)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(f"{mark.isoformat()}\n")
        fresh.replace(self._path)
