"""Between the platform and an engine: what becomes of hangs, of broken connections, of images."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from sagehen.executors.base import ExitStatus, ImageRoot, Limits, SandboxSpec, SandboxUnavailable
from sagehen.executors.containers import output, running
from sagehen.executors.containers.engine.client import EngineClient
from sagehen.executors.containers.engine.connection import Taken
from sagehen.executors.containers.engine.errors import EngineGone, EngineRefused, Unsayable
from sagehen.executors.containers.facts import ask_engine
from sagehen.executors.containers.keeper import Keeper
from sagehen.executors.containers.output import AttachedOutput
from sagehen.executors.containers.running import RunningContainer
from sagehen.executors.ended import LOST
from sagehen.executors.processes.pace import Pace
from tests.unit.executors.containers.fake_engine import FakeEngine, answer_of


@pytest.mark.parametrize(
    ("said", "kind", "why"),
    [
        (None, EngineGone, "did not answer within"),
        (b"", EngineGone, "without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", EngineGone, "closed connection|broke off"),
        (b"220 mail ready\r\n", EngineGone, "closed connection|without an answer"),
        (answer_of("200 OK", b"<html>"), EngineGone, "does not answer as an engine"),
        (answer_of("409 Conflict", b'{"message":"it runs"}'), EngineRefused, "it runs"),
    ],
)
async def test_no_answer_is_an_error_in_bounded_time(
    tmp_path: Path, said: bytes | None, kind: type[Exception], why: str
) -> None:
    async with FakeEngine(tmp_path / "s", lambda asked, body: said) as engine:
        with pytest.raises(kind, match=why):
            await EngineClient(engine.path).call("GET", "/info", timeout_s=0.5)


async def test_an_engine_is_asked_in_a_version_that_it_knows_also_after_it_was_away(tmp_path: Path) -> None:
    answer = answer_of("200 OK", b"{}")
    client = EngineClient(tmp_path / "s")
    for least, asked in (("1.44", ["GET /info", "GET /info"]), ("1.45", ["GET /info"])):
        async with FakeEngine(client.path, lambda asked, body: answer, least) as engine:
            for _ in asked:
                await client.call("GET", "/info")
        assert engine.asked == asked and engine.versions_told == 1
        with pytest.raises(EngineGone):
            await client.call("GET", "/info")


async def test_texts_come_as_they_are_or_not_at_all(tmp_path: Path) -> None:
    """A variable may hold any byte; of one that is no UTF-8, an engine would read another text."""
    async with FakeEngine(tmp_path / "s", lambda asked, body: answer_of("200 OK", b"{}")) as engine:
        client = EngineClient(engine.path)
        await client.call("POST", "/x", {"Env": ['X=\u00e4\n\U0001f600"\\']})
        with pytest.raises(Unsayable, match="no UTF-8"):
            await client.call("POST", "/x", {"Env": ["X=\udc80"]})
    assert [json.loads(body) for body in engine.bodies] == [{"Env": ['X=\u00e4\n\U0001f600"\\']}]


@pytest.mark.parametrize("said", [b"", b"null", b"[]"])
async def test_one_that_says_nothing_of_itself_is_no_engine(tmp_path: Path, said: bytes) -> None:
    async with FakeEngine(tmp_path / "s", lambda *_: answer_of("200 OK", said)) as engine:
        with pytest.raises(SandboxUnavailable, match="does not answer as an engine does"):
            await ask_engine(EngineClient(engine.path))


async def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="No container engine answers"):
        await ask_engine(EngineClient(tmp_path / "absent"))


@pytest.mark.parametrize("head", ["101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp", "200 OK"])
async def test_output_that_comes_with_the_answers_head_and_breaks_off_in_a_frame(
    tmp_path: Path, head: str
) -> None:
    frames = b"\1\0\0\0\0\0\0\6one\ntw" + b"\2\0\0\0\0\0\0\4err\n" + b"\1\0\0\0\0\0\0\x09o\nunfi"
    said = f"HTTP/1.1 {head}\r\n\r\n".encode() + frames
    lines: list[tuple[str, str]] = []
    async with FakeEngine(tmp_path / "s", lambda asked, body: said) as engine:
        taken = await EngineClient(engine.path).attach("x")
        await AttachedOutput(taken, lambda *line: lines.append(line)).drained(30)
    assert lines == [("stdout", "one"), ("stderr", "err"), ("stdout", "two"), ("stdout", "unfi")]


async def test_what_a_container_said_last_is_not_kept_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pace, "pause_s", lambda *_: 60.0)  # as after a flood, and longer
    said = b"\n" * 2000
    answer = b"HTTP/1.1 200 OK\r\n\r\n\1\0\0\0" + len(said).to_bytes(4, "big") + said
    lines: list[str] = []
    async with FakeEngine(tmp_path / "s", lambda asked, body: answer) as engine:
        taken = await EngineClient(engine.path).attach("x")
        await AttachedOutput(taken, lambda _, line: lines.append(line)).drained(30)
    assert len(lines) == 2000


@pytest.mark.parametrize(
    ("said", "returns_s"),
    [(answer_of("404 Not Found", b'{"message":"no such container"}'), 60.0), (b"", 0.0)],
)
async def test_a_container_whose_end_nobody_saw_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes, returns_s: float
) -> None:
    """Somebody removed it; or the engine is gone for longer than an upgrade takes."""
    monkeypatch.setattr(running, "_RETURNS_S", returns_s)
    ended: list[ExitStatus] = []

    async def on_end(status: ExitStatus) -> None:
        ended.append(status)

    spec = SandboxSpec("box", tmp_path, ("/x",), Limits(1, 64), image=ImageRoot(tmp_path, tmp_path))
    async with FakeEngine(tmp_path / "s", lambda asked, body: b"" if "attach" in asked else said) as engine:
        client = EngineClient(engine.path)
        taken = Taken(b"", *await _connected(engine.path))
        keeper = Keeper(tmp_path / "door")
        box = RunningContainer(spec, client, "c1", 0, keeper, taken, lambda *_: None, on_end)
        status = await box.wait()
    assert status == LOST and ended == [status]


async def test_an_engine_that_is_started_anew_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the container's end, and for its output."""
    monkeypatch.setattr(running, "_ASK_AGAIN_S", 0.01)
    monkeypatch.setattr(output, "_AGAIN_S", 0.01)
    lines: list[str] = []
    waits = iter([b"", answer_of("200 OK", b"null")])
    states = iter([answer_of("200 OK", b"null")])  # asked for at the end: it is asked for again
    attached = iter([b"HTTP/1.1 200 OK\r\n\r\n\1\0\0\0\0\0\0\4two\n"])

    def answer(asked: str, body: bytes) -> bytes:
        if "/attach" in asked:
            return next(attached, answer_of("409 Conflict", b"{}"))
        if "/wait" in asked:
            return answer_of("200 OK", b'{"StatusCode":3}') if len(lines) == 2 else next(waits, b"")
        state = answer_of("200 OK", b'{"State":{"Running":true,"OOMKilled":true},"SizeRw":7}')
        return next(states, state) if len(lines) == 2 else state

    spec = SandboxSpec("box", tmp_path, ("/x",), Limits(1, 64), image=ImageRoot(tmp_path, tmp_path))
    async with FakeEngine(tmp_path / "s", answer) as engine, asyncio.timeout(30):
        reader = asyncio.StreamReader()
        reader.feed_eof()
        _, writer = await asyncio.open_unix_connection(str(engine.path))
        taken = Taken(b"\1\0\0\0\0\0\0\4one\n", reader, writer)
        client, keeper = EngineClient(engine.path), Keeper(tmp_path / "door")
        box = RunningContainer(
            spec, client, "c1", 0, keeper, taken, lambda _, line: lines.append(line), _nothing
        )
        assert await box.wait() == ExitStatus(3, out_of_memory=True)
    assert lines == ["one", "two"]


async def _nothing(status: ExitStatus) -> None:
    """It has nothing to give back."""


async def _connected(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(b"POST /containers/c1/attach HTTP/1.1\r\n\r\n")
    return reader, writer
