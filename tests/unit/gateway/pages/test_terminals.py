"""Terminals at the door: a signed request's ticket, one WebSocket, and who has no business there."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from sagehen.console.terminals.terminals import Terminals
from sagehen.domain.clock import SystemClock
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from tests.unit.console.test_terminals import INSTANCE, Machines
from tests.waiting import eventually

from ..conftest import ACCOUNT, KEY, SECRET, SESSION_KEY, TOKEN, RunningDoor, run_door
from ..talking import HEALTH, dial, exchange
from .test_console import send

ROOT = Credentials(KEY, SECRET)
SCOPE = Scope(ACCOUNT, "eu-west-1")
running = contextmanager(run_door)
BODY = json.dumps({"InstanceId": INSTANCE}).encode()


class Everywhere(Machines):
    def find(self, scope: Scope, instance_id: str) -> Any:
        return super().find(SCOPE, instance_id) if scope == SCOPE else None


@pytest.fixture(scope="module")
def machines() -> Machines:
    return Everywhere()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, machines: Machines) -> Iterator[RunningDoor]:
    terminals = Terminals(machines, SystemClock(), Ids())
    yield from run_door(tmp_path_factory.mktemp("door"), terminals=terminals)


def ask(
    door: RunningDoor,
    keys: Credentials | None = ROOT,
    body: bytes = BODY,
    service: str = "sagehen",
    sent: bytes | None = None,
    method: str = "POST",
    **changed: str | None,
) -> tuple[int, Any]:
    url = f"{door.url}/_sagehen/terminal/tickets"
    request = AWSRequest(method, url, data=body, headers={"Host": f"127.0.0.1:{door.port}"})
    if keys is not None:
        SigV4Auth(keys, service, "eu-west-1").add_auth(request)
    headers: dict[str, str | None] = {**dict(request.headers), "Origin": door.url, **changed}
    told = {name: value for name, value in headers.items() if value is not None}
    status, _, content = send(
        door, method, "/_sagehen/terminal/tickets", told, body if sent is None else sent
    )
    return status, json.loads(content)


def ticket(door: RunningDoor) -> str:
    status, answer = ask(door)
    assert status == 200, answer
    return str(answer["Ticket"])


def opened(door: RunningDoor, text: str, origin: str | None = None, **more: Any) -> ClientConnection:
    url = f"ws://127.0.0.1:{door.port}/_sagehen/terminal?ticket={text}"
    return connect(url, origin=origin or door.url, compression=None, proxy=None, **more)  # type: ignore[arg-type]


def test_a_shell_in_a_page(door: RunningDoor, machines: Machines) -> None:
    seats = door.door.seats.taken
    status, answer = ask(door)
    assert (status, answer["User"], answer["ExpiresInS"]) == (200, "ubuntu", 30)
    access, environment = door.authorizer.seen[-1]
    arn = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/{INSTANCE}"
    assert (access.action, access.resource) == ("ssm:StartSession", arn)
    assert access.conditions == {"ssm:resourceTag/team": "birds"}
    assert environment["aws:RequestedRegion"] == "eu-west-1"
    with opened(door, answer["Ticket"]) as page:
        page.send('{"resize": [100, 30]}')
        page.send(b"\xff" * 200_000)
        page.send([b"ex", b"", b"it"])  # in pieces
        eventually(lambda: machines.shells and len(machines.shells[-1].typed) == 200_004)
        shell = machines.shells[-1]
        door.loop.call_soon_threadsafe(shell.output.put_nowait, b"$ \xff")
        assert page.recv() == b"$ \xff"
        page.send(b"exit\r")
        assert page.recv() == b"logout\r\n"
        assert page.recv() == '{"closed": "The shell has ended."}'
        with pytest.raises(ConnectionClosed) as closed:
            page.recv()
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1000
    assert (shell.sizes, shell.hung_up) == ([(100, 30)], 1)
    eventually(lambda: door.door.seats.taken == seats)


def test_a_page_that_leaves_takes_its_shell_with_it(door: RunningDoor, machines: Machines) -> None:
    with opened(door, ticket(door)) as page:
        eventually(lambda: not machines.shells[-1].hung_up)
        page.socket.shutdown(socket.SHUT_RDWR)
    eventually(lambda: machines.shells[-1].hung_up == 1)


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"keys": None}, 403),
        ({"keys": Credentials(KEY, "wrong")}, 403),
        ({"keys": Credentials("ASIAEXPIRED", SECRET, TOKEN)}, 403),
        ({"service": "ssm"}, 403),
        ({"sent": json.dumps({"InstanceId": "i-00000000000000001"}).encode()}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1"}, 403),
        ({"Origin": None}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 403),
        ({"method": "GET"}, 404),
        ({"body": b""}, 400),
        ({"body": b"[]"}, 400),
        ({"body": b'{"InstanceId": 1}'}, 400),
        ({"body": b'{"InstanceId": "i-1/../*"}'}, 400),
        ({"body": json.dumps({"InstanceId": INSTANCE, "User": ["root"]}).encode()}, 400),
        ({"body": json.dumps({"InstanceId": INSTANCE, "User": "-oProxy"}).encode()}, 400),
        ({"body": b'{"InstanceId": "i-00000000000000001"}'}, 400),
        ({"body": b" " * 5000}, 413),
    ],
)
def test_who_gets_no_ticket(door: RunningDoor, how: dict[str, Any], status: int) -> None:
    found, answer = ask(door, **how)
    assert (found, "Ticket" in answer) == (status, False), answer


def test_iams_refusal_is_told(door: RunningDoor) -> None:
    door.authorizer.denied.add("ssm:StartSession")
    try:
        status, answer = ask(door, Credentials(SESSION_KEY, SECRET, TOKEN))
    finally:
        door.authorizer.denied.clear()
    assert (status, answer["code"]) == (403, "AccessDenied")
    assert "is not authorized to perform: ssm:StartSession" in answer["message"]


def test_a_ticket_opens_once_and_for_its_own_page(door: RunningDoor, machines: Machines) -> None:
    count = len(machines.shells)
    stolen = ticket(door)
    for origin in ("http://evil.example", "null", f"http://localhost:{door.port}"):
        with pytest.raises(InvalidStatus, match="403"):
            opened(door, stolen, origin).__enter__()
    with opened(door, stolen):  # another page has not used it up
        pass
    for text in (stolen, "", "x" * 43, "x" * 300, f"{ticket(door)}&ticket=x"):
        with pytest.raises(InvalidStatus, match="403"):
            opened(door, text).__enter__()
    eventually(lambda: len(machines.shells) == count + 1)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Upgrade": None}, 426),
        ({"Upgrade": "h2c"}, 426),
        ({"Connection": "close"}, 426),
        ({"Sec-WebSocket-Version": "8"}, 426),
        ({"Sec-WebSocket-Key": "short"}, 400),
        ({"Sec-WebSocket-Key": "é"}, 400),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 403),
        ({"Origin": None}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"X": "1"}, 101),
    ],
)
def test_handshakes(door: RunningDoor, changed: dict[str, str | None], status: int) -> None:
    headers = {
        **{"Host": f"127.0.0.1:{door.port}", "Origin": door.url, "Upgrade": "websocket"},
        **{"Connection": "keep-alive, Upgrade", "Sec-WebSocket-Version": "13"},
        **{"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="},
        **changed,
    }
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    head = [f"GET /_sagehen/terminal?ticket={ticket(door)} HTTP/1.1", *lines, "", ""]
    answer = exchange(door, "\r\n".join(head).encode())
    assert answer.startswith(b"HTTP/1.1 %d " % status), answer
    # RFC 6455, 1.3: the key of its example, and what belongs to it.
    assert (b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer) is (status == 101)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"\x82\x03abc", 1002),  # not masked
        (b"\x83\x80....", 1002),  # no opcode
        (b"\xf2\x80....", 1002),  # compressed, which nobody agreed on
        (b"\x82\xff\x00\x00\x00\x00\x00\x04\x00\x01....", 1009),  # 256 KiB and a byte
        (b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff....", 1009),
        (b"\x81\x82\x00\x00\x00\x00\xff\xff", 1007),  # a text that is none
        (b"\x80\x80....", 1002),  # goes on with nothing
    ],
)
def test_frames_that_are_none(door: RunningDoor, raw: bytes, code: int) -> None:
    with opened(door, ticket(door)) as page, pytest.raises(ConnectionClosed) as closed:
        page.socket.sendall(raw)
        page.recv()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == code


def test_a_flood_waits_for_who_reads_it(tmp_path: Any) -> None:
    machines = Everywhere(floods=True)
    with running(tmp_path, terminals=Terminals(machines, SystemClock(), Ids())) as door:
        client = dial(door)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.sendall(
            f"GET /_sagehen/terminal?ticket={ticket(door)} HTTP/1.1\r\nHost: 127.0.0.1:{door.port}\r\n"
            f"Origin: {door.url}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        eventually(lambda: bool(machines.shells))
        shell, printed = machines.shells[-1], -1
        while printed != shell.printed:
            printed = shell.printed
            for _ in range(20):  # others are answered meanwhile
                assert b'"running"' in exchange(door, HEALTH)
            assert shell.printed < 64_000_000
        client.sendall(b"\x82\x81\x00\x00\x00\x00\x03")  # Ctrl-C gets through
        eventually(lambda: bytes(shell.typed) == b"\x03")
        # Nor do the answers to pings grow that nobody reads: a sender that goes on is not read any more.
        client.settimeout(0.5)
        pings, sent = (b"\x89\xfd\x00\x00\x00\x00" + b"p" * 125) * 2000, 0
        with pytest.raises(TimeoutError):
            while sent < 64_000_000:
                sent += client.send(pings)
        client.close()
        eventually(lambda: shell.hung_up == 1)


def test_they_end_with_the_platform(tmp_path: Any) -> None:
    machines = Everywhere()
    with ExitStack() as pages:
        with running(tmp_path, terminals=Terminals(machines, SystemClock(), Ids())) as door:
            page = pages.enter_context(opened(door, ticket(door)))
            eventually(lambda: bool(machines.shells))
        assert machines.shells[0].hung_up == 1
        assert page.recv() == '{"closed": "The platform stops."}'
