"""What connections carry, counted by the kernel: on both event loops that the platform may run on."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest
import uvloop

from sagehen.executors.traffic import Carried, CountedListener, Traffic


class _Answers(asyncio.Protocol):
    """Closes with what it has still to send."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        assert isinstance(self.transport, asyncio.Transport) or hasattr(self.transport, "write")
        self.transport.write(b"x" * 300_000)
        self.transport.close()


async def _accept_one(listener: CountedListener) -> None:
    loop = asyncio.get_running_loop()
    connection, _ = await loop.sock_accept(listener)
    await loop.connect_accepted_socket(_Answers, connection)


async def _converse() -> None:
    traffic = Traffic()
    plain = socket.create_server(("127.0.0.1", 0))
    listener = traffic.listener(plain)
    assert plain.fileno() == -1
    accepting = asyncio.create_task(_accept_one(listener))
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    await accepting
    writer.write(b"y" * 1000)
    assert len(await reader.read()) == 300_000  # and the end: the second descriptor keeps nothing open
    carried = traffic.read()
    assert (carried.bytes_in, carried.bytes_out) == (300_000, 1000)
    assert carried.packets_in > 1
    assert carried.packets_out > 1
    writer.close()
    await writer.wait_closed()
    listener.close()


@pytest.mark.parametrize("loop", [None, uvloop.new_event_loop])
def test_both_ways_are_counted_until_the_end(loop: Callable[[], asyncio.AbstractEventLoop] | None) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(_converse())


def test_a_client_faces_the_others_and_an_open_connection_counts() -> None:
    traffic = Traffic()
    ours, theirs = _pair()
    counted = traffic.counted(ours, "others")
    assert ours.fileno() == -1
    counted.send(b"abc")
    theirs.send(b"hello")
    assert theirs.recv(9) == b"abc"
    assert counted.recv(9) == b"hello"
    assert (traffic.read().bytes_in, traffic.read().bytes_out) == (5, 3)
    counted.close()
    counted.close()
    assert theirs.recv(9) == b""
    assert (traffic.read().bytes_in, traffic.read().bytes_out) == (5, 3)
    theirs.close()
    assert Traffic().read() == Carried()


def _pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs = socket.create_connection(listener.getsockname())
        ours, _ = listener.accept()
    return ours, theirs
