"""A node's porter: it keeps the files that the node has had, and dials the platform's for trees and objects.

The agent connects to it once for each thing, says in a line what it is, and reads what came of it.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from sagehen.archives.bounds import Abandoned, room_in
from sagehen.cluster.links.beside import Beside
from sagehen.cluster.porters.archives import unpacked
from sagehen.cluster.porters.errors import error_of
from sagehen.cluster.porters.leavings import Leavings
from sagehen.cluster.porters.objects.fetching import Fetching
from sagehen.cluster.porters.objects.s3 import S3
from sagehen.cluster.porters.pipes import Pipes
from sagehen.cluster.porters.streams import LocalStream
from sagehen.cluster.porters.wanting import while_wanted
from sagehen.cluster.streams import line, lines
from sagehen.cluster.trees.cache import Cache, bound_for
from sagehen.cluster.trees.passing import read_tree, write_tree
from sagehen.domain.identity import Credentials
from sagehen.domain.ports.compute.node_data import Wanted
from sagehen.executors.folders.removal import discard

# Connections at once. With four, requests to an endpoint beside them took twice as long (2 processors).
_AT_ONCE = 2

Told = AsyncIterator[Any]
Answer = dict[str, Any] | None


class NodePorter:
    """Carries for one node.

    Args:
        folder: Of the files that the node has had; on the file system of what it makes.
        beside: Dials the platform.
    """

    def __init__(self, folder: Path, beside: Beside) -> None:
        self._folder = folder
        self._beside = beside
        self._cache = Cache(folder, bound_for(folder.parent))
        self._threads = ThreadPoolExecutor(_AT_ONCE, "porter")
        self._leavings = Leavings(self._threads, self._s3)
        pipes = Pipes(self._s3)
        self._works: dict[str, Callable[[Mapping[str, Any], Told, LocalStream], Awaitable[Answer]]] = {
            "has": self._has,
            "take": self._take,
            "give": self._give,
            "fetch": self._fetch,
            "unpack": self._unpack,
            "restored": self._restored,
            "changes": self._changes,
            "artifacts": self._artifacts,
            "make-pipe": lambda order, told, stream: pipes.make(order),
            "pipe": lambda order, told, stream: pipes.fill(order, told),
            "remove-pipes": lambda order, told, stream: pipes.remove(order),
        }

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Do one thing for who has connected."""
        stream = LocalStream(reader, writer)
        try:
            told = lines(stream)
            order = await anext(told)
            try:
                answer = await self._works[order["do"]](order, told, stream)
            except Exception as error:
                answer = {"error": error_of(error)}
            if answer is not None:
                await stream.send(line(answer))
            await stream.finish()
        except (OSError, StopAsyncIteration):  # the agent has gone, or waits no more
            pass
        finally:
            stream.reset("done")

    async def _has(self, order: Mapping[str, Any], told: Told, stream: LocalStream) -> Answer:
        async for keys in told:
            await stream.send(line(self._cache.having(keys)))
        return None

    async def _take(self, order: Mapping[str, Any], told: Told, stream: LocalStream) -> Answer:
        target, room = Path(order["target"]), room_in(self._folder)
        await self._carry(order, partial(read_tree, target=target, most_bytes=room, cache=self._cache))
        return {}

    async def _give(self, order: Mapping[str, Any], told: Told, stream: LocalStream) -> Answer:
        await self._carry(order, partial(write_tree, root=Path(order["root"]), below=order["below"]))
        return {}

    async def _carry(self, order: Mapping[str, Any], work: Callable[[socket.socket], None]) -> None:
        def carry() -> None:
            with self._dial(order["offer"]) as connection:
                work(connection)

        await asyncio.get_running_loop().run_in_executor(self._threads, carry)

    def _dial(self, offer: Mapping[str, Any]) -> socket.socket:
        try:
            connection = self._beside.connect(int(offer["port"]))
        except OSError as error:
            said = f"port {offer['port']} of the platform cannot be reached: {error}"
            raise ConnectionRefusedError(errno.ECONNREFUSED, said) from error
        connection.sendall(str(offer["ticket"]).encode())
        return connection

    def _s3(self, wanted: Mapping[str, Any]) -> S3:
        dial = partial(self._dial, wanted["offer"])
        return S3(dial, Credentials(*wanted["keys"]), str(wanted["region"]))

    async def _restored(self, order: Mapping[str, Any], told: Told, stream: LocalStream) -> Answer:
        return await self._leavings.restored(order)

    async def _changes(self, order: Mapping[str, Any], told: Told, stream: LocalStream) -> Answer:
        return await self._leavings.changes(order, told)

    async def _artifacts(self, order: Mapping[str, Any], told: Told, stream: LocalStream) -> Answer:
        return await self._leavings.artifacts(order, told)

    async def _fetch(self, order: Mapping[str, Any], told: Told, stream: LocalStream) -> Answer:
        """Make a folder of objects, whose names follow; tell what it has come to."""
        wanted = await anext(told)
        s3 = self._s3(wanted)
        # What an instance is going to write to is nobody else's.
        cache = None if wanted["own"] else self._cache
        fetching = Fetching(Path(order["folder"]), s3, self._threads, cache, room_in(self._folder))
        all_named = asyncio.Event()
        try:
            await while_wanted(_after(all_named, told), fetching.all(_named(told, all_named)))
        finally:
            s3.close()
        return asdict(fetching.fetched)

    async def _unpack(self, order: Mapping[str, Any], told: Told, stream: LocalStream) -> Answer:
        """Make a folder of what is in an archive; tell what that has come to."""
        wanted = await anext(told)
        s3, folder, apart = self._s3(wanted), Path(order["folder"]), Path(order["apart"])
        try:
            fetching = Fetching(apart, s3, self._threads, self._cache, room_in(self._folder))
            work = unpacked(fetching, Wanted(**wanted["archive"]), apart, folder)
            return asdict(await while_wanted(told, work))
        finally:
            s3.close()
            await asyncio.to_thread(discard, apart)


async def _named(told: Told, all_named: asyncio.Event) -> AsyncIterator[Wanted]:
    """Yield the objects that the platform names, up to an empty line."""
    async for batch in told:
        if not batch:
            all_named.set()
            return
        for bucket, key, path in batch:
            yield Wanted(bucket, key, path)
    raise Abandoned


async def _after(all_named: asyncio.Event, told: Told) -> Told:
    await all_named.wait()
    async for each in told:
        yield each
