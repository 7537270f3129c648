"""Answers from large files: through the kernel on plain connections, read ahead of the client on others."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import http.client
import logging
import os
import random
import select
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sagehen.gateway.connections.descriptors import Descriptors
from tests.unit.gateway.talking import HEALTH, dial, read_all

from ..conftest import RunningDoor, make_door, run_door

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sendfile(2) as Linux has it")

SIZE = 20_000_000
CONTENT = random.Random(7).randbytes(SIZE)
SIZES = [1, 65_536, 65_537, 262_143, 262_144, 300_000, 1_000_000, 8_388_609, SIZE]


@pytest.fixture(scope="module", params=["uvloop", "asyncio"])
def looped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    folder = tmp_path_factory.mktemp("large")
    (folder / "file").write_bytes(CONTENT)
    (folder / "file-empty").write_bytes(b"x")  # slices begin at 1
    yield from run_door(folder, uv=request.param == "uvloop")


@pytest.fixture(params=["uvloop", "asyncio"])
def impatient(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningDoor]:
    (tmp_path / "file").write_bytes(CONTENT)
    yield from run_door(tmp_path, uv=request.param == "uvloop", write_stall_s=0.5)


@pytest.fixture
def sendfiles(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The results of os.sendfile, as they come."""
    results: list[int] = []
    sendfile = os.sendfile

    def noted(*arguments: Any) -> int:
        results.append(sendfile(*arguments))
        return results[-1]

    monkeypatch.setattr(os, "sendfile", noted)
    return results


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def watched_but_closed() -> set[int]:
    """Numbers that an event loop still watches and nobody has open: their events would never end."""
    watched, opened = set(), {int(name) for name in os.listdir("/proc/self/fd")}
    for number in opened:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/self/fdinfo/{number}").read_text().splitlines():
                if line.startswith("tfd:"):
                    watched.add(int(line.split()[1]))
    return watched - opened


def wait_until(ready: Callable[[], object], seconds: float = 30.0) -> bool:
    until = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def get(first: int, last: int, extra: str = "", key: str = "file") -> bytes:
    line = f"GET /public/{key} HTTP/1.1\r\nHost: h\r\nRange: bytes={first}-{last}\r\n{extra}\r\n"
    return line.encode()


