"""Holdings: folders of objects that a node has for sandboxes to come, by the platform's names of them."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagehen.cluster.agent.porter import Porter
from sagehen.cluster.streams import Stream
from sagehen.executors.folders.removal import discard, discard_all


class Holdings:
    """All of a node.

    Args:
        folder: Theirs; on the file system of the porter's files.
        porter: Makes them.
    """

    def __init__(self, folder: Path, porter: Porter) -> None:
        self._folder = folder
        self._porter = porter
        self._held: dict[str, Path] = {}
        folder.mkdir(parents=True, exist_ok=True)
        discard_all(folder)  # of an earlier agent

    def has(self, name: str) -> bool:
        """Tell whether there is a folder of that name, or a part of one."""
        return name in self._held

    def place(self, name: str) -> Path:
        """Return a folder.

        Raises:
            KeyError: There is none; the text says so.
        """
        found = self._held.get(name)
        if found is None:
            raise KeyError(f"This node has no data of {name!r} any more.")
        return found

    def copy(self, name: str, target: Path) -> Path:
        """Make a copy of a folder that may be written to. Blocking."""
        shutil.copytree(self.place(name), target, copy_function=shutil.copyfile, dirs_exist_ok=True)
        return target

    def move(self, name: str, target: Path) -> None:
        """Give a folder away: to the place of one that is empty, or of none. Blocking.

        Raises:
            KeyError: There is none.
            OSError: The place is taken.
        """
        source = self.place(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        del self._held[name]

    async def get(self, do: str, arguments: Mapping[str, Any], stream: Stream) -> None:
        """Have a folder made of what the platform names; the platform keeps or drops it then.

        Args:
            do: How the porter makes it.
        """
        name, folder = str(arguments["place"]), self._folder / secrets.token_hex(10)
        if (before := self._held.get(name)) is not None:  # its answer was lost, or its porter killed
            await asyncio.to_thread(_discard, before)
        self._held[name] = folder
        order = {"do": do, "folder": str(folder), "apart": str(_apart(folder))}
        await self._porter.pass_on(order, stream)

    async def let_go(self, below: str) -> None:
        """Delete all whose names are paths below one; "" means all."""
        for name in [name for name in self._held if not below or Path(name).is_relative_to(below)]:
            await asyncio.to_thread(_discard, self._held.pop(name))


def _apart(folder: Path) -> Path:
    """Return where the porter puts what a folder is made of, if not the folder's files themselves."""
    return folder.with_name(f"{folder.name}.apart")


def _discard(folder: Path) -> None:
    for path in (folder, _apart(folder)):
        discard(path)
