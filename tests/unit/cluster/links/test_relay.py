"""A connection that is passed on over a link: everything arrives, both ways, whoever ends first."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from typing import Any

import pytest

from sagehen.cluster.links.client import LinkClient
from sagehen.cluster.relay import relay
from sagehen.cluster.streams import DirectStream, Stream
from tests.unit.cluster.links.test_links import PATIENCE_S, Platform, platform

__all__ = ["platform"]
MIB = 2**20


async def pair() -> tuple[socket.socket, asyncio.StreamReader, asyncio.StreamWriter]:
    """Return an end to be passed on, and the other one."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    reader, writer = await asyncio.open_unix_connection(sock=theirs)
    return ours, reader, writer


class Passed:
    """A connection here whose far end is one on a node."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def __aenter__(self) -> Passed:
        arrived: asyncio.Queue[asyncio.StreamReader | asyncio.StreamWriter] = asyncio.Queue()

        async def serve(arguments: Mapping[str, Any], stream: Stream) -> None:
            ours, reader, writer = await pair()
            arrived.put_nowait(reader)
            arrived.put_nowait(writer)
            await relay(stream, ours)

        identity = await self._platform.join()

        async def on_link(link: object) -> None: ...

        self._client = LinkClient("127.0.0.1", self._platform.port, identity, {"pass": serve}, on_link)
        await self._client.start()
        self.link = await self._platform.linked()
        stream = await self.link.open("pass", {}, timeout_s=PATIENCE_S)
        assert isinstance(stream, DirectStream)
        ours, self.reader, self.writer = await pair()
        self.relaying = asyncio.create_task(relay(stream, ours))
        self.far_reader, self.far_writer = await arrived.get(), await arrived.get()
        return self

    async def __aexit__(self, *_: object) -> None:
        for writer in (self.writer, self.far_writer):
            writer.close()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)
        await self._client.close()
        await asyncio.wait_for(asyncio.gather(self.relaying, return_exceptions=True), PATIENCE_S)


async def test_short_and_large_pieces_pass_in_order_and_one_direction_may_end_first(
    platform: Platform,
) -> None:
    async with Passed(platform) as passed:
        for number in range(50):  # more than go at once in one turn
            passed.writer.write(b"%d," % number)
        content = os.urandom(5 * MIB)
        passed.writer.write(content)
        passed.writer.write_eof()
        told = await asyncio.wait_for(passed.far_reader.read(), PATIENCE_S)
        assert told == b"".join(b"%d," % number for number in range(50)) + content
        passed.far_writer.write(content[:MIB])
        passed.far_writer.write_eof()
        assert await asyncio.wait_for(passed.reader.read(), PATIENCE_S) == content[:MIB]
        await asyncio.wait_for(passed.relaying, PATIENCE_S)


async def test_who_reads_nothing_is_waited_for(platform: Platform) -> None:
    async with Passed(platform) as passed:
        content = os.urandom(12 * MIB)  # more than all windows and buffers on the way
        passed.far_writer.write(content)
        passed.far_writer.write_eof()
        sent = asyncio.create_task(passed.far_writer.drain())
        passed.writer.write(b"meanwhile")
        assert await asyncio.wait_for(passed.far_reader.read(9), PATIENCE_S) == b"meanwhile"
        assert not sent.done()
        assert await asyncio.wait_for(passed.reader.read(), PATIENCE_S) == content
        await sent


@pytest.mark.parametrize("what", ["far end", "near end", "link", "task"])
async def test_whatever_goes_the_others_hear_of_it(platform: Platform, what: str) -> None:
    async with Passed(platform) as passed:
        passed.writer.write(b"x")
        assert await passed.far_reader.read(1) == b"x"
        if what == "far end":
            passed.far_writer.transport.abort()
        elif what == "near end":
            passed.writer.transport.abort()
        elif what == "link":
            await passed.link.close()  # type: ignore[attr-defined]
        else:
            passed.relaying.cancel()
        for reader in (passed.reader, passed.far_reader):
            try:
                assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
            except ConnectionError:
                pass
