"""A node that is lost: it is waited for once, whoever asks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Mapping
from typing import Any

import orjson
import pytest

from sagehen.cluster.executor.node import Node, NodeLost
from sagehen.cluster.streams import LinkLost, Stream

LOST_AFTER_S = 0.5
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
    node = Node("node-1", "this", lost_after_s=LOST_AFTER_S)
    for _ in range(2):  # a link that is lost later has its time again
        await node.linked(link := _Link())
        assert await node.call("fits", {}) == _HELLO
        link.lost.set()
        assert await waited_s(node.call("fits", {})) >= LOST_AFTER_S
    asked = [awaited for _ in range(50) for awaited in (node.call("drop", {}), node.open("fetch", {}))]
    assert sum([await waited_s(each) for each in asked]) < 20  # 50, where each waits anew
    node.close()


async def test_a_node_that_comes_back_is_asked_again() -> None:
    node = Node("node-1", "this", lost_after_s=60)
    await node.linked(link := _Link())
    link.lost.set()
    asked = asyncio.create_task(node.call("fits", {}))
    while node.is_linked:
        await asyncio.sleep(0)
    await node.linked(_Link())
    assert await asked == _HELLO
    node.close()


async def waited_s(asked: Awaitable[Any]) -> float:
    """Return for how long a node was waited for that did not come."""
    began = time.monotonic()
    with pytest.raises(NodeLost):
        await asked
    return time.monotonic() - began
