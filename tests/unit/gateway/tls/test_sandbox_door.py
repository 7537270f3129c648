"""The door by TLS in a sandbox's network: as a host of AWS's, with its certificate, and leading nowhere."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator

import pytest

from tests.unit.gateway.conftest import RunningDoor
from tests.unit.gateway.talking import read_all

_HOST = "one.amazonaws.com"


@pytest.fixture
def port(running: RunningDoor) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    number = int(listener.getsockname()[1])
    entrance = running.call(running.door.serve_tls_socket, listener, _HOST)
    yield number
    running.loop.call_soon_threadsafe(entrance.close)


def secure(running: RunningDoor, port: int) -> ssl.SSLSocket:
    trusting = ssl.create_default_context(cafile=str(running.door.ca_certificate_path))
    plain = socket.create_connection(("127.0.0.1", port), timeout=60)
    return trusting.wrap_socket(plain, server_hostname=_HOST)


def status_of(client: socket.socket) -> int:
    with http.client.HTTPResponse(client) as answer:
        answer.begin()
        return answer.status


def test_it_answers_as_its_host_alone(running: RunningDoor, port: int) -> None:
    with secure(running, port) as client:
        client.sendall(f"GET /_sagehen/health HTTP/1.1\r\nHost: {_HOST}\r\n\r\n".encode())
        assert status_of(client) == 200
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert b" 400 " in read_all(client).partition(b"\r\n")[0]


# Acts on the platform are for this machine's own programs; no proxy.
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("POST /_sagehen/reset HTTP/1.1\r\nHost: HOST", 403),
        ("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443", 400),
    ],
)
def test_it_leads_nowhere(running: RunningDoor, port: int, asked: str, status: int) -> None:
    with secure(running, port) as client:
        client.sendall(f"{asked.replace('HOST', _HOST)}\r\nContent-Length: 0\r\n\r\n".encode())
        assert status_of(client) == status
