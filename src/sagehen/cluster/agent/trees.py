"""Trees: folders of sandboxes that come from the platform, and go back to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagehen.archives.bounds import room_in
from sagehen.cluster.agent.boxes import Boxes
from sagehen.cluster.agent.holdings import Holdings
from sagehen.cluster.agent.porter import Porter
from sagehen.cluster.streams import Stream
from sagehen.cluster.trees.looking import is_large
from sagehen.cluster.trees.passing import NO_FOLDER, receive_tree, send_tree
from sagehen.executors.folders.removal import discard


class Trees:
    """Those of one node.

    Args:
        boxes: Whose they are.
        holdings: What this node has got by itself.
        porter: Carries what is large.
        folder: On the disk that they fill.
    """

    def __init__(self, boxes: Boxes, holdings: Holdings, porter: Porter, folder: Path) -> None:
        self._boxes = boxes
        self._holdings = holdings
        self._porter = porter
        self._folder = folder

    # --- calls ---------------------------------------------------------------------------------

    async def drop(self, request: Mapping[str, Any]) -> None:
        """Remove a part of a read-only mount."""
        box = self._boxes.find(str(request["name"]))
        await asyncio.to_thread(discard, box.shown(int(request["tree"]), str(request["below"])))

    async def place(self, request: Mapping[str, Any]) -> None:
        """Make what this node has got by itself a part of a read-only mount.

        Raises:
            FileNotFoundError: It has it no more.
        """
        name, box = str(request["held"]), self._boxes.find(str(request["name"]))
        target = box.shown(int(request["tree"]), str(request["below"]))
        if not self._holdings.has(name):
            if not target.is_dir():
                raise FileNotFoundError(f"This node has no data of {name!r} any more.")
            return  # it was done, and the answer was lost
        await asyncio.to_thread(discard, target)
        await asyncio.to_thread(self._holdings.move, name, target)

    async def large(self, request: Mapping[str, Any]) -> bool:
        """Tell whether a part of a tree is better carried than sent."""
        tree = self._boxes.find(request["name"]).tree(int(request["tree"]))
        return await asyncio.to_thread(is_large, tree, str(request["below"]), int(request["least"]))

    # --- streams -------------------------------------------------------------------------------

    async def put(self, arguments: Mapping[str, Any], stream: Stream) -> None:
        """Take a tree, or a part of one."""
        # What is renewed while it runs makes no box of one that has ended meanwhile.
        name = str(arguments["name"])
        box = self._boxes.known(arguments, stream) if arguments.get("renew") else self._boxes.made(name)
        if box is None:
            return
        number, below = int(arguments["tree"]), str(arguments.get("below") or "")
        target = box.shown(number, below) if below else box.tree(number)
        if (offer := arguments.get("offer")) is None:
            await receive_tree(stream, target, room_in(self._folder))
        else:
            await self._porter.ask({"do": "take", "offer": offer, "target": str(target)})
        await stream.send(b"+")
        await stream.finish()

    async def has(self, arguments: Mapping[str, Any], stream: Stream) -> None:
        """Tell which files of a list need not be sent."""
        await self._porter.pass_on({"do": "has"}, stream)

    async def get(self, arguments: Mapping[str, Any], stream: Stream) -> None:
        """Give a tree back, or a part of one."""
        box = self._boxes.known(arguments, stream)
        if box is None:
            return
        root, below = box.tree(int(arguments["tree"])), str(arguments.get("below", ""))
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            if (offer := arguments.get("offer")) is None:
                await send_tree(stream, root, below)
            else:
                await self._porter.ask({"do": "give", "offer": offer, "root": str(root), "below": below})
                await stream.send(b"+")
            return
        stream.reset(NO_FOLDER)
