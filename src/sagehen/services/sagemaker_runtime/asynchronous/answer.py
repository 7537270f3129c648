"""An instance's answer on its way to S3: through a file, of any length up to the bound, in flat memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from io import BufferedWriter
from pathlib import Path

from sagehen.services.sagemaker_runtime.asynchronous.outcome import Failed

# As long as an input may be: what an instance sends is bounded, too.
MOST_BYTES = 2**30
_PIECE_BYTES = 1024 * 1024


async def spool(parts: AsyncIterator[bytes], file: Path) -> int:
    """Write an answer's parts to a new file and return how many bytes they have.

    Raises:
        ConnectionClosed: It broke off.
        Failed: It is too long.
    """
    held = bytearray()
    to: BufferedWriter | None = None
    written = 0
    try:
        async for part in parts:
            held += part
            if written + len(held) > MOST_BYTES:  # the words are ours
                raise Failed(f"The response's payload has more than {MOST_BYTES} bytes.")
            if len(held) >= _PIECE_BYTES:
                if to is None:
                    to = await asyncio.to_thread(file.open, "wb")
                await asyncio.to_thread(to.write, held)
                written += len(held)
                held = bytearray()
        if to is None:
            await asyncio.to_thread(file.write_bytes, held)
        else:
            await asyncio.to_thread(to.write, held)
    finally:
        if to is not None:
            await asyncio.to_thread(to.close)
    return written + len(held)
