"""Slow, broken and greedy clients; the proxy door."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
import stat
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sagehen.gateway.connections.first_line import BadProxyRequest, is_proxy_request, read_proxy_request
from sagehen.gateway.outside.tunnel import refusal_of
from tests.waiting import eventually

from ..conftest import ACCOUNT, KEY, SECRET, RunningDoor

HEALTH = b"GET /_sagehen/health HTTP/1.1\r\nHost: h\r\n\r\n"


def dial(running: RunningDoor) -> socket.socket:
    return socket.create_connection(("127.0.0.1", running.port), timeout=60)


def read_all(client: socket.socket) -> bytes:
    pieces = []
    while True:
        try:
            piece = client.recv(65536)
        except ConnectionResetError:
            piece = b""
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def exchange(running: RunningDoor, data: bytes) -> bytes:
    with dial(running) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        return read_all(client)


def test_pipelined_requests_answer_in_order(running: RunningDoor) -> None:
    with dial(running) as client:
        client.sendall(
            HEALTH
            + b"GET /_sagehen/none HTTP/1.1\r\nHost: h\r\n\r\n"
            + HEALTH[:-2]
            + b"Connection: close\r\n\r\n"
        )
        answer = read_all(client)
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200", b"404", b"200"]
    assert answer.count(b"server: Sagehen") == 3
    assert answer.count(b"\r\ndate: ") == 3


def test_slow_header(hasty: RunningDoor) -> None:
    with dial(hasty) as client:  # which waits for ten seconds, and fails then
        client.sendall(HEALTH[:-2])
        assert read_all(client).startswith(b"HTTP/1.1 408")


def test_drip_fed_header(hasty: RunningDoor) -> None:
    with dial(hasty) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(OSError):  # cut off although there always comes something
            for _ in range(200):
                client.sendall(b"a: b\r\n")
                time.sleep(0.2)


def test_silent_connections_are_closed(hasty: RunningDoor) -> None:
    with dial(hasty) as silent, dial(hasty) as idle:
        idle.sendall(HEALTH)
        assert read_all(idle).startswith(b"HTTP/1.1 200")  # and then it was closed
        assert read_all(silent).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("last", [b"\r\n\r\n", b""])
@pytest.mark.parametrize("where", ["value", "many", "path"])
def test_oversized_headers(hasty: RunningDoor, where: str, last: bytes) -> None:
    head = {
        "value": b"GET / HTTP/1.1\r\nHost: h\r\nX-Big: " + b"x" * 20_000,
        "many": b"GET / HTTP/1.1\r\nHost: h" + b"\r\nX-Header: 0123456789" * 1000,
        "path": b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: h",
    }[where]
    with dial(hasty) as client:
        client.sendall(head + last)
        assert read_all(client).startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40,
        b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"HELLO\r\n\r\n",
    ],
)
def test_not_http(running: RunningDoor, data: bytes) -> None:
    assert exchange(running, data).startswith(b"HTTP/1.1 400")


def put_head(length: int, extra: str = "") -> bytes:
    return f"PUT /public/k HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n{extra}\r\n".encode()


def test_slow_body_is_broken_off(hasty: RunningDoor) -> None:
    with dial(hasty) as client:
        client.sendall(put_head(1_000_000) + b"x")
        assert read_all(client) == b""
    assert not hasty.objects.stored


def test_body_broken_off(running: RunningDoor) -> None:
    with dial(running) as client:
        client.sendall(put_head(1_000_000) + b"x" * 500_000)
        eventually(lambda: running.door.seats.taken)
    eventually(lambda: running.door.seats.taken == 0)
    assert not running.objects.stored
    assert exchange(running, HEALTH[:-2] + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_expect_continue(running: RunningDoor) -> None:
    with dial(running) as client:
        client.sendall(put_head(3, "Expect: 100-continue\r\n"))
        assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        # A refusal comes instead of `100 Continue`, and ends the connection: the body may or may not follow.
        client.sendall(put_head(3, "Expect: 100-continue\r\n").replace(b"/public/", b"/private/"))
        answer = read_all(client)
    assert answer.startswith(b"HTTP/1.1 403")
    assert b"connection: close" in answer


def test_refusal_before_the_body_keeps_the_connection(running: RunningDoor) -> None:
    with dial(running) as client:
        client.sendall(put_head(400_000).replace(b"/public/", b"/private/"))
        client.sendall(b"x" * 400_000 + HEALTH[:-2] + b"Connection: close\r\n\r\n")
        answer = read_all(client)
    assert answer.startswith(b"HTTP/1.1 403")
    assert b"HTTP/1.1 200" in answer


def test_reader_that_does_not_read(hasty: RunningDoor) -> None:
    size = 200_000_000
    with (hasty.objects.folder / "file-huge").open("wb") as file:
        file.truncate(size)
    with dial(hasty) as client:
        client.sendall(b"GET /public/file-huge HTTP/1.1\r\nHost: h\r\n\r\n")
        eventually(lambda: len(hasty.door.hall.server_state.connections) == 1)
        [connection] = hasty.door.hall.server_state.connections
        while (
            hasty.door.hall.server_state.connections
        ):  # until write_stall_s is over; the test has its timeout
            assert connection.transport.get_write_buffer_size() < 2_000_000
            time.sleep(0.01)
        assert len(read_all(client)) < size


def test_connection_limit(hasty: RunningDoor) -> None:
    clients = [dial(hasty) for _ in range(8)]
    eventually(lambda: hasty.door.seats.taken == 8)
    with dial(hasty) as one_more:
        assert read_all(one_more).startswith(b"HTTP/1.1 503")
    for client in clients:
        client.close()
    eventually(lambda: hasty.door.seats.taken == 0)
    assert exchange(hasty, HEALTH[:-2] + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_head_has_no_body(running: RunningDoor) -> None:
    answer = exchange(running, b"HEAD /private/k HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert answer.endswith(b"\r\n\r\n")


# --- the proxy door -------------------------------------------------------------------------


def test_sts_through_tls(running: RunningDoor) -> None:
    path = running.door.ca_certificate_path
    assert stat.S_IMODE((path.parent / "ca.key").stat().st_mode) == 0o600
    proxies = {"https": running.url}
    session = boto3.Session(KEY, SECRET, region_name="eu-west-1")
    for service, call in [("sts", "get_caller_identity"), ("logs", "describe_log_groups")]:
        client = session.client(
            service, verify=str(path), config=Config(proxies=proxies, retries={"max_attempts": 0})
        )
        assert client.meta.endpoint_url.startswith("https://")
        answer = getattr(client, call)()
        assert answer.get("Account", ACCOUNT) == ACCOUNT
    s3 = session.client("s3", verify=str(path), config=Config(proxies=proxies, retries={"max_attempts": 0}))
    s3.put_object(Bucket="bucket", Key="a b", Body=b"x" * 300_000)
    assert running.objects.contexts[-1].secure
    assert s3.get_object(Bucket="bucket", Key="a b")["Body"].read() == b"x" * 300_000


def test_tls_is_verified_against_our_ca_alone(running: RunningDoor) -> None:
    with dial(running) as client:
        client.sendall(b"CONNECT sts.us-east-1.amazonaws.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        with pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(client, server_hostname="sts.us-east-1.amazonaws.com")
    context = ssl.create_default_context(cafile=str(running.door.ca_certificate_path))
    with dial(running) as client:
        client.sendall(b"CONNECT sts.us-east-1.amazonaws.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
        client.recv(1000)
        with context.wrap_socket(client, server_hostname="sts.us-east-1.amazonaws.com") as secure:
            secure.sendall(HEALTH[:-2] + b"Connection: close\r\n\r\n")
            assert read_all(secure).startswith(b"HTTP/1.1 200")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"CONNECT sm-pysdk-t-us-east-1.s3.us-east-1.amazonaws.com:443", b"403"),
        (b"CONNECT sts.amazonaws.com:22", b"403"),
        (b"CONNECT 169.254.169.254:80", b"403"),
        (b"CONNECT [fe80::1]:80", b"403"),
        (b"CONNECT 0.0.0.0:80", b"403"),
        (b"CONNECT localhost:OWN", b"403"),
        (b"CONNECT [::ffff:127.0.0.1]:OWN", b"403"),
        (b"GET http://127.0.0.1:OWN/_sagehen/health", b"403"),
        (b"CONNECT nowhere.invalid:443", b"502"),
        (b"CONNECT nothing", b"400"),
    ],
)
def test_refused_tunnels(running: RunningDoor, line: bytes, status: bytes) -> None:
    line = line.replace(b"OWN", str(running.port).encode())
    answer = exchange(running, line + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.split(b" ")[1] == status, answer


@pytest.fixture
def upstream() -> Iterator[int]:
    """A plain server that tells what it received."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                got = client.recv(65536)
                client.sendall(b"got:" + got)

    thread = threading.Thread(target=serve)
    thread.start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


