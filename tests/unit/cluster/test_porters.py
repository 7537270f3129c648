"""What is large goes beside the link: there and back, for nobody else, and by processes that end with us."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from sagehen.cluster.executor import offer as offers
from sagehen.cluster.executor import porter as porters
from sagehen.cluster.executor.offer import PorterGone
from sagehen.cluster.executor.passage import LEAST_BYTES
from sagehen.cluster.executor.porter import Porter
from sagehen.cluster.framing import Broken, pieces, send_pieces
from sagehen.cluster.links.beside import Beside
from sagehen.cluster.links.contexts import node_context
from sagehen.cluster.porters.door import Door
from sagehen.cluster.porters.offers import Offer, Work
from sagehen.cluster.porters.platforms import node_of
from sagehen.cluster.trees.cache import Cache
from sagehen.cluster.trees.looking import is_large
from sagehen.cluster.trees.passing import read_tree, write_tree
from sagehen.executors.base import ExitStatus, Mount, SandboxSpec
from tests.unit.executors.conftest import Bench
from tests.waiting import eventually

from .bench import Cluster, has_ended, porters_of
from .keys import Keys

PATIENCE_S = 30.0
TICKET = "0123456789abcdef" * 2
# More than the sockets between two ends hold.
LARGE_BYTES = 16 * 2**20

_WRITE = """
import os
size = os.stat("/in/large").st_size
with open("/out/large", "wb") as file: file.write(open("/in/large", "rb").read()[::-1])
open("/out/small", "w").write(str(size))
"""


@pytest.mark.sandbox
async def test_large_trees_go_beside_the_link_both_ways(
    bench: Bench, cluster: Cluster, tmp_path: Path
) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    for folder in (source, target):
        folder.mkdir()
    content = bytes(range(256)) * (2 * LEAST_BYTES // 256)
    (source / "large").write_bytes(content)
    mounts = (Mount(source, "/in"), Mount(target, "/out", writable=True))

    async def run() -> None:
        sandbox = await bench.start(bench.spec(_WRITE, mounts=mounts))
        assert await asyncio.wait_for(sandbox.wait(), 60) == ExitStatus(0)
        assert (target / "large").read_bytes() == content[::-1]
        assert (target / "small").read_text() == str(len(content))

    assert porters_of(psutil.Process()) == porters_of(cluster.process) == []  # nobody has needed one
    await run()
    (ours,), (theirs,) = porters_of(psutil.Process()), porters_of(cluster.process)
    # Whoever was killed is started again; the next one knows the files that the node has had.
    for each in (ours, theirs):
        each.kill()
        await asyncio.to_thread(eventually, partial(has_ended, each))
    await asyncio.to_thread(eventually, lambda: cluster.executor.porter._writer is None)  # it has noticed
    (source / "large").write_bytes(content)
    await run()
    (ours,), (theirs,) = porters_of(psutil.Process()), porters_of(cluster.process)
    await cluster.executor.porter.close()
    await run()  # a door that is closed costs nothing but the way over the link
    await cluster.kill_node()
    for each in (ours, theirs):
        await asyncio.to_thread(eventually, partial(has_ended, each))


@pytest.mark.sandbox
@pytest.mark.parametrize("whose", ["ours", "theirs"])
async def test_what_a_porter_ends_in_the_middle_of_is_asked_again(
    bench: Bench, cluster: Cluster, tmp_path: Path, whose: str
) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    for folder in (source, target):
        folder.mkdir()
        (folder / "large").write_bytes(bytes(2 * LEAST_BYTES))

    def spec() -> SandboxSpec:
        return bench.spec(_WRITE, mounts=(Mount(source, "/in"), Mount(target, "/out", writable=True)))

    assert await (await bench.start(spec())).wait() == ExitStatus(0)
    of = psutil.Process() if whose == "ours" else cluster.process
    (porter,) = porters_of(of)
    porter.suspend()
    starting = asyncio.create_task(bench.start(spec()))
    # What is writable is offered without a question, and nobody is there to take or bring it.
    await asyncio.to_thread(eventually, lambda: cluster.executor.porter._waiting)
    porter.kill()
    assert await (await asyncio.wait_for(starting, 60)).wait() == ExitStatus(0)
    assert len(porters_of(of)) == 1 and porter not in porters_of(of)


async def test_a_porter_that_ends_each_time_is_not_asked_for_ever(tmp_path: Path) -> None:
    keys, porter, asked = Keys(tmp_path / "tls"), Porter(), 0
    porter.open("127.0.0.1", 0, tmp_path, keys.authority_pem)
    porter.show(*keys.shown)

    async def use(offer: offers.Offer) -> None:
        nonlocal asked
        asked += 1
        (process,) = porters_of(psutil.Process())
        process.kill()
        await asyncio.Event().wait()

    with pytest.raises(PorterGone):
        await asyncio.wait_for(porter.offer("node-1", "write", use, root=str(tmp_path), known=None), 60)
    assert asked == porters._ATTEMPTS
    await porter.close()


class Doors:
    """A door, and who dials it."""

    def __init__(self, folder: Path) -> None:
        self.keys = Keys(folder / "tls")
        self.folder = folder
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        self.door = Door(listener, self.keys.context(), node_of, late_s=0.2)
        self.failures: list[Exception | None] = []
        self.done = threading.Event()

    def offer(self, work: Work, *, is_standing: bool = False) -> None:
        def on_done(failure: Exception | None) -> None:
            self.failures.append(failure)
            self.done.set()

        self.door.offers.add(TICKET, Offer("node-1", work, is_standing=is_standing, on_done=on_done))

    def dial(self, name: str = "node-1", ticket: str = TICKET) -> ssl.SSLSocket:
        self.keys.identity(name, self.folder / name).write()
        connection = Beside("127.0.0.1", self.folder / name).connect(self.port)
        connection.sendall(ticket.encode())
        return connection

    def turns_away(self, dial: Callable[[], ssl.SSLSocket]) -> bool:
        with dial() as connection:
            return _is_turned_away(connection)


def _is_turned_away(connection: socket.socket) -> bool:
    connection.settimeout(PATIENCE_S)
    try:
        return connection.recv(1) == b""
    except OSError:
        return True


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    made = Doors(tmp_path)
    yield made
    made.door.close()


def test_an_offer_is_taken_once_by_whom_it_is_for(doors: Doors) -> None:
    doors.offer(lambda connection: send_pieces(connection, [b"for node-1"]))
    assert doors.turns_away(lambda: doors.dial("node-2"))
    assert doors.turns_away(lambda: doors.dial(ticket="f" * len(TICKET)))
    with doors.dial() as node:
        assert list(pieces(node)) == [b"for node-1"]
        node.sendall(b"+")
        assert doors.done.wait(PATIENCE_S)
    assert doors.failures == [None]
    assert doors.turns_away(doors.dial)


def test_who_dials_before_the_offer_is_heard_of_waits_for_it(doors: Doors) -> None:
    doors.door.offers._late_s = PATIENCE_S
    with doors.dial() as node:
        doors.offer(lambda connection: connection.sendall(b"!"))
        assert node.recv(1) == b"!"


def test_a_standing_offer_is_good_until_it_is_withdrawn(doors: Doors) -> None:
    def echo(connection: socket.socket) -> None:
        while data := connection.recv(100):
            connection.sendall(data)

    doors.offer(echo, is_standing=True)
    with doors.dial() as first, doors.dial() as second:
        for each in (first, second):
            each.sendall(b"hello")
            assert each.recv(100) == b"hello"
        doors.door.offers.withdraw(TICKET)
        assert _is_turned_away(first) and _is_turned_away(second)
    assert doors.turns_away(doors.dial)


def test_who_has_no_certificate_stays_outside(doors: Doors) -> None:
    context = node_context(doors.keys.authority_pem)
    doors.offer(lambda connection: connection.sendall(b"!"))
    with (
        socket.create_connection(("127.0.0.1", doors.port)) as raw,
        context.wrap_socket(raw) as stranger,
    ):
        with contextlib.suppress(OSError):
            stranger.sendall(TICKET.encode())
        assert _is_turned_away(stranger)
    assert not doors.done.is_set()


def test_a_tree_that_breaks_off_is_not_put_in_place(doors: Doors, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "there" / "tree"
    source.mkdir()
    target.parent.mkdir()
    (source / "large").write_bytes(bytes(LARGE_BYTES))
    doors.offer(partial(write_tree, root=source))
    with doors.dial() as node:
        assert node.recv(1)
        # Whoever waits for it gives up in the middle: the far side reads nothing meanwhile.
        doors.door.offers.withdraw(TICKET)
        with pytest.raises(OSError):
            read_tree(node, target, 2 * LARGE_BYTES)
    assert doors.done.wait(PATIENCE_S) and isinstance(doors.failures[0], OSError)
    assert list(target.parent.iterdir()) == []


def test_a_tree_that_is_refused_is_known_to_be_on_both_sides(doors: Doors, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "there" / "tree"
    source.mkdir()
    target.parent.mkdir()
    (source / "file").write_bytes(bytes(5000))
    doors.offer(partial(write_tree, root=source))
    with doors.dial() as node, pytest.raises(OSError, match="too large"):
        read_tree(node, target, 4999, Cache(tmp_path / "cache", 10**6))
    assert doors.done.wait(PATIENCE_S) and isinstance(doors.failures[0], Broken | OSError)
    assert list(target.parent.iterdir()) == []


def test_what_lies_in_a_tree_is_told_without_following_links(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "inner").mkdir(parents=True)
    (tmp_path / "outside").write_bytes(bytes(10_000))
    (tree / "link").symlink_to(tmp_path / "outside")
    (tree / "folder").symlink_to(tmp_path)
    (tree / "inner" / "file").write_bytes(bytes(1000))
    assert is_large(tree, "", 1000) and not is_large(tree, "", 1001)
    assert is_large(tree, "inner", 1000) and not is_large(tree, "folder", 1)
    assert not is_large(tree, "gone", 0) and is_large(tmp_path / "outside", "", 10_000)
