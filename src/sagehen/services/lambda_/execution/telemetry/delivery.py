"""Delivery: brings one subscriber its records, again and again until it has acknowledged them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from typing import Any, cast

import httptools

from sagehen.domain.timeouts import timeout
from sagehen.executors.base import SandboxUnavailable
from sagehen.services.lambda_.execution.telemetry.buffer import Buffer
from sagehen.services.lambda_.execution.telemetry.subscription import Subscription

# Connects to a port inside the environment.
Connect = Callable[[int], Awaitable[socket.socket]]

# Ours: a listener that takes longer is asked anew. Documented is that Lambda tries again, "with backoff".
_ANSWER_S = 5.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 2.0
_MOST_ANSWER_BYTES = 65_536


class Delivery:
    """One subscriber's records on their way.

    Args:
        subscription: Where to, and when.
        connect: Reaches its listener.
        dropped_record: Makes the record that tells of dropped ones.
    """

    def __init__(
        self,
        subscription: Subscription,
        connect: Connect,
        dropped_record: Callable[[int, int], bytes],
    ) -> None:
        self.subscription = subscription
        self._connect = connect
        self._dropped_record = dropped_record
        self._buffer = Buffer(subscription.max_items, subscription.max_bytes)
        self._has_some, self._is_due = asyncio.Event(), asyncio.Event()
        self._line: _Line | None = None
        self._task = asyncio.create_task(self._run(), name="telemetry")

    def add(self, record: bytes) -> None:
        """Take a record."""
        self._buffer.add(record)
        self._has_some.set()
        if self._buffer.is_full:
            self._is_due.set()

    def flush(self) -> None:
        """Have what is there delivered now, before its time."""
        self._is_due.set()

    async def close(self) -> None:
        """Stop; what is not delivered by now is lost with the environment that it tells of."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._line is not None:
            self._line.close()

    async def _run(self) -> None:
        while True:
            await self._has_some.wait()
            with contextlib.suppress(TimeoutError):
                async with timeout(self.subscription.timeout_ms / 1000):
                    await self._is_due.wait()
            self._has_some.clear()
            self._is_due.clear()
            records, lost = self._buffer.take(), self._buffer.dropped()
            if lost[0]:
                records.append(self._dropped_record(*lost))
            if records:
                await self._deliver(records)

    async def _deliver(self, records: list[bytes]) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                async with timeout(_ANSWER_S):
                    if self._line is None:
                        self._line = await _Line.open(self.subscription, self._connect)
                    if await self._line.send(records):
                        return
            except (OSError, TimeoutError, SandboxUnavailable, httptools.HttpParserError):
                pass
            if self._line is not None:
                self._line.close()
                self._line = None
            await asyncio.sleep(pause_s)
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)


class _Line:
    """One connection to a listener; method names of the parser are httptools'."""

    def __init__(
        self, subscription: Subscription, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._subscription = subscription
        self._reader = reader
        self._writer = writer
        self._is_spent = False
        self._is_complete = False

    @classmethod
    async def open(cls, subscription: Subscription, connect: Connect) -> _Line:
        reader, writer = await asyncio.open_connection(sock=await connect(subscription.port))
        return cls(subscription, reader, writer)

    async def send(self, records: list[bytes]) -> bool:
        """Send records; tell whether they were acknowledged."""
        if self._is_spent:
            return False
        if self._subscription.protocol == "TCP":
            self._writer.write(b"\n".join(records) + b"\n")
            await self._writer.drain()
            return True
        body = b"[" + b",".join(records) + b"]"
        wanted = self._subscription
        head = (
            f"{wanted.method} {wanted.path} HTTP/1.1\r\nHost: sandbox.localdomain:{wanted.port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode("ascii") + body)
        await self._writer.drain()
        status, goes_on = await self._answer()
        self._is_spent = not goes_on
        return 200 <= status < 300

    async def _answer(self) -> tuple[int, bool]:
        """Return the status of the answer, and whether the connection may be used again."""
        parser: Any = httptools.HttpResponseParser(self)
        self._is_complete, read = False, 0
        while not self._is_complete:
            data = await self._reader.read(_MOST_ANSWER_BYTES)
            read += len(data)
            if not data or read > _MOST_ANSWER_BYTES:
                # What a listener says until it closes is its answer, if it has said a status at all.
                status = parser.get_status_code() if read else 0
                return (status, False)
            parser.feed_data(data)
        return cast(int, parser.get_status_code()), bool(parser.should_keep_alive())

    def on_message_complete(self) -> None:
        self._is_complete = True

    def close(self) -> None:
        self._writer.transport.abort()
