"""Boxes: the sandboxes of a node, each with its folder, what it printed, and how it ended."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from sagehen.cluster.agent.holdings import Holdings
from sagehen.cluster.agent.pipes import Pipes
from sagehen.cluster.agent.porter import Porter
from sagehen.cluster.agent.printed import Printed
from sagehen.cluster.orders import spec_of
from sagehen.cluster.streams import Stream
from sagehen.executors.base import Executor, OpenDoor, Sandbox, SandboxSpec
from sagehen.executors.folders.removal import discard, discard_all
from sagehen.executors.wire import Carry

_log = logging.getLogger(__name__)


class Box:
    """One sandbox on this node.

    Args:
        name: The sandbox's.
        folder: Its own, with the trees of its mounts; gone when the platform has forgotten it.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.printed = Printed()
        self.sandbox: Sandbox | None = None
        self.spec: SandboxSpec | None = None
        self.starting = asyncio.Lock()
        # What came from S3 and lies where it writes by now, by the platform's names.
        self.moved: set[str] = set()
        # Of its image, which is held until the box is forgotten.
        self.root: Path | None = None
        self.release: Callable[[], None] | None = None
        self._watching: asyncio.Task[None] | None = None

    def tree(self, number: int) -> Path:
        """Return where the content of a mount lies."""
        return self.folder / "trees" / str(number)

    def shown(self, number: int, below: str) -> Path:
        """Return where a part of a mount lies that is read-only, once it runs: nobody but us writes there.

        Raises:
            ValueError: That is no such part.
        """
        tree, steps = self.tree(number), below.split("/")
        mounts = () if self.spec is None else self.spec.mounts
        is_read_only = any(mount.source == tree and not mount.writable for mount in mounts)
        if not is_read_only or any(step in ("", ".", "..") for step in steps):
            raise ValueError("no such part of a mount")
        return tree.joinpath(*steps)

    def begun(self, spec: SandboxSpec, sandbox: Sandbox) -> None:
        """Note that it runs, and watch for its end."""
        self.spec, self.sandbox = spec, sandbox
        self._watching = asyncio.create_task(self._watch(sandbox), name=f"box {self.name}")

    async def _watch(self, sandbox: Sandbox) -> None:
        try:
            status = await sandbox.wait()
        except Exception as error:
            _log.warning("the end of %s: %r", self.name, error)
            self.printed.end({"code": 137, "signal": 9, "out_of_memory": False, "out_of_disk": False})
            return
        self.printed.end(asdict(status))

    async def kill(self) -> None:
        """End it."""
        if self.sandbox is not None:
            await self.sandbox.kill()
        if self._watching is not None:
            await self._watching


class Boxes:
    """All of a node.

    Args:
        folder: Theirs.
        executor: Starts them.
        door: What serves a door of a network here, by network and port.
        wire: What carries a network's packets to where else it is.
        holdings: What this node has got by itself.
        porter: Is told what of it lies where it is going to be written to.
    """

    def __init__(
        self,
        folder: Path,
        executor: Executor,
        door: Callable[[str, int], OpenDoor],
        wire: Callable[[str], Carry],
        holdings: Holdings,
        porter: Porter,
    ) -> None:
        self._holdings = holdings
        self._porter = porter
        self._pipes = Pipes(porter)
        self._folder = folder
        self._executor = executor
        self._door = door
        self._wire = wire
        self._boxes: dict[str, Box] = {}
        folder.mkdir(parents=True, exist_ok=True)
        discard_all(folder)  # of an earlier agent, whose sandboxes have ended with it

    def made(self, name: str) -> Box:
        """Return the box of that name; a new one where there is none."""
        found = self._boxes.get(name)
        if found is None:
            # Names are of any form; a folder's is not.
            own = self._folder / hashlib.sha256(name.encode()).hexdigest()[:20]
            found = self._boxes[name] = Box(name, own)
            (own / "trees").mkdir(parents=True)
        return found

    def known(self, arguments: Mapping[str, Any], stream: Stream) -> Box | None:
        """Return the box that a stream is about; a stream about none is reset."""
        try:
            return self.find(str(arguments["name"]))
        except KeyError as error:
            stream.reset(str(error.args[0]))
            return None

    def find(self, name: str) -> Box:
        """Return a box.

        Raises:
            KeyError: There is none; the text says so.
        """
        found = self._boxes.get(name)
        if found is None:
            raise KeyError(f"No sandbox named {name!r} is on this node.")
        return found

    def all(self) -> list[Box]:
        """Return those that there are."""
        return list(self._boxes.values())

    async def start(self, order: Mapping[str, Any]) -> Box:
        """Start one; one that was started already is not started again: the answer may have been lost.

        Raises:
            SandboxUnavailable, OSError, ValueError
            KeyError: What this node had got for it is gone.
        """
        box = self.made(str(order["name"]))
        async with box.starting:
            if box.sandbox is None:
                await asyncio.to_thread(self._copy_held, box, order)
                for number, below, name in order["moved"]:
                    await self._move_held(box, int(number), str(below), str(name))
                for number, below in order["pipes"]:
                    await self._pipes.make(box.folder, box.tree(int(number)), str(below))
                tree = partial(self._tree, box)
                spec = spec_of(order, box.folder / "sandbox", tree, self._door, self._wire, box.root)
                box.begun(spec, await self._executor.start(spec, box.printed.add))
        return box

    def _tree(self, box: Box, number: int, mount: Mapping[str, Any]) -> Path:
        if mount["held"] is None or mount["writable"]:
            return box.tree(number)
        return self._holdings.place(mount["held"])

    def _copy_held(self, box: Box, order: Mapping[str, Any]) -> None:
        """Give a box what it may write to of its own."""
        for number, mount in enumerate(order["mounts"]):
            if mount["held"] is not None and mount["writable"]:
                self._holdings.copy(mount["held"], box.tree(number))

    async def _move_held(self, box: Box, number: int, below: str, name: str) -> None:
        """Put what came from S3 where the box writes: there it is, until something of it changes."""
        root = box.tree(number)
        if name not in box.moved:  # this start may be told again, its answer being lost
            await asyncio.to_thread(self._holdings.move, name, root / below)
            box.moved.add(name)
        await self._porter.ask({"do": "restored", "root": str(root), "below": below})

    async def forget(self, name: str) -> None:
        """End a box and remove all that it left; nothing where there is none."""
        box = self._boxes.pop(name, None)
        if box is None:
            return
        async with box.starting:
            await box.kill()
        await self._pipes.remove(box.folder)
        if box.release is not None:
            box.release()
        await asyncio.to_thread(discard, box.folder)

    async def end_all(self) -> None:
        """Forget all."""
        await asyncio.gather(*(self.forget(name) for name in list(self._boxes)))
