"""Requests to a proxy: AWS over TLS, tunnels, and where neither leads."""

from __future__ import annotations

import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from ipaddress import ip_address

import boto3
import pytest
from botocore.config import Config

from sagehen.executors.traffic import Traffic
from tests.unit.gateway.conftest import ACCOUNT, KEY, SECRET, RunningDoor
from tests.unit.gateway.talking import HEALTH, dial, exchange, read_all


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
    traffic = Traffic()
    server = running.call(running.door.serve_socket, traffic.listener(listener), from_sandbox=True)
    yield port
    running.loop.call_soon_threadsafe(server.close)
    carried = traffic.read()
    assert 0 < carried.bytes_out < carried.bytes_in  # what was refused and tunnelled alike


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


def test_absolute_request_for_aws_is_answered_here(running: RunningDoor) -> None:
    answer = exchange(
        running, b"GET http://s3.amazonaws.com/public/none HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n"
    )
    assert b"404" in answer.split(b"\r\n")[0]
    assert b"connection: close" in answer


def test_two_requests_on_one_tls_connection_and_many_hosts(running: RunningDoor) -> None:
    import ssl

    context = ssl.create_default_context(cafile=str(running.door.ca_certificate_path))
    for host in ("logs.eu-west-1.amazonaws.com", "api.sagemaker.us-east-1.amazonaws.com"):
        with dial(running) as client:
            client.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            client.recv(1000)
            with context.wrap_socket(client, server_hostname=host) as secure:
                for _ in range(2):
                    secure.sendall(HEALTH)
                    answer = b""
                    while not answer.endswith(b"}}"):
                        answer += secure.recv(65536)
                    assert answer.startswith(b"HTTP/1.1 200")
