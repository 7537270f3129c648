"""Descriptors that come for somebody who does not wait any more are nobody's, and are closed."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress

import pytest

from sagehen.executors.processes.descriptors import Received, received


async def test_what_comes_for_one_who_was_cancelled_is_closed() -> None:
    reader, writer = os.pipe()
    sent = asyncio.Event()

    async def answer() -> Received:
        await sent.wait()
        return b"", [reader]

    asking = asyncio.create_task(received(answer()))
    await asyncio.sleep(0)
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    os.fstat(reader)
    sent.set()
    for _ in range(5):  # turns of the loop until the answer is there
        await asyncio.sleep(0)
    with pytest.raises(OSError):
        os.fstat(reader)
    os.close(writer)


async def test_what_comes_for_one_who_waits_is_his() -> None:
    reader, writer = os.pipe()

    async def answer() -> Received:
        return b"said", [reader]

    assert await received(answer()) == (b"said", [reader])
    os.close(reader)
    os.close(writer)
