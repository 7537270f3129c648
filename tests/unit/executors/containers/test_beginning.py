"""A keeper comes to the platform's door, or the platform hears why not."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from sagehen.executors.base import SandboxUnavailable
from sagehen.executors.containers.beginning import begin
from sagehen.executors.containers.engine.client import EngineClient
from sagehen.executors.containers.keeper import Keeper
from tests.unit.executors.containers.fake_engine import FakeEngine, answer_of

_WORDS = b"Traceback:\nOSError: no such door\n"
_SAID = b"\2\0\0\0" + len(_WORDS).to_bytes(4, "big") + _WORDS


async def test_a_keeper_that_ends_is_told_at_once_with_its_own_words(tmp_path: Path) -> None:
    def answer(asked: str, body: bytes) -> bytes:
        if "attach" in asked:
            return b"HTTP/1.1 200 OK\r\n\r\n" + _SAID
        return answer_of("200 OK", b'{"StatusCode":1}' if "wait" in asked else b"")

    keeper = Keeper(tmp_path / "doors")
    keeper.open()
    async with FakeEngine(tmp_path / "s", answer) as engine:
        with pytest.raises(SandboxUnavailable, match=r"with code 1: Traceback: \| OSError: no such door$"):
            async with asyncio.timeout(30):
                await begin(EngineClient(engine.path), "k1", keeper)
    keeper.close()
    assert [asked.split("?")[0] for asked in engine.asked] == [
        "POST /containers/k1/attach",
        "POST /containers/k1/start",
        "POST /containers/k1/wait",
    ]


async def test_a_keeper_whose_output_broke_off_may_come_all_the_same(tmp_path: Path) -> None:
    keeper, inside = Keeper(tmp_path / "doors"), socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def answer(asked: str, body: bytes) -> bytes | None:
        if "attach" in asked:
            return b"HTTP/1.1 200 OK\r\n\r\n"
        if "wait" in asked:  # it has not ended
            inside.connect(str(keeper.door))
            return None
        return answer_of("204 No Content")

    keeper.open()
    with inside:
        async with FakeEngine(tmp_path / "s", answer) as engine, asyncio.timeout(30):
            await begin(EngineClient(engine.path), "k1", keeper)
        keeper.close()
        assert inside.recv(1) == b""
