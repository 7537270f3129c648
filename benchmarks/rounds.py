"""Load: a raw keep-alive client of many connections, and rounds in turn between two servers.

The client writes bytes that were made and signed beforehand and waits for the whole answer before
the next request of that connection (a closed loop). There is no client library in the timed loop;
it costs some 20 µs a request, on both sides of each comparison.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import os
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httptools
import uvloop


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens: a unix socket, or host and port."""

    host: str = "127.0.0.1"
    port: int = 0
    socket: Path | None = None


@dataclass(slots=True)
class Sample:
    """What one round saw. Latencies in seconds."""

    latencies: list[float] = field(default_factory=list)
    elapsed: float = 0.0
    errors: int = 0
    first_error: bytes = b""

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.elapsed if self.elapsed else 0.0

    def quantile(self, q: float) -> float:
        """Return the q-quantile of the latencies (nearest rank)."""
        ordered = sorted(self.latencies)
        return ordered[max(0, math.ceil(q * len(ordered)) - 1)] if ordered else math.nan


@dataclass(frozen=True, slots=True)
class Result:
    """Medians over the rounds."""

    rate: float
    p50: float
    p99: float
    rounds: int


def median(samples: Sequence[Sample]) -> Result:
    """Return the median round's figures.

    Raises:
        RuntimeError: A round had errors: a figure of refusals would be no figure.
    """
    for sample in samples:
        if sample.errors or not sample.latencies:
            raise RuntimeError(f"{sample.errors} requests failed; the first: {sample.first_error[:600]!r}")
    return Result(
        rate=statistics.median(s.rate for s in samples),
        p50=statistics.median(s.quantile(0.5) for s in samples),
        p99=statistics.median(s.quantile(0.99) for s in samples),
        rounds=len(samples),
    )


def load(address: Address, requests: Iterable[bytes], *, connections: int, seconds: float) -> Sample:
    """Send `requests`, over and over, for `seconds`, on so many connections; return what was seen.

    Each connection sends one request at least, so that 0 seconds are one request of each.
    """
    return uvloop.run(_load(address, itertools.cycle(requests), connections, seconds))


def in_turn(
    runs: dict[str, Callable[[], Sample]], *, rounds: int, say: Callable[[str], None], what: str
) -> dict[str, Result]:
    """Run each in turn, `rounds` times after one to warm up, and return the medians by name."""
    samples: dict[str, list[Sample]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            say(f"{what}: {name}, " + (f"round {number}/{rounds}" if number else "warming up"))
            sample = run()
            if number:
                samples[name].append(sample)
    return {name: median(taken) for name, taken in samples.items()}


async def _load(address: Address, requests: Iterable[bytes], connections: int, seconds: float) -> Sample:
    if address.socket is not None:
        # sockaddr_un holds 108 bytes and data folders may lie deep: connect to the open file instead.
        descriptor = os.open(address.socket, os.O_PATH)
        try:
            short = Address(socket=Path(f"/proc/self/fd/{descriptor}"))
            return await _drive(short, requests, connections, seconds)
        finally:
            os.close(descriptor)
    return await _drive(address, requests, connections, seconds)


async def _drive(address: Address, requests: Iterable[bytes], connections: int, seconds: float) -> Sample:
    sample = Sample()
    source = iter(requests)
    began = time.perf_counter()
    until = began + seconds
    clients = [_Client(address, source, sample, until) for _ in range(connections)]
    for client in clients:
        await client.connect()
    await asyncio.gather(*(client.done for client in clients))
    sample.elapsed = time.perf_counter() - began
    return sample


class _Client(asyncio.Protocol):
    """One connection. Answers over 1 MB are counted, not kept."""

    def __init__(self, address: Address, source: Iterable[bytes], sample: Sample, until: float) -> None:
        self._address = address
        self._source = source
        self._sample = sample
        self._until = until
        self._begun = False  # each connection sends one request at least
        self._body: list[bytes] = []
        self._kept = 0
        self._sent = 0.0
        self._replaced = False  # by another connection, where the server closes after each answer
        self._transport: asyncio.Transport | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def connect(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        loop = asyncio.get_running_loop()
        if self._address.socket is not None:
            await loop.create_unix_connection(lambda: self, str(self._address.socket))
        else:
            await loop.create_connection(lambda: self, self._address.host, self._address.port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._next()

    def _next(self) -> None:
        assert self._transport is not None
        if self._begun and time.perf_counter() >= self._until:
            self._finish()
            return
        request = next(self._source)  # type: ignore[call-overload]
        self._begun = True
        self._body, self._kept = [], 0
        self._sent = self._sent or time.perf_counter()
        self._transport.write(request)

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        if self._kept < 1_000_000:
            self._body.append(body)
            self._kept += len(body)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status == 100:
            return
        now = time.perf_counter()
        if status >= 400:
            self._sample.errors += 1
            self._sample.first_error = self._sample.first_error or b"".join(self._body)
            self._finish()
            return
        self._sample.latencies.append(now - self._sent)
        self._sent = 0.0
        if self._parser.should_keep_alive():
            self._next()
        else:
            self._reconnect()

    def _reconnect(self) -> None:
        """Go on with a new connection, whose making is part of the next request's time."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
        if time.perf_counter() >= self._until:
            self._finish()
            return
        follower = _Client(self._address, self._source, self._sample, self._until)
        follower._sent = time.perf_counter()
        follower.done = self.done
        self._task = asyncio.get_running_loop().create_task(follower.connect())
        self._replaced = True

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self.done.done() and not self._replaced:
            self._sample.errors += 1
            self._sample.first_error = self._sample.first_error or f"connection lost: {exc}".encode()
            self._finish()