def read_answer(client: socket.socket) -> bytes:
    """Read one answer and no byte of the next."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += client.recv(1)
    assert head.startswith(b"HTTP/1.1 200"), head
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    body = bytearray()
    while len(body) < length:
        piece = client.recv(min(length - len(body), 1 << 20))
        assert piece, f"the answer ends after {len(body)} of {length} bytes"
        body += piece
    return bytes(body)


def begin(
    running: RunningDoor, request: bytes, receive_buffer: int | None = None, port: int | None = None
) -> socket.socket:
    client = socket.socket()
    if receive_buffer is not None:  # segments that are small beside it, or loopback's 64 kB would wait
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1460)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(10)
    client.connect(("127.0.0.1", port or running.port))
    client.sendall(request)
    return client


def test_sizes_and_ranges_on_one_connection(looped: RunningDoor, sendfiles: list[int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", looped.port, timeout=60)
    local = None
    ranges = [(first, size) for size in SIZES for first in (0, 4095, SIZE - size) if first + size <= SIZE]
    for first, size in ranges:
        sendfiles.clear()
        connection.request("GET", "/public/file", headers={"Range": f"bytes={first}-{first + size - 1}"})
        answer = connection.getresponse()
        assert answer.read() == CONTENT[first : first + size]
        # If this fails after an update of uvicorn, look at Connection.send_file: all went the slow way.
        around = size if size >= 262_144 else 0
        assert wait_until(lambda: sum(sendfiles) == around)  # noqa: B023
        assert local in (None, connection.sock.getsockname())
        local = connection.sock.getsockname()
    connection.request("GET", "/public/file-empty")
    assert connection.getresponse().read() == b""
    connection.request("GET", "/_sagehen/health")
    assert connection.getresponse().status == 200
    assert wait_until(lambda: not watched_but_closed())  # while the connection is open: its end hides them
    connection.close()


def test_pipelined_answers_in_order(looped: RunningDoor, sendfiles: list[int]) -> None:
    looped.objects.stored["public", "memory"] = CONTENT[:4_000_000]
    memory = b"GET /public/memory HTTP/1.1\r\nHost: h\r\n\r\n"
    with dial(looped) as client:
        client.sendall(
            memory + get(0, 4_999_999) + get(3, 3) + HEALTH + get(5, SIZE - 1) + memory + get(7, 999_999)
        )
        time.sleep(0.3)  # the first is more than the kernel takes: it waits in the transport's buffer
        assert read_answer(client) == CONTENT[:4_000_000]
        assert read_answer(client) == CONTENT[:5_000_000]
        assert read_answer(client) == CONTENT[3:4]
        assert b'"services"' in read_answer(client)
        assert read_answer(client) == CONTENT[5:]
        assert read_answer(client) == CONTENT[:4_000_000]
        assert read_answer(client) == CONTENT[7:1_000_000]
    assert wait_until(lambda: sum(sendfiles) == 5_000_000 + SIZE - 5 + 999_993)


def test_what_the_transport_holds_goes_first(looped: RunningDoor, sendfiles: list[int]) -> None:
    looped.objects.stored["public", "memory"] = CONTENT[:60_000]
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)  # so that 60 kB are too much at once
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = looped.call(looped.door.serve_socket, listener, from_sandbox=True)
    request = b"GET /public/memory HTTP/1.1\r\nHost: h\r\n\r\n" + get(0, 999_999)
    with begin(looped, request, receive_buffer=8192, port=port) as client:
        assert wait_until(lambda: looped.door.hall.server_state.connections)
        [connection] = looped.door.hall.server_state.connections
        assert wait_until(connection.transport.get_write_buffer_size)
        assert connection.transport.get_write_buffer_size() < 65_536
        assert not sendfiles
        assert read_answer(client) == CONTENT[:60_000]
        assert read_answer(client) == CONTENT[:1_000_000]
    assert wait_until(lambda: sum(sendfiles) == 1_000_000)
    looped.loop.call_soon_threadsafe(server.close)


def test_half_closed_client(looped: RunningDoor) -> None:
    with begin(looped, get(0, SIZE - 1)) as client:
        client.shutdown(socket.SHUT_WR)
        time.sleep(0.2)
        answer = read_all(client)
    assert answer.endswith(CONTENT)


def test_connection_close(looped: RunningDoor) -> None:
    with begin(looped, get(0, SIZE - 1, "Connection: close\r\n")) as client:
        assert read_all(client).endswith(CONTENT)


def test_clients_that_go_away(looped: RunningDoor, caplog: pytest.LogCaptureFixture) -> None:
    wait_until(lambda: not looped.door.hall.server_state.connections)
    before = descriptors()
    with caplog.at_level(logging.WARNING):
        for number in range(40):
            client = begin(looped, get(0, SIZE - 1) * (1 + number % 2))
            if number % 3:
                client.recv(1 << (number % 20))
            if number % 4 == 3:
                client.shutdown(socket.SHUT_WR)
            if number % 2:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
            client.close()
        assert wait_until(lambda: not looped.door.hall.server_state.connections)
        assert wait_until(lambda: not looped.door.hall.server_state.tasks)
    assert wait_until(lambda: descriptors() == before), (before, descriptors())
    assert not caplog.records


def test_waiting_for_readers_holds_no_thread(looped: RunningDoor) -> None:
    clients = [begin(looped, get(0, SIZE - 1)) for _ in range(40)]  # more than the executor has threads
    assert wait_until(lambda: len(looped.door.hall.server_state.connections) == 40)
    with begin(looped, get(0, SIZE - 1)) as quick:
        quick.settimeout(30)
        assert read_answer(quick) == CONTENT
    for client in clients[::8]:
        assert read_answer(client) == CONTENT
    for client in clients:
        client.close()


def test_deleted_under_way(looped: RunningDoor) -> None:
    path = looped.objects.folder / "file-gone"
    path.write_bytes(CONTENT)
    with begin(looped, get(0, SIZE - 1, key="file-gone"), receive_buffer=65536) as client:
        client.recv(10)
        path.unlink()
        client.shutdown(socket.SHUT_WR)
        assert read_all(client).endswith(CONTENT)


def test_truncated_under_way(looped: RunningDoor, caplog: pytest.LogCaptureFixture) -> None:
    path = looped.objects.folder / "file-short"
    path.write_bytes(CONTENT)
    with begin(looped, get(0, SIZE - 1, key="file-short"), receive_buffer=65536) as client:
        client.recv(10)
        os.truncate(path, SIZE // 2)
        assert len(read_all(client)) < SIZE
    assert "SliceTruncated" in caplog.text


def test_shorter_than_promised(looped: RunningDoor, caplog: pytest.LogCaptureFixture) -> None:
    with begin(looped, get(0, SIZE + 999)) as client:
        assert len(read_all(client)) < SIZE + 1000
    assert "SliceTruncated" in caplog.text


@pytest.mark.parametrize("calls", [0, 1])
def test_file_systems_without_sendfile(
    looped: RunningDoor, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sendfile, done = os.sendfile, []

    def unable(out: int, file: int, offset: int, count: int) -> int:
        if len(done) >= calls:
            raise OSError(errno.EINVAL, "Invalid argument")
        done.append(1)
        return sendfile(out, file, offset, min(count, 100_000))

    monkeypatch.setattr(os, "sendfile", unable)
    with begin(looped, get(0, SIZE - 1) + HEALTH) as client:
        assert read_answer(client) == CONTENT
        assert read_answer(client)


def test_no_descriptors_left(looped: RunningDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(number: int) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(os, "dup", refuse)
    with begin(looped, get(0, SIZE - 1)) as client:
        assert read_answer(client) == CONTENT


def test_tls(looped: RunningDoor, sendfiles: list[int]) -> None:
    context = ssl.create_default_context(cafile=str(looped.door.ca_certificate_path))
    with dial(looped) as client:
        client.sendall(b"CONNECT s3.us-east-1.amazonaws.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        with context.wrap_socket(client, server_hostname="s3.us-east-1.amazonaws.com") as secure:
            for first, size in [(0, SIZE), (3, 65_537), (9, 524_288), (9, 524_289), (0, 1_048_576)]:
                secure.sendall(get(first, first + size - 1))
                assert read_answer(secure) == CONTENT[first : first + size]
    assert not sendfiles


def test_slow_reader_is_served(impatient: RunningDoor) -> None:
    with begin(impatient, get(0, SIZE - 1), receive_buffer=65536) as client:
        got = b""
        until = time.monotonic() + 4  # eight times as long as a client may stand still
        while time.monotonic() < until:
            got += client.recv(20_000)
            time.sleep(0.05)
        assert len(got) < SIZE / 4
        client.shutdown(socket.SHUT_WR)
        assert (got + read_all(client)).endswith(CONTENT)


def test_reader_that_does_not_read(impatient: RunningDoor) -> None:
    before = descriptors()
    with contextlib.ExitStack() as stack:
        clients = [
            stack.enter_context(contextlib.closing(begin(impatient, get(0, SIZE - 1)))) for _ in range(3)
        ]
        for client in clients:  # its answer has begun; how many still stand at one moment depends on the load
            assert select.select([client], [], [], 10)[0]
        assert wait_until(lambda: not impatient.door.hall.server_state.connections, 60)
        for client in clients:
            assert len(read_all(client)) < SIZE
    assert wait_until(lambda: descriptors() <= before)


@pytest.mark.parametrize("reads", [True, False])
async def test_stop_under_way(tmp_path: Path, reads: bool) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    before = descriptors()
    door, *_ = make_door(tmp_path)
    port = await door.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(get(0, SIZE - 1))
    await reader.read(1000)
    stopping = asyncio.create_task(door.stop(3.0 if reads else 0.3))
    if reads:
        assert (await asyncio.wait_for(reader.read(), 60)).endswith(CONTENT[1000:])
    await asyncio.wait_for(stopping, 60)
    with contextlib.suppress(ConnectionResetError):
        rest = await asyncio.wait_for(reader.read(), 60)
        assert len(rest) < SIZE
    writer.close()
    async with asyncio.timeout(60):
        while descriptors() > before + 1:  # the loop's executor may have been made
            await asyncio.sleep(0.01)


async def test_descriptors_outlive_their_calls(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    number = os.open(tmp_path / "file", os.O_RDONLY)
    owner, go, read = Descriptors(number), threading.Event(), []

    def late() -> None:
        go.wait(5)
        read.append(os.pread(number, 3, 0))

    call = owner.call(late)
    await asyncio.sleep(0.01)
    call.cancel()
    owner.close()
    os.fstat(number)  # still open: the thread has it
    go.set()
    async with asyncio.timeout(60):
        while not read:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert read == [b"abc"]
    with pytest.raises(OSError):
        os.fstat(number)
