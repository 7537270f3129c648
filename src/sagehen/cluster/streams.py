"""Streams: what platform and agents need of the connection between them, whoever makes it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Protocol, runtime_checkable

import orjson

# Of one answer, and of one line: a spec holds at most what `execve` takes.
MOST_BYTES = 8 * 2**20


class LinkLost(ConnectionError):
    """The connection between platform and node is gone, and the stream with it."""


class StreamRefused(ConnectionError):
    """The far side ended the stream; the text says why."""


class Stream(Protocol):
    """Bytes in order, both ways; who sends waits for who receives."""

    async def send(self, data: bytes) -> None:
        """Send; waits while the far side does not receive.

        Raises:
            LinkLost, StreamRefused
        """
        ...

    async def receive(self) -> bytes:
        """Return what came next; b"" once the far side has finished.

        Raises:
            LinkLost, StreamRefused
        """
        ...

    async def finish(self) -> None:
        """Say that nothing more comes from here."""
        ...

    def reset(self, reason: str) -> None:
        """End both directions at once. May be called twice, and after the end."""
        ...


@runtime_checkable
class DirectStream(Stream, Protocol):
    """One that can also be served without a task, whose turns are most of what a short piece costs."""

    def listen(self, listener: Callable[[], None]) -> None:
        """Have a listener called at once whenever `take` may return something else, or raise."""
        ...

    def take(self) -> bytes | None:
        """Return what came next, as `receive` does; None where that would wait.

        Raises:
            LinkLost, StreamRefused
        """
        ...

    def put(self, data: bytes) -> bool:
        """Send all of it now; False where nothing of it was sent, as that would wait.

        Raises:
            LinkLost, StreamRefused
        """
        ...


# Arguments are JSON, 64 KiB at most. The stream is reset if it raises.
Handler = Callable[[Mapping[str, Any], Stream], Awaitable[None]]


class Link(Protocol):
    """One connection to one peer. It is lost once and for all; the next one is another Link."""

    @property
    def peer(self) -> str:
        """The node's id, out of its certificate; `platform` on a node."""
        ...

    async def open(self, kind: str, arguments: Mapping[str, Any], *, timeout_s: float) -> Stream:
        """Open a stream to the handler of `kind` on the far side.

        Raises:
            LinkLost, StreamRefused, TimeoutError
        """
        ...

    async def closed(self) -> None:
        """Return when it is lost."""
        ...


async def receive_all(stream: Stream, most: int = MOST_BYTES) -> bytes:
    """Return all that the far side sends.

    Raises:
        StreamRefused: It is more than `most` bytes.
    """
    parts: list[bytes] = []
    size = 0
    while data := await stream.receive():
        parts.append(data)
        size += len(data)
        if size > most:
            stream.reset("too much")
            raise StreamRefused(f"more than {most} bytes came")
    return b"".join(parts)


async def lines(stream: Stream, most: int = MOST_BYTES) -> AsyncIterator[Any]:
    """Yield what the far side sends, a JSON value a line.

    Raises:
        StreamRefused: A line is longer than `most` bytes, or no JSON.
    """
    rest = b""
    while data := await stream.receive():
        *whole, rest = (rest + data).split(b"\n")
        if len(rest) > most:
            stream.reset("a line is too long")
            raise StreamRefused(f"a line of more than {most} bytes came")
        for line in whole:
            yield _value(line)


def line(value: Any) -> bytes:
    """Return a value as a line for `lines`."""
    return orjson.dumps(value) + b"\n"


def _value(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise StreamRefused(f"no JSON came: {error}") from None
