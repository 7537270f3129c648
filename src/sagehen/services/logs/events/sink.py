"""BufferedLogSink: takes lines from everything that runs, and stores them in large batches."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence

from sagehen.domain.background import Background
from sagehen.domain.clock import Clock, epoch_ms
from sagehen.domain.scope import Scope
from sagehen.services.logs.events.event import StreamKey, event_bytes
from sagehen.services.logs.events.quota import StreamQuota
from sagehen.services.logs.events.records import EventRecords
from sagehen.store.database import Database, Transaction

_log = logging.getLogger(__name__)

# Lines wait at most this long for company before they are stored: half of what the port promises.
_FLUSH_AFTER_S = 0.04
# One transaction takes about this much text, and so many lines, so that other writers get their turn between
# two: a line costs 20 to 60 us, however short it is.
_BATCH_BYTES = 4 * 1024 * 1024
_BATCH_LINES = 2_000
# What a line holds of memory beside its text: tuple, number, string, its place in the list.
_HELD_BYTES = 180
# AWS's limit of one event until 2025, now 1 MB (from memory); longer lines are cut into several events.
_MAX_MESSAGE_CHARS = 256 * 1024


class BufferedLogSink:
    """Implements the port `LogSink`.

    `write` may be called from any thread and never waits. Producers that can wait (the readers of
    a child's pipe) should `await ready()` first: then a child that writes faster than the disk
    takes is slowed down by its full pipe, as on a real machine. Only one that does not wait can
    fill the buffer; then its lines are counted, dropped, and the loss is written into its stream.

    Args:
        capacity_bytes: What lines may hold of memory.
        on_stored: Called when lines were stored.
        quota: What one stream may write; what is over it is counted, dropped, and told in the stream.
    """

    def __init__(
        self,
        database: Database,
        events: EventRecords,
        clock: Clock,
        capacity_bytes: int = 64 * 1024 * 1024,
        on_stored: Callable[[], None] = lambda: None,
        quota: StreamQuota[StreamKey] | None = None,
    ) -> None:
        self._on_stored = on_stored
        self._database = database
        self._events = events
        self._clock = clock
        self._capacity = capacity_bytes
        self._lock = threading.Lock()
        self._buffer: dict[StreamKey, list[tuple[int, str]]] = {}
        self._buffered_bytes = 0
        self._lost: dict[StreamKey, int] = {}
        self._quota: StreamQuota[StreamKey] = quota or StreamQuota()
        self._over_quota: dict[StreamKey, tuple[int, int]] = {}  # lines, bytes
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._storing = asyncio.Lock()
        self._flusher = Background("logs-flusher", self._run)

    # --- the port --------------------------------------------------------------------------

    def write(self, scope: Scope, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        """See `LogSink.write`. Empty lines are left out, as CloudWatch Logs has no empty events."""
        key = (scope, group, stream)
        kept = [(at_ms, _storable(message)) for at_ms, message in events if message]
        if not kept:
            return
        size = sum(event_bytes(message) for _, message in kept)
        held = sum(map(_held, kept))
        if size > _MAX_MESSAGE_CHARS:
            kept = [piece for event in kept for piece in _pieces(*event)]
        with self._lock:
            if not self._quota.takes(key, size, time.monotonic()):
                lines, left_out = self._over_quota.get(key, (0, 0))
                self._over_quota[key] = (lines + len(kept), left_out + size)
                return
            if self._buffered_bytes + held > self._capacity:
                self._lost[key] = self._lost.get(key, 0) + len(kept)
                return
            was_empty = not self._buffer
            self._buffer.setdefault(key, []).extend(kept)
            self._buffered_bytes += held
            full = self._buffered_bytes > self._capacity // 2
        if was_empty or full:
            self._call(self._wake.set)
        if full:
            self._call(self._room.clear)

    async def flush(self) -> None:
        """See `LogSink.flush`."""
        while self._buffer or self._lost or self._over_quota:
            await self._store()
        async with self._storing:  # what another call took out of the buffer is stored, too
            pass

    async def ready(self) -> None:
        """Wait until the buffer is at most half full."""
        await self._room.wait()

    # --- life ------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to store lines, those among them that were written before."""
        self._loop = asyncio.get_running_loop()
        self._flusher.start()
        if self._buffer:
            self._wake.set()

    async def stop(self) -> None:
        """End, with every line stored that was written before."""
        await self._flusher.stop()
        await self.flush()
        self._loop = None

    def forget(self) -> None:
        """Drop what is buffered."""
        with self._lock:
            self._buffer, self._buffered_bytes, self._lost, self._over_quota = {}, 0, {}, {}
            self._quota.forget()
        self._room.set()

    def _call(self, function: object) -> None:
        if self._loop is not None and callable(function):
            self._loop.call_soon_threadsafe(function)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            # Real time, not the platform's clock: a scaled clock must not thin out the batches.
            await asyncio.sleep(_FLUSH_AFTER_S)
            try:
                while self._buffer or self._lost or self._over_quota:
                    await self._store()
            except Exception:
                _log.exception("storing log lines failed; they are kept and tried again")
                await asyncio.sleep(1.0)
                self._wake.set()

    async def _store(self) -> None:
        async with self._storing:
            batch, held, lost = self._take()
            if not batch:
                return
            now_ms = epoch_ms(self._clock.now())

            def append(tx: Transaction) -> None:
                self._events.append(tx, batch, now_ms)

            try:
                await self._database.write(append)
            except Exception:
                self._put_back(batch, held)
                raise
            self._on_stored()
            for (_, group, stream), count in lost.items():
                _log.error("%d lines of %s %s were lost: the log buffer was full", count, group, stream)
            if self._buffered_bytes <= self._capacity // 2:
                self._room.set()

    def _take(self) -> tuple[dict[StreamKey, list[tuple[int, str]]], int, dict[StreamKey, int]]:
        """Take one transaction's worth out of the buffer: it, what it held, and what was lost.

        A stream's lines leave in their order; those that are left over come behind the other streams'.
        """
        batch: dict[StreamKey, list[tuple[int, str]]] = {}
        text_left, lines_left = _BATCH_BYTES, _BATCH_LINES
        held = 0
        with self._lock:
            for key in list(self._buffer):
                events = self._buffer.pop(key)
                count = 0
                while count < len(events) and text_left > 0 and lines_left > 0:
                    text_left -= len(events[count][1])
                    lines_left -= 1
                    held += _held(events[count])
                    count += 1
                batch[key] = events[:count]
                if count < len(events):
                    self._buffer[key] = events[count:]
                if text_left <= 0 or lines_left <= 0:
                    break
            self._buffered_bytes -= held
            lost, self._lost = self._lost, {}
            over, self._over_quota = self._over_quota, {}
        now_ms = epoch_ms(self._clock.now())
        for key, count in lost.items():
            tale = f"sagehen: {count} lines were lost here: they came faster than they could be stored"
            batch.setdefault(key, []).append((now_ms, tale))
        for key, (lines, left_out) in over.items():
            tale = (
                f"sagehen: {lines} lines ({left_out / 1e6:.1f} MB) were left out here: this stream is over"
                f" its {self._quota.burst_bytes // 2**20} MB and {self._quota.bytes_per_s // 1024} kB/s"
            )
            batch.setdefault(key, []).append((now_ms, tale))
        return batch, held, lost

    def _put_back(self, batch: dict[StreamKey, list[tuple[int, str]]], held: int) -> None:
        with self._lock:
            for key, events in batch.items():
                self._buffer[key] = events + self._buffer.get(key, [])
            self._buffered_bytes += held


def _held(event: tuple[int, str]) -> int:
    return len(event[1]) + _HELD_BYTES


def _storable(message: str) -> str:
    """Return a message in characters that UTF-8 has: names of files, and what JSON escapes, may hold others.

    One that the database refuses would hold up every line behind it.
    """
    if message.isascii():
        return message
    return message.encode("utf-8", "replace").decode()


def _pieces(at_ms: int, message: str) -> list[tuple[int, str]]:
    return [
        (at_ms, message[start : start + _MAX_MESSAGE_CHARS])
        for start in range(0, len(message), _MAX_MESSAGE_CHARS)
    ]
