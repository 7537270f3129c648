"""A keeper comes to the platform's door, an image's program begins, or the platform hears why not."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from sagehen.executors.base import ExitStatus, SandboxUnavailable
from sagehen.executors.containers.beginning import begin
from sagehen.executors.containers.engine.client import EngineClient
from sagehen.executors.containers.keeper import Keeper
from sagehen.executors.containers.programs import NotExecutable, start_program
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


@pytest.mark.parametrize("looks_at", ["attach", "start"])
async def test_a_program_that_is_not_there_has_ended_wherever_the_engine_says_so(
    tmp_path: Path, looks_at: str
) -> None:
    """Podman says it to who asks for the output, Docker to who starts it."""
    refused = answer_of(
        "400 Bad Request", b'{"message": "exec: \\"/x\\": stat /x: no such file or directory"}'
    )

    def answer(asked: str, body: bytes) -> bytes:
        return refused if looks_at in asked else b"HTTP/1.1 200 OK\r\n\r\n"

    async with FakeEngine(tmp_path / "s", answer) as engine, asyncio.timeout(30):
        with pytest.raises(NotExecutable, match="no such file") as raised:
            await start_program(EngineClient(engine.path), "c1")
    assert raised.value.status == ExitStatus(127)
