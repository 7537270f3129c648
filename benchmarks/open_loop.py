"""Open loop: requests leave when they are due, whether or not earlier ones were answered.

A latency counts from the moment a request was due, not from when it could be sent: a server that stands
still for a second is charged with all that fell due meanwhile.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import httptools

# A door has some thousands of seats; a run that needs more has failed.
_MOST_CONNECTIONS = 3000
BROKEN_OFF = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """One request. Times in seconds of the loop's clock; status BROKEN_OFF where there was no answer."""

    due: float
    latency: float
    status: int
    text: bytes = b""


@dataclass(slots=True)
class Seen:
    """What came of all requests.

    Attributes:
        hanging: Not answered when the time to wait for the last ones was over.
    """

    answers: list[Answer] = field(default_factory=list)
    hanging: int = 0


class OpenLoop:
    """Sends one request again and again at random moments (a Poisson process), until it is told to end.

    Args:
        request: The whole of it, signed.
        rate: Requests per second.
        seed: Of the moments.
    """

    def __init__(self, host: str, port: int, request: bytes, rate: float, seed: int = 1) -> None:
        self.seen = Seen()
        self._address = (host, port)
        self._request = request
        self._rate = rate
        self._random = random.Random(seed)
        self._idle: list[_Connection] = []
        self._open: set[_Connection] = set()
        self._under_way = 0
        self._connecting: set[asyncio.Task[None]] = set()

    async def run(self, end: asyncio.Event, patience_s: float = 70.0) -> Seen:
        """Send until `end`, and wait for what is still under way.

        Args:
            patience_s: The longest that any answer may take: the platform promises 60.
        """
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not end.is_set():
            due += self._random.expovariate(self._rate)
            if (delay := due - loop.time()) > 0:
                await asyncio.sleep(delay)
            self._send(due)
        deadline = loop.time() + patience_s
        while self._under_way and loop.time() < deadline:
            await asyncio.sleep(0.02)
        self.seen.hanging = self._under_way
        for connection in list(self._open):
            connection.close()
        return self.seen

    def _send(self, due: float) -> None:
        self._under_way += 1
        if self._idle:
            self._idle.pop().send(self._request, due)
            return
        if len(self._open) >= _MOST_CONNECTIONS:
            raise RuntimeError(f"{_MOST_CONNECTIONS} requests are waiting for an answer")
        connection = _Connection(self)
        self._open.add(connection)
        task = asyncio.create_task(self._connect(connection, due))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, connection: _Connection, due: float) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: connection, *self._address)
        except OSError as error:
            self._open.discard(connection)
            self.answered(due, BROKEN_OFF, str(error).encode())
            return
        connection.send(self._request, due)

    # --- told by connections ---------------------------------------------------------------

    def answered(self, due: float, status: int, text: bytes) -> None:
        self._under_way -= 1
        kept = text[:500] if status != 200 else b""
        self.seen.answers.append(Answer(due, asyncio.get_running_loop().time() - due, status, kept))

    def free(self, connection: _Connection) -> None:
        self._idle.append(connection)

    def lost(self, connection: _Connection) -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self, owner: OpenLoop) -> None:
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self._due: float | None = None
        self._text = b""

    def send(self, request: bytes, due: float) -> None:
        if self._transport is None:
            self._owner.answered(due, BROKEN_OFF, b"closed before it was sent")
            return
        self._due, self._text = due, b""
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(request)

    def close(self) -> None:
        self._due = None
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._text += body

    def on_message_complete(self) -> None:
        assert self._due is not None and self._transport is not None
        due, self._due = self._due, None
        keep = self._parser.should_keep_alive()
        self._owner.answered(due, self._parser.get_status_code(), self._text)
        if keep:
            self._owner.free(self)
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._owner.lost(self)
        if self._due is not None:
            due, self._due = self._due, None
            self._owner.answered(due, BROKEN_OFF, f"connection lost: {exc}".encode())
