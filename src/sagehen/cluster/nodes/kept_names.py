"""KeptNames: names of nodes that the operator has said something about, in a file, for lives to come."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import orjson

from sagehen.domain.whole_files import write_whole


class KeptNames:
    """Those of one file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._writing = asyncio.Lock()  # who comes later has the later names

    def read(self) -> list[str]:
        """Return them; none where there is no such file, or it holds something else. Blocking."""
        try:
            found = orjson.loads(self._file.read_bytes())
        except (OSError, ValueError):
            return []
        return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []

    async def write(self, names: Iterable[str]) -> None:
        """Keep these instead.

        Raises:
            OSError
        """
        content = orjson.dumps(list(names))
        async with self._writing:
            await asyncio.to_thread(write_whole, self._file, content)
