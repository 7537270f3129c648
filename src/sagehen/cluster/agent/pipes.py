"""Pipes: made for boxes before they start, and ended with them, by the porter."""

from __future__ import annotations

import contextlib
from pathlib import Path

from sagehen.cluster.agent.porter import Porter


class Pipes:
    """Those of one node."""

    def __init__(self, porter: Porter) -> None:
        self._porter = porter
        self._folders: set[Path] = set()

    async def make(self, folder: Path, root: Path, below: str) -> None:
        """Make the first pipe of a channel.

        Args:
            folder: A box's, with what it must not see.
            root, below: A tree of it, and what the pipes there are called without their epochs.

        Raises:
            FileNotFoundError, StreamRefused: There can be none.
        """
        self._folders.add(folder)
        workshop = str(folder / "pipes")
        await self._porter.ask({"do": "make-pipe", "root": str(root), "below": below, "workshop": workshop})

    async def remove(self, folder: Path) -> None:
        """End all of a box."""
        if folder in self._folders:
            self._folders.discard(folder)
            with contextlib.suppress(OSError):  # a porter that has ended has ended them
                await self._porter.ask({"do": "remove-pipes", "folder": str(folder)})
