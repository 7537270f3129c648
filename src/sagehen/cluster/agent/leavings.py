"""Leavings: what goes between S3 and what sandboxes of this node write or read as they run, by the porter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.cluster.agent.boxes import Boxes
from sagehen.cluster.agent.porter import Porter
from sagehen.cluster.streams import Stream, line

# What the porter may be asked to do with it.
_KINDS = ("changes", "artifacts")


class Leavings:
    """Those of one node.

    Args:
        boxes: Whose they are.
    """

    def __init__(self, boxes: Boxes, porter: Porter) -> None:
        self._boxes = boxes
        self._porter = porter

    async def store(self, arguments: Mapping[str, Any], stream: Stream) -> None:
        """Have it stored as the platform says further on, for as long as it listens."""
        do, parts = str(arguments["do"]), arguments["parts"]
        if do not in _KINDS:
            stream.reset(f"nothing can be done as {do!r:.100}")
            return
        try:
            boxes = {host: self._boxes.find(str(name)) for host, (name, _) in parts.items()}
        except KeyError:
            await _tell_gone(stream)
            return
        roots = {host: str(boxes[host].tree(int(number))) for host, (_, number) in parts.items()}
        scratch = str(next(iter(boxes.values())).folder / "artifacts")
        await self._porter.pass_on({"do": do, "roots": roots, "scratch": scratch}, stream)

    async def pipe(self, arguments: Mapping[str, Any], stream: Stream) -> None:
        """Have a channel's pipes written to, as the platform says further on."""
        try:
            root = self._boxes.find(str(arguments["name"])).tree(int(arguments["tree"]))
        except KeyError:
            await _tell_gone(stream)
            return
        await self._porter.pass_on({"do": "pipe", "root": str(root), "below": arguments["below"]}, stream)


async def _tell_gone(stream: Stream) -> None:
    """Tell that another life of this agent's had it."""
    await stream.send(line({"error": {"gone": True}}))
    await stream.finish()