@pytest.fixture
def sandbox_port(running: RunningDoor) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = running.call(running.door.serve_socket, listener, from_sandbox=True)
    yield port
    running.loop.call_soon_threadsafe(server.close)


def test_tunnel_and_plain_proxy_to_this_machine(running: RunningDoor, upstream: int) -> None:
    with dial(running) as client:
        client.sendall(f"CONNECT 127.0.0.1:{upstream} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert client.recv(1000) == b"HTTP/1.1 200 Connection established\r\n\r\n"
        client.sendall(b"hello")
        assert read_all(client) == b"got:hello"
    request = f"GET http://127.0.0.1:{upstream}/p?q=1 HTTP/1.1\r\nHost: x\r\nProxy-Connection: keep-alive\r\n"
    request += "A: b\r\n\r\n"
    with dial(running) as client:
        client.sendall(request.encode())
        answer = read_all(client)
    assert answer == b"got:GET /p?q=1 HTTP/1.1\r\nHost: x\r\nA: b\r\nConnection: close\r\n\r\n"


def test_sandboxes_cannot_reach_this_machine(running: RunningDoor, upstream: int, sandbox_port: int) -> None:
    own = socket.gethostbyname(socket.gethostname())
    for host in (
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "127.9.9.9",
        own,
        "169.254.169.254",
    ):
        for request in (
            f"CONNECT {host}:{upstream} HTTP/1.1\r\n\r\n",
            f"GET http://{host}:{upstream}/ HTTP/1.1\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", sandbox_port), timeout=60) as client:
                client.sendall(request.encode())
                assert read_all(client).split(b" ")[1] == b"403", request
    with socket.create_connection(("127.0.0.1", sandbox_port), timeout=60) as client:
        client.sendall(
            b"POST /_sagehen/reset HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        assert b"403" in read_all(client).split(b"\r\n")[0]


def test_other_machines_cannot_reach_this_one_through_the_door(
    running: RunningDoor, upstream: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the door is opened to a network (`--host 0.0.0.0`)."""
    monkeypatch.setattr(
        "sagehen.gateway.connections.connection.address_of", lambda peer: ip_address("192.0.2.7")
    )
    for line in (f"CONNECT 127.0.0.1:{upstream}", f"GET http://localhost:{upstream}/"):
        answer = exchange(running, f"{line} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert answer.split(b" ")[1] == b"403", answer


def test_sandboxes_reach_aws(running: RunningDoor, sandbox_port: int) -> None:
    config = Config(proxies={"https": f"http://127.0.0.1:{sandbox_port}"}, retries={"max_attempts": 0})
    session = boto3.Session(KEY, SECRET, region_name="eu-west-1")
    client = session.client("sts", verify=str(running.door.ca_certificate_path), config=config)
    assert client.get_caller_identity()["Account"] == ACCOUNT


@pytest.mark.parametrize(
    ("address", "port", "sandboxed", "open_"),
    [
        ("93.184.216.34", 443, True, True),
        ("10.1.2.3", 80, True, True),
        ("127.0.0.1", 80, True, False),
        ("127.0.0.1", 80, False, True),
        ("127.0.0.1", 4566, False, False),
        ("::ffff:127.0.0.1", 4566, False, False),
        ("64:ff9b::7f00:1", 80, True, False),
        ("169.254.170.2", 80, False, False),
        ("fe80::1%eth0", 80, False, False),
        ("fd00:ec2::254", 80, True, False),
        ("168.63.129.16", 80, False, False),
        ("224.0.0.1", 80, False, False),
        ("::", 80, False, False),
    ],
)
def test_where_tunnels_may_lead(address: str, port: int, sandboxed: bool, open_: bool) -> None:
    refused = refusal_of(address, port, is_local=not sandboxed, own_ports={4566})
    assert (refused is None) is open_


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"G", None), (b"CONN", None), (b"GET ", None), (b"GET htt", None), (b"CONNECT a", True),
        (b"GET /", False), (b"HELLO\r\n", False), (b"GET http://a", True),
        (b"OPTIONS * HTTP/1.1\r\n", False), (b"x" * 40, False),
    ],
)  # fmt: skip
def test_first_bytes(data: bytes, expected: bool | None) -> None:
    assert is_proxy_request(data) is expected


def test_malformed_proxy_requests() -> None:
    for line in (b"CONNECT :443 HTTP/1.1", b"CONNECT a:x HTTP/1.1", b"CONNECT a HTTP/1.1",
                 b"GET http:///x HTTP/1.1", b"CONNECT a:99999 HTTP/1.1"):  # fmt: skip
        with pytest.raises(BadProxyRequest):
            read_proxy_request(line + b"\r\n\r\n")
    assert read_proxy_request(b"CONNECT a:443 HTTP/1.1\r\n") is None


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
