"""A node that is lost: it is waited for once, whoever asks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from sagehen.cluster.executor.node import Node, NodeLost
from sagehen.cluster.streams import LinkLost, Stream

_HELLO = {"version": "1", "cpus": 1, "memory_mib": 1, "gpus": 0, "limits": "", "host": "box", "pid": 1}


class _Answer:
    """A stream on which a node answers all that it is asked."""

    def __init__(self) -> None:
        self._left = [orjson.dumps({"answer": _HELLO}), b""]

    async def send(self, data: bytes) -> None:
        pass

    async def receive(self) -> bytes:
        return self._left.pop(0)

    async def finish(self) -> None:
        pass

    def reset(self, reason: str) -> None:
        pass


class _Link:
    peer = "node-1"

    def __init__(self) -> None:
        self.lost = asyncio.Event()

    async def open(self, kind: str, arguments: Mapping[str, Any], *, timeout_s: float) -> Stream:
        if self.lost.is_set():
            raise LinkLost("cut")
        return _Answer()

    async def closed(self) -> None:
        await self.lost.wait()


async def test_a_lost_node_is_waited_for_once() -> None:
    node = Node("node-1", "this", lost_after_s=0.5)
    await node.linked(link := _Link())
    assert await node.call("fits", {}) == _HELLO
    link.lost.set()
    began = time.monotonic()
    with pytest.raises(NodeLost):
        await node.call("fits", {})
    assert time.monotonic() - began >= 0.5
    began = time.monotonic()
    for _ in range(50):
        for asked in (node.call("drop", {}), node.open("fetch", {})):
            with pytest.raises(NodeLost):
                await asked
    assert time.monotonic() - began < 20  # 50 s, where each waits anew
    # Where it comes back, it is asked again, and a link that is lost then has its time.
    await node.linked(again := _Link())
    assert await node.call("fits", {}) == _HELLO
    again.lost.set()
    asked = asyncio.create_task(node.call("fits", {}))
    await asyncio.sleep(0.05)
    await node.linked(_Link())
    assert await asked == _HELLO
    node.close()
