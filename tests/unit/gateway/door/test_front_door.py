"""The whole door: how it ends, and what it writes down."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.unit.gateway.conftest import RunningDoor, make_door
from tests.unit.gateway.talking import HEALTH


async def test_stop_closes_idle_connections(tmp_path: Any) -> None:
    from ..conftest import make_door

    door, *_ = make_door(tmp_path)
    port = await door.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEALTH)
    await reader.readuntil(b"}")
    await door.stop(1.0)
    assert await reader.read() == b"}"  # the health page ends in two, then the connection ends
    writer.close()
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", port)
    assert sorted(os.listdir(tmp_path / "ca")) == ["bundle.pem", "ca.key", "ca.pem"]


async def test_requests_under_way_end_before_stop(tmp_path: Path) -> None:
    import asyncio

    door, *_ = make_door(tmp_path)
    port = await door.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"PUT /public/k HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc")
    async with asyncio.timeout(60):
        while not door.hall.server_state.tasks:
            await asyncio.sleep(0.005)
    stopping = asyncio.create_task(door.stop(5.0))
    await asyncio.sleep(0.1)
    writer.write(b"def")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    await stopping
    writer.close()


def test_access_log(running: RunningDoor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sagehen.access")
    running.client("sts").get_caller_identity()
    deadline = time.monotonic() + 60  # the line is written after the answer
    while not caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    assert re.search(r"sts.GetCallerIdentity arn:\S+:root 200 \d+ B", caplog.text)
    assert "Signature" not in caplog.text
