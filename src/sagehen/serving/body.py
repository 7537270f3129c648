"""Body: what is sent to an instance, held in memory or read while it is sent."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamedBody:
    """A body too long for the memory.

    Args:
        length: In bytes; what is read must be as long.
        open: Begins to read it. Called again where it has to be sent once more.
    """

    length: int
    open: Callable[[], Awaitable[AsyncIterator[bytes]]]

    def __len__(self) -> int:
        return self.length


Body = bytes | StreamedBody


class BodyChanged(Exception):
    """What was read is shorter or longer than it was said to be."""


async def pieces(body: StreamedBody) -> AsyncGenerator[bytes, None]:
    """Yield a body's pieces.

    Raises:
        BodyChanged: There are more or fewer bytes than `length`.
    """
    read = 0
    async for piece in await body.open():
        read += len(piece)
        if read > body.length:
            break
        yield piece
    if read != body.length:
        raise BodyChanged(f"{read} of {body.length} bytes could be read")
