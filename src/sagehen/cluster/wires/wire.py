"""Wire: packets of a device go out over a stream, and what comes over it goes into the device."""

from __future__ import annotations

import asyncio
import contextlib
import os

from sagehen.cluster.streams import Stream
from sagehen.cluster.wires.packets import MOST_BYTES, Packets, packed

# What is sent at once: many small packets, or a few large ones.
_BATCH_BYTES = 256 * 1024


async def carry(device: int, stream: Stream) -> None:
    """Carry packets both ways until the stream ends. The device stays the caller's.

    A stream that is slow slows down who sends: packets wait in the device, and TCP sees no loss. What the
    device has no room for is lost, as on any network.

    Args:
        device: A descriptor of a TUN device, which does not block.

    Raises:
        LinkLost, StreamRefused, NoPacket
    """
    out = asyncio.create_task(_out(device, stream))
    coming = asyncio.create_task(_come(device, stream))
    try:
        done, _ = await asyncio.wait((out, coming), return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (out, coming):
            task.cancel()
        await asyncio.gather(out, coming, return_exceptions=True)


async def _out(device: int, stream: Stream) -> None:
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(device, readable.set)
    try:
        while True:
            batch = _batch(device)
            if batch:
                await stream.send(batch)
            else:
                readable.clear()
                await readable.wait()
    finally:
        loop.remove_reader(device)


def _batch(device: int) -> bytes:
    """Return the packets that the device has now; none where it has none."""
    found: list[bytes] = []
    size = 0
    while size < _BATCH_BYTES:
        try:
            packet = os.read(device, MOST_BYTES)
        except BlockingIOError:
            break
        if not packet:
            break
        found.append(packed(packet))
        size += len(packet)
    return b"".join(found)


async def _come(device: int, stream: Stream) -> None:
    packets = Packets()
    while data := await stream.receive():
        for packet in packets.feed(data):
            # No room in it, or nothing that it takes for a packet: lost.
            with contextlib.suppress(OSError):
                os.write(device, packet)
