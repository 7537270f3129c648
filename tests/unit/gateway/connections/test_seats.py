"""No client takes the connections of another: seats per sandbox, within those of all of them."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sagehen.gateway.connections.seats import Seats
from tests.unit.gateway.talking import HEALTH, dial, exchange, read_all
from tests.waiting import eventually

from ..conftest import RunningDoor, run_door
from .test_large_answers import read_answer


def test_rooms_within_rooms() -> None:
    house = Seats(3)
    first, second = Seats(2, within=house), Seats(2, within=house)
    taken = [first.take(), first.take()]
    assert first.take() is None
    last = second.take()
    assert last is not None
    assert second.take() is None  # its own are not all taken: the house's are
    for seat in (*taken, *taken, last):
        assert seat is not None
        seat.leave()
    assert (house.taken, first.taken, second.taken) == (0, 0, 0)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[RunningDoor]:
    yield from run_door(
        tmp_path, max_connections=16, max_sandbox_connections=4, tunnel_idle_s=1.0, header_timeout_s=60.0
    )


Doors = Callable[[], int]


@pytest.fixture
def sandbox_door(door: RunningDoor) -> Iterator[Doors]:
    """A function that opens one more sandbox's door and returns its port."""
    with contextlib.ExitStack() as opened:

        def make() -> int:
            listener = socket.create_server(("127.0.0.1", 0))
            server = door.call(door.door.serve_socket, listener, from_sandbox=True)
            opened.callback(door.loop.call_soon_threadsafe, server.close)
            return int(listener.getsockname()[1])

        yield make


def knock(port: int, sent: bytes = b"") -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=60)
    client.sendall(sent)
    return client


def free_again(door: RunningDoor) -> bool:
    deadline = time.monotonic() + 30
    while door.door.seats.taken and time.monotonic() < deadline:
        time.sleep(0.02)
    return door.door.seats.taken == 0


# Silent, a proxy request that never ends, one whose TLS never begins, and one behind its TLS.
@pytest.mark.parametrize(
    "sent",
    [b"", b"CONNECT exam", b"GET http://exam", b"CONNECT sts.amazonaws.com:443 HTTP/1.1\r\n\r\n"],
)
def test_a_sandbox_has_so_many_and_no_more(door: RunningDoor, sandbox_door: Doors, sent: bytes) -> None:
    port, neighbour = sandbox_door(), sandbox_door()
    held = [knock(port, sent) for _ in range(4)]
    eventually(lambda: door.door.seats.taken == 4)
    with knock(port) as one_more:
        assert read_all(one_more).startswith(b"HTTP/1.1 503")
    assert exchange(door, HEALTH[:-2] + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200")
    with knock(neighbour, HEALTH[:-2] + b"Connection: close\r\n\r\n") as other:
        assert read_all(other).startswith(b"HTTP/1.1 200")
    for client in held:
        client.close()
    assert free_again(door)
    with knock(port, HEALTH[:-2] + b"Connection: close\r\n\r\n") as later:
        assert read_all(later).startswith(b"HTTP/1.1 200")


def test_all_sandboxes_together_leave_a_quarter(door: RunningDoor, sandbox_door: Doors) -> None:
    held = [knock(sandbox_door()) for _ in range(4)]
    ports = [client.getpeername()[1] for client in held]
    held += [knock(port) for port in ports for _ in range(3)]
    eventually(lambda: door.door.seats.taken == 12)
    held += [dial(door) for _ in range(3)]
    assert exchange(door, HEALTH[:-2] + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200")
    for client in held:
        client.close()
    assert free_again(door)


def test_a_seat_is_free_after_tls(door: RunningDoor, sandbox_door: Doors) -> None:
    context = ssl.create_default_context(cafile=str(door.door.ca_certificate_path))
    client = knock(sandbox_door(), b"CONNECT sts.amazonaws.com:443 HTTP/1.1\r\n\r\n")
    assert b"200" in client.recv(4096)
    with context.wrap_socket(client, server_hostname="sts.amazonaws.com") as inner:
        inner.sendall(HEALTH)
        assert inner.recv(4096).startswith(b"HTTP/1.1 200")
        assert door.door.seats.taken == 1
    assert free_again(door)


def test_a_tunnel_keeps_its_seat_until_its_far_end_is_gone(door: RunningDoor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as far:
        client = dial(door)
        client.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % far.getsockname()[1])
        accepted, _ = far.accept()
        with accepted, client:
            assert b"200" in client.recv(4096)
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:  # more than anybody reads: the far end cannot be closed politely
                    client.send(b"x" * 65536)
                    time.sleep(0.001)
            client.close()
            time.sleep(0.3)
            assert door.door.seats.taken == 1
            assert free_again(door)  # tunnel_idle_s later


def test_who_wants_something_takes_the_place_of_the_longest_idle(
    door: RunningDoor, sandbox_door: Doors
) -> None:
    port = sandbox_door()
    idle = []
    for _ in range(4):
        idle.append(knock(port, HEALTH))
        read_answer(idle[-1])
    with knock(port, HEALTH[:-2] + b"Connection: close\r\n\r\n") as later:
        assert read_all(later).startswith(b"HTTP/1.1 200")
    assert read_all(idle[0]) == b""
    for kept in idle[1:]:
        kept.sendall(HEALTH)
        read_answer(kept)
    # A full house: whoever started the sandboxes takes a place of theirs, never the other way round.
    outside = [dial(door) for _ in range(13)]
    for client in outside:
        client.sendall(HEALTH)
        read_answer(client)
    assert exchange(door, HEALTH[:-2] + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200")
    assert read_all(idle[1]) == b""
    for client in (*idle, *outside):
        client.close()
    assert free_again(door)
