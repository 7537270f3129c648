"""The door of notebook instances over sockets: sessions, streams, WebSockets, and who stays outside."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sagehen.gateway.door.front_door import FrontDoor
from sagehen.gateway.notebooks import answers, cookies, sockets
from sagehen.services.sagemaker.notebooks.entrance import Admitted, Opened, Place, Refused, Visitor
from tests.unit.gateway.conftest import make_door

HOST = "nb.notebook.us-east-1.localhost:{}"
BASE = "/_aws/notebook/us-east-1/nb/"
TOKEN, SESSION = "t" * 64, "s" * 64
HANDSHAKE = {
    "upgrade": "websocket", "connection": "Upgrade, close", "sec-websocket-key": "a2V5",
    "sec-websocket-version": "13",
}  # fmt: skip


class Server:
    """Behind the door: answers by path, and echoes on WebSockets."""

    token = "the server's own"

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.listener: asyncio.Server | None = None
        self.writers: list[asyncio.StreamWriter] = []

    async def start(self) -> None:
        self.listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def connect(self) -> socket.socket:
        assert self.listener is not None
        made = socket.socket()
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, self.listener.sockets[0].getsockname())
        return made

    async def stop(self) -> None:
        assert self.listener is not None
        self.listener.close()
        for writer in self.writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        try:
            await self._answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.heads.append(head)
        if "Upgrade: websocket" in head:
            if "/refuses" in head:
                writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
                return
            if "/odd" in head:
                writer.write(b"HTTP/1.1 199 Neither\r\n\r\n")
                return
            if "/mute" in head:
                await reader.read()
                return
            writer.write(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\nhello")
            while data := await reader.read(65536):
                writer.write(data.upper())
                await writer.drain()
            return
        body = b""
        if length := re.search(r"content-length: (\d+)", head, re.IGNORECASE):
            body = await reader.readexactly(int(length[1]))
        if "/broken" in head:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
            return
        if "/dead" in head:
            return
        writer.write(
            b"HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ntransfer-encoding: chunked\r\n\r\n"
            b"%x\r\n%s\r\n0\r\n\r\n" % (len(body) + 4, b"got " + body)
        )


@dataclass
class Entrance:
    server: Server
    refusal: Refused | None = None
    seconds_left: float = 3600
    asked: list[str] = field(default_factory=list)

    async def open(self, place: Place, token: str, visitor: Visitor) -> Opened | Refused:
        good = token == TOKEN and place == Place("us-east-1", "nb")
        return Opened(SESSION, 60) if good else Refused(403, "<b>no & never</b>")

    async def admit(self, place: Place, session: str, visitor: Visitor) -> Admitted | Refused:
        self.asked.append(session)
        if self.refusal is not None:
            return self.refusal
        if session != SESSION or place != Place("us-east-1", "nb"):
            return Refused(403, "no session")
        return Admitted(self.server, BASE, self.seconds_left)  # type: ignore[arg-type]


@dataclass
class Doorway:
    door: FrontDoor
    port: int
    entrance: Entrance
    server: Server
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def say(
        self, target: str, method: str = "GET", *,
        body: bytes = b"", host: str = HOST, session: str = SESSION, **headers: str,
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:  # fmt: skip
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host.format(self.port)}"]
        if session:
            lines.append(f"Cookie: {cookies.NAME}={session}; other=1")
        if body:
            lines.append(f"Content-Length: {len(body)}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        return reader, writer

    async def ask(self, target: str, method: str = "GET", **more: str | bytes) -> tuple[int, str, str]:
        """Return status, head and body."""
        reader, writer = await self.say(target, method, **{"connection": "close", **more})  # type: ignore[arg-type]
        async with asyncio.timeout(60):
            answer = (await reader.read()).decode("latin-1")
        writer.close()
        head, _, body = answer.partition("\r\n\r\n")
        return int(head.split(" ")[1]), head.lower(), body


@pytest.fixture
async def doorway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Doorway]:
    server = Server()
    await server.start()
    entrance = Entrance(server)
    door, *_ = make_door(tmp_path, notebooks=entrance)
    made = Doorway(door, await door.start(), entrance, server)
    yield made
    for writer in made.writers:
        writer.close()
    await door.stop(0.1)
    await server.stop()


async def test_a_presigned_url_opens_a_session_and_leads_away_from_its_token(doorway: Doorway) -> None:
    status, head, _ = await doorway.ask(f"/?authToken={TOKEN}", session="", sec_fetch_site="cross-site")
    assert status == 302
    assert "location: /lab\r\n" in head
    assert f"set-cookie: {cookies.NAME}={SESSION}; path=/; max-age=60; httponly; samesite=lax" in head
    assert "referrer-policy: no-referrer" in head
    status, head, _ = await doorway.ask("/lab?x=1")
    assert (status, f"location: {BASE}lab?x=1\r\n" in head) == (302, True)
    for wrong in ("", "x", TOKEN + "&authToken=y", "a" * 5000):
        status, head, body = await doorway.ask(f"/?authToken={wrong}", session="")
        assert (status, "set-cookie" in head) == (403, False)
        assert "<b>" not in body


async def test_requests_are_passed_on_with_the_doors_own_proof(doorway: Doorway) -> None:
    status, head, body = await doorway.ask(
        f"{BASE}api/x?y=%20",
        "PUT",
        body=b"notebook",
        Authorization="AWS4 mine",
        Origin=f"http://{HOST.format(doorway.port)}",
    )
    assert (status, "got notebook" in body) == (200, True)
    assert "set-cookie: a=1" in head and "set-cookie: b=2" in head
    [seen] = doorway.server.heads
    assert seen.startswith(f"PUT {BASE}api/x?y=%20 HTTP/1.1\r\nHost: {HOST.format(doorway.port)}\r\n")
    assert "authorization: token the server's own" in seen.lower()
    assert "cookie: other=1" in seen.lower()
    assert not {"AWS4 mine", SESSION} & set(re.split(r"[\r\n:;= ]+", seen))
    assert (await doorway.ask(f"{BASE}dead"))[0] == 502
    assert (await doorway.ask(f"{BASE}broken"))[2] == "half"
    assert (await doorway.ask(f"{BASE}x", "POST", Content_Length=str(600 << 20)))[0] == 413


async def test_nobody_else_gets_in(doorway: Doorway) -> None:
    other = "nb2.notebook.us-east-1.localhost:{}"
    for more in (
        {"session": ""},
        {"session": "x" * 64},
        {"host": other},
        {"Origin": f"http://{other.format(doorway.port)}"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "cors"},
        {"host": "evil.example"},
    ):
        status, _, _ = await doorway.ask(f"{BASE}api/x", **more)
        assert status == 403, more
        status, _, _ = await doorway.ask(f"{BASE}api/ws", **HANDSHAKE | more)  # type: ignore[arg-type]
        assert status == 403, more
    assert doorway.server.heads == []


async def test_by_path_one_is_sent_to_the_notebooks_own_name(doorway: Doorway) -> None:
    by_path = {"host": "127.0.0.1:{}"}
    status, head, _ = await doorway.ask(f"{BASE}?authToken={TOKEN}", **by_path)
    assert status == 302
    assert f"location: http://nb.notebook.us-east-1.localhost:{doorway.port}/?authtoken={TOKEN}\r\n" in head
    for path in (
        "/_aws/notebook/us-east-1/evil.example%5c/",
        "/_aws/notebook/x@y/nb/",
        "/_aws/notebook/us-east-1/a\\/",
    ):
        status, head, _ = await doorway.ask(path, **by_path)
        assert (status, "location" in head) == (403, False)
    assert (await doorway.ask(f"{BASE}api/x", "POST", **by_path))[0] == 403
    assert (await doorway.ask(f"{BASE}", host="10.1.2.3:{}"))[0] == 403
    assert doorway.server.heads == []


async def test_one_that_does_not_run_says_so_and_is_looked_at_again(doorway: Doorway) -> None:
    doorway.entrance.refusal = Refused(503, "The notebook instance nb is Stopped.")
    status, head, body = await doorway.ask("/lab")
    assert (status, "is Stopped." in body, "refresh: 3" in head) == (503, True, True)


async def _open(doorway: Doorway, path: str = "api/ws") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await doorway.say(
        f"{BASE}{path}", **HANDSHAKE, origin=f"http://{HOST.format(doorway.port)}"
    )
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    assert await reader.readexactly(5) == b"hello"
    return reader, writer


async def test_websockets_pass_both_ways_and_end_with_either_side(doorway: Doorway) -> None:
    async with asyncio.timeout(30):
        reader, writer = await _open(doorway)
        writer.write(b"abc" * 100_000)
        assert await reader.readexactly(300_000) == b"ABC" * 100_000
        doorway.server.writers[-1].close()
        assert await reader.read() == b""
        writer.close()
        reader, writer = await _open(doorway)
        writer.close()
        while not doorway.server.writers[-1].is_closing():
            await asyncio.sleep(0.01)
    for path, status in (("refuses", 403), ("odd", 502), ("mute", 502)):
        answer = doorway.ask(f"{BASE}{path}", **HANDSHAKE)
        if path == "mute":
            task = asyncio.create_task(answer)
            while not any(path in head for head in doorway.server.heads):
                await asyncio.sleep(0.01)
            doorway.server.writers[-1].close()
            assert (await task)[0] == status
        else:
            assert (await answer)[0] == status


async def test_an_open_websocket_ends_with_its_right(
    doorway: Doorway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "_ASK_AGAIN_S", 0.02)
    async with asyncio.timeout(30):
        reader, _ = await _open(doorway)
        doorway.entrance.refusal = Refused(403, "no right any more")
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        doorway.entrance.refusal, doorway.entrance.seconds_left = None, 0.05
        reader, _ = await _open(doorway)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)


async def test_there_are_only_so_many_at_once(doorway: Doorway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "_MOST_AT_ONCE", 1)
    async with asyncio.timeout(30):
        _, writer = await _open(doorway)
        assert (await doorway.ask(f"{BASE}api/ws", **HANDSHAKE))[0] == 503
        writer.close()
        while (await doorway.ask(f"{BASE}refuses", **HANDSHAKE))[0] == 503:
            await asyncio.sleep(0.01)


async def test_a_server_that_takes_no_connection_keeps_nobody_elses_waiting(
    doorway: Doorway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_MOST_CONNECTING", 1)
    taking = asyncio.Event()
    connect = doorway.server.connect

    async def later() -> socket.socket:
        await taking.wait()
        return await connect()

    monkeypatch.setattr(doorway.server, "connect", later)
    first = asyncio.create_task(doorway.ask(f"{BASE}api/x"))
    while not doorway.entrance.asked:
        await asyncio.sleep(0.01)
    assert (await doorway.ask(f"{BASE}api/x"))[0] == 502
    taking.set()
    assert (await first)[0] == 200
    assert (await doorway.ask(f"{BASE}api/x"))[0] == 200
