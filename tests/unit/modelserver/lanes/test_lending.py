"""Connections that workers serve by themselves: callers see no difference, whatever happens."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.unit.modelserver.conftest import Server
from tests.waiting import eventually

CODE = """
    import os, time

    NEW = "X-Amzn-SageMaker-New-Session-Id"

    def model_fn(model_dir):
        return None

    def transform_fn(model, data, content_type, accept, context):
        if data == b"die":
            os.kill(os.getpid(), 9)
        if data == b"hang":
            time.sleep(120)
        if data == b"session":
            context.set_response_header(0, NEW, "s1; Expires=2999-01-01T00:00:00Z")
        if data == b"stream":
            return (part for part in (b"a", b"b", b"c")), "text/event-stream"
        if data == b"large":
            return b"x" * 8_000_000, "application/octet-stream"
        return b"%d %d" % (os.getpid(), len(data)), "application/octet-stream"
"""

HEAD = (
    b"POST /invocations HTTP/1.1\r\nhost: m\r\nuser-agent: caller\r\n"
    b"content-type: application/octet-stream\r\ncontent-length: %d\r\n\r\n"
)


class Caller:
    """One kept connection, whose requests are written in one piece, as the router writes them."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(str(path))

    def send(self, body: bytes) -> None:
        self.socket.sendall(HEAD % len(body) + body)

    def read(self) -> tuple[int, bytes]:
        response = http.client.HTTPResponse(self.socket, method="POST")
        response.begin()
        return response.status, response.read()

    def ask(self, body: bytes = b"plain") -> tuple[int, bytes]:
        self.send(body)
        return self.read()

    def worker(self) -> int:
        """Return the worker that answers."""
        status, body = self.ask()
        assert status == 200
        return int(body.split()[0])


Open = Callable[[Server, int], list[Caller]]


@pytest.fixture
def lent() -> Iterator[Open]:
    callers: list[Caller] = []

    def open_callers(server: Server, count: int) -> list[Caller]:
        """Return connections that have been lent, evenly."""
        opened = [Caller(server.socket) for _ in range(count)]
        callers.extend(opened)

        def are_lent() -> bool:
            for caller in opened:
                caller.worker()
            held = lanes(server).values()
            return sum(held) >= count and max(held) - min(held) <= 1

        eventually(are_lent)
        return opened

    yield open_callers
    for caller in callers:
        caller.socket.close()


def lanes(server: Server) -> dict[int, int]:
    """Return how many connections each worker holds: sockets other than its two to the front."""
    workers = psutil.Process(server.process.pid).children(recursive=True)
    return {worker.pid: max(0, sockets(worker.pid) - 2) for worker in workers}


def sockets(pid: int) -> int:
    """Return how many a process has, 0 where it has just ended."""
    count = 0
    with contextlib.suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                count += os.readlink(entry).startswith("socket:")
    return count


def test_connections_are_spread_evenly_and_serve_on_when_a_request_is_unusual(
    start_server: Any, lent: Open
) -> None:
    server = start_server(CODE, SAGEHEN_CPUS="2")
    callers = lent(server, 4)
    assert sorted(lanes(server).values()) == [2, 2]
    first = callers[0]
    first.socket.sendall(b"GET /ping HTTP/1.1\r\nhost: m\r\n\r\n")
    assert first.read() == (200, b"\n")
    callers[1].socket.sendall(HEAD % 300_000 + b"x" * 299_999)
    callers[1].socket.sendall(b"x")
    assert callers[1].read()[1].split()[1] == b"300000"
    # Two at once: a worker reads both and leaves them to the front.
    callers[2].socket.sendall(2 * (HEAD % 1 + b"x"))
    received = b""
    while received.count(b"HTTP/1.1 200 OK") < 2 or not received.endswith(b" 1"):
        received += callers[2].socket.recv(65536)
    # More than the socket holds, read late.
    callers[3].send(b"large")
    assert first.worker()
    assert callers[3].read() == (200, b"x" * 8_000_000)
    assert callers[3].worker()
    eventually(lambda: server.log().count('"POST /invocations HTTP/1.1" 200 8000000 "-" "caller"') == 1)


def test_a_worker_that_ends_costs_the_request_that_ended_it(start_server: Any, lent: Open) -> None:
    server = start_server(CODE, SAGEMAKER_MODEL_SERVER_WORKERS="1", SAGEMAKER_MODEL_SERVER_TIMEOUT="1")
    callers = lent(server, 3)
    assert callers[0].ask(b"die") == (503, b"Worker died.")
    for caller in callers[1:]:
        caller.send(b"plain")  # before there is another worker
    assert [caller.read()[0] for caller in callers[1:]] == [200, 200]
    eventually(lambda: callers[0].worker() and any(lanes(server).values()))
    callers[0].send(b"hang")
    callers[1].send(b"plain")
    status, reason = callers[0].read()
    assert status == 504 and b"SAGEMAKER_MODEL_SERVER_TIMEOUT" in reason
    assert callers[1].read()[0] == 200


@pytest.mark.parametrize("what", [b"stream", b"session"])
def test_streams_and_sessions_end_the_lending(start_server: Any, lent: Open, what: bytes) -> None:
    server = start_server(CODE, SAGEHEN_CPUS="2")
    callers = lent(server, 2)
    status, body = callers[0].ask(what)
    assert status == 200 and (body == b"abc" or what == b"session")
    assert all(caller.worker() for caller in callers)
    eventually(lambda: not any(lanes(server).values()))
    assert all(caller.worker() for caller in callers for _ in range(20))
    assert not any(lanes(server).values())


def test_the_end_loses_no_request(start_server: Any, lent: Open) -> None:
    server = start_server(CODE, SAGEHEN_CPUS="2")
    callers = lent(server, 4)
    broken: list[str] = []

    def ask_on(caller: Caller) -> None:
        while True:
            try:
                caller.send(b"plain")
            except OSError:
                return
            try:
                status, body = caller.read()
            except OSError as error:
                # Reset: closed with the request unread. A mere end would mean that it was read and lost.
                if type(error) is not ConnectionResetError:
                    broken.append(repr(error))
                return
            if status != 200:
                broken.append(f"{status} {body!r}")
                return

    threads = [threading.Thread(target=ask_on, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    server.process.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join(60)
    assert server.process.wait(35) == 0
    assert not broken
