"""Two networks of the kernel that are one: TCP between sandboxes of two nodes, over the hub."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator

import pytest

from sagehen.cluster.links.frames import PIECE_BYTES
from sagehen.cluster.wires.hub import Hub
from sagehen.cluster.wires.wire import carry
from sagehen.executors.base import SandboxUnavailable
from sagehen.executors.warm.parent import WarmParent
from sagehen.executors.warm.preload import PRELOAD_SETS
from sagehen.executors.wire import MTU, NETMASK

PATIENCE_S = 20.0
ONE, TWO = "10.77.0.1", "10.77.0.2"


class Half:
    """One side of a stream within this process, with as much under way as a link's first window."""

    def __init__(self, out: asyncio.Queue[bytes], coming: asyncio.Queue[bytes]) -> None:
        self._out, self._coming = out, coming

    async def send(self, data: bytes) -> None:
        for at in range(0, len(data), PIECE_BYTES):
            await self._out.put(data[at : at + PIECE_BYTES])

    async def receive(self) -> bytes:
        return await self._coming.get()

    async def finish(self) -> None:
        await self._out.put(b"")

    def reset(self, reason: str) -> None:
        pass


def stream() -> tuple[Half, Half]:
    there: asyncio.Queue[bytes] = asyncio.Queue(2)
    back: asyncio.Queue[bytes] = asyncio.Queue(2)
    return Half(there, back), Half(back, there)


@pytest.fixture
async def maker() -> AsyncIterator[WarmParent]:
    made = WarmParent("bare", PRELOAD_SETS["bare"], sys.executable, os.getuid() != 0)
    yield made
    await made.stop()


async def test_tcp_between_two_networks(maker: WarmParent) -> None:
    hub, tasks, opened = Hub(), [], []
    networks = {}
    try:
        for node, address in (("a", ONE), ("b", TWO)):
            try:
                networks[node], _ = await maker.make_network(())
                device = await maker.make_device(networks[node], "sgh0", [address], NETMASK, MTU)
            except SandboxUnavailable as reason:
                pytest.skip(str(reason))
            opened += [*networks[node], device]
            hub.place("job", address, node)
            here, there = stream()
            tasks.append(asyncio.create_task(carry(device, here)))
            tasks.append(asyncio.create_task(hub.serve(node, {"network": "job"}, there)))
        loop = asyncio.get_running_loop()
        [listener] = await maker.make_sockets(networks["b"])
        [client] = await maker.make_sockets(networks["a"])
        with listener, client:
            listener.bind((TWO, 5000))
            listener.listen()
            async with asyncio.timeout(PATIENCE_S):
                accepting = asyncio.create_task(loop.sock_accept(listener))
                await loop.sock_connect(client, (TWO, 5000))
                server, (peer, _) = await accepting
                assert peer == ONE
                with server:
                    await _talks(client, server, bytes(range(256)) * 20_000)
                    await _talks(server, client, b"x")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for descriptor in opened:
            os.close(descriptor)


async def _talks(source: socket.socket, target: socket.socket, data: bytes) -> None:
    loop = asyncio.get_running_loop()
    sending = asyncio.create_task(loop.sock_sendall(source, data))
    got = b""
    while len(got) < len(data):
        got += await loop.sock_recv(target, 1 << 20)
    await sending
    assert got == data
