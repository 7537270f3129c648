"""Addresses of servers: also one whose near end is no TCP socket, as of an instance on another machine."""

from __future__ import annotations

import asyncio
import socket

from sagehen.serving.address import PortAddress
from sagehen.serving.replica import Replica


async def test_a_server_is_reached_through_a_pair_of_sockets() -> None:
    near, far = socket.socketpair()
    for end in (near, far):
        end.setblocking(False)

    async def connect() -> socket.socket:
        return near

    async def answer() -> bytes:
        request = await asyncio.get_running_loop().sock_recv(far, 1000)
        await asyncio.get_running_loop().sock_sendall(far, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup")
        return request

    replica = Replica("i-1", PortAddress(connect))
    answering = asyncio.create_task(answer())
    response = await replica.request(b"GET", b"/ping", {}, b"", 30.0)
    assert (response.status, response.body) == (200, b"up")
    assert (await answering).startswith(b"GET /ping HTTP/1.1\r\n")
    replica.close()
    far.close()
