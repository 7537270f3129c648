"""How a tracking server's process is reached: wherever its folder lies, and never by a link that it made."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from sagehen.services.sagemaker.tracking_servers.process import TrackingFolder
from sagehen.services.sagemaker.tracking_servers.run import Running, answers


async def _serve(path: Path, answer: bytes) -> asyncio.Server:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    place = os.open(path.parent, os.O_PATH)
    try:  # a socket's address has 108 bytes
        return await asyncio.start_unix_server(talk, f"/proc/self/fd/{place}/{path.name}")
    finally:
        os.close(place)


@pytest.mark.parametrize(
    ("answer", "healthy"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nOK", True),
        (b"HTTP/1.1 503 Busy\r\n\r\n", False),
        (b"", False),
        (b"x" * 200_000, False),
    ],
)
async def test_whether_it_answers_in_a_deep_folder(tmp_path: Path, answer: bytes, healthy: bool) -> None:
    folder = TrackingFolder(tmp_path / ("deep" * 30))
    folder.make()
    server = await _serve(folder.socket, answer)
    async with server:
        assert await answers(Running(folder, "3.17.2")) is healthy


async def test_a_link_is_not_followed(tmp_path: Path) -> None:
    real, folder = TrackingFolder(tmp_path / "real"), TrackingFolder(tmp_path / "fake")
    real.make()
    folder.make()
    server = await _serve(real.socket, b"HTTP/1.1 200 OK\r\n\r\nOK")
    async with server:
        folder.socket.symlink_to(real.socket)
        with pytest.raises(OSError):
            await Running(folder, "3.17.2").connect()
        assert await answers(Running(folder, "3.17.2")) is False


async def test_nobody_listens(tmp_path: Path) -> None:
    folder = TrackingFolder(tmp_path)
    folder.make()
    assert await answers(Running(folder, "3.17.2")) is False
