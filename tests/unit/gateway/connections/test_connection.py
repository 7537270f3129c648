"""Slow, broken and greedy clients."""

from __future__ import annotations

import re
import socket
import threading
import time

import pytest

from tests.unit.gateway.conftest import RunningDoor
from tests.unit.gateway.signatures.test_signatures import send
from tests.unit.gateway.talking import HEALTH, dial, exchange, read_all
from tests.waiting import eventually


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
def test_oversized_headers(narrow: RunningDoor, where: str, last: bytes) -> None:
    head = {
        "value": b"GET / HTTP/1.1\r\nHost: h\r\nX-Big: " + b"x" * 20_000,
        "many": b"GET / HTTP/1.1\r\nHost: h" + b"\r\nX-Header: 0123456789" * 1000,
        "path": b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: h",
    }[where]
    with dial(narrow) as client:
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


def test_a_body_that_stalls_after_a_good_start_is_broken_off(hasty: RunningDoor) -> None:
    """What came early buys no time: 200 kB would be 195 s at the least rate."""
    with dial(hasty) as client:
        client.sendall(put_head(1_000_000) + b"x" * 200_000)
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


def test_connection_limit(narrow: RunningDoor) -> None:
    clients = [dial(narrow) for _ in range(8)]
    eventually(lambda: narrow.door.seats.taken == 8)
    with dial(narrow) as one_more:
        assert read_all(one_more).startswith(b"HTTP/1.1 503")
    for client in clients:
        client.close()
    eventually(lambda: narrow.door.seats.taken == 0)
    assert exchange(narrow, HEALTH[:-2] + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_head_has_no_body(running: RunningDoor) -> None:
    answer = exchange(running, b"HEAD /private/k HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert answer.endswith(b"\r\n\r\n")


def test_patient_slow_reader_gets_everything(running: RunningDoor) -> None:
    (running.objects.folder / "file-slow").write_bytes(b"z" * 3_000_000)
    with dial(running) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.sendall(b"GET /public/file-slow HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        got = 0
        while piece := client.recv(200_000):
            got += len(piece)
            time.sleep(0.01)
    assert got > 2_999_999


def test_many_requests_at_once(running: RunningDoor) -> None:
    statuses: list[int] = []

    def work(number: int) -> None:
        for _ in range(20):
            status, _ = send(running, "PUT", f"/public/{number}", {}, b"%d" % number * 1000)
            statuses.append(status)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 160
    assert all(running.objects.stored["public", str(n)] == b"%d" % n * 1000 for n in range(8))


def test_pipelined_garbage_does_not_spoil_the_answer_before(running: RunningDoor) -> None:
    with dial(running) as client:
        client.sendall(HEALTH + b"\x00\x01garbage\r\n\r\n")
        assert read_all(client).startswith(b"HTTP/1.1 200")
    assert exchange(running, HEALTH[:-2] + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200")
