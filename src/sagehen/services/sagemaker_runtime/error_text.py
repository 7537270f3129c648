"""The text of an error that an instance streams."""

from __future__ import annotations

import contextlib

from sagehen.domain.timeouts import timeout
from sagehen.serving.connection import ConnectionClosed
from sagehen.serving.stream import ReplicaStream

# What is read of it where nothing else is said, and for how long: it stands in a message, and in a log.
_MOST_BYTES, _LONGEST_S = 64 * 1024, 60.0


async def text_of_error(stream: ReplicaStream, most_bytes: int = _MOST_BYTES) -> bytes:
    """Return what comes of it, and close the stream; one that never ends, or breaks off, is told as far as it
    came.
    """
    text = bytearray()
    with contextlib.suppress(TimeoutError, ConnectionClosed):
        async with timeout(_LONGEST_S):
            async for part in stream.parts():
                text += part
                if len(text) >= most_bytes:
                    break
    stream.close()
    return bytes(text[:most_bytes])
