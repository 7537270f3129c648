"""A node: its network, its sockets, and what becomes of its sandboxes when something goes."""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from sagehen.executors.base import ExitStatus, Mount, Network
from sagehen.executors.wire import address_of, why_none
from tests.unit.executors.conftest import PLATFORM_PORT, Bench

from .bench import NODE, Cluster

pytestmark = pytest.mark.sandbox

_SERVE = f"""
import socket, sys, threading
def answer(listener):
    while True:
        connection, _ = listener.accept()
        connection.sendall(connection.recv(100).upper()); connection.close()
port = socket.create_server(("127.0.0.1", 7000))
named = socket.socket(socket.AF_UNIX); named.bind("/run/box/server.sock"); named.listen()
for listener in (port, named): threading.Thread(target=answer, args=(listener,), daemon=True).start()
door = socket.create_connection(("127.0.0.1", {PLATFORM_PORT})); print(door.makefile().read())
open("/run/box/kept", "w").write("1")
print("up", flush=True); threading.Event().wait()
"""


async def test_its_network_its_sockets_and_its_folders_are_reached_from_here(
    bench: Bench, tmp_path: Path
) -> None:
    (tmp_path / "role").mkdir()
    (tmp_path / "box").mkdir()
    spec = replace(
        bench.spec(
            _SERVE,
            network=Network("net-1"),
            mounts=(
                Mount(tmp_path / "box", "/run/box", writable=True, kept=False),
                Mount(tmp_path / "role", "/role", renewed=True),
            ),
        ),
        sockets=(tmp_path / "box" / "server.sock",),
    )
    sandbox = await bench.start(spec)
    await bench.line(spec.name, "up")
    assert "stdout: the platform" in bench.lines[spec.name]  # by the door, over the link
    connection = await bench.executor.connect("net-1", 7000)
    assert await _asked(connection, b"port") == b"PORT"
    with pytest.raises(OSError):
        await bench.executor.connect("net-1", 7001)
    named = socket.socket(socket.AF_UNIX)
    named.setblocking(False)
    folder = os.open(tmp_path / "box", os.O_RDONLY)
    named.connect(f"/proc/self/fd/{folder}/server.sock")
    os.close(folder)
    assert await _asked(named, b"named") == b"NAMED"
    assert psutil.pid_exists(sandbox.pid) is False  # nobody else's process is meant
    assert (await sandbox.kill()).code == 137
    assert not (tmp_path / "box" / "kept").exists()
    assert not (tmp_path / "box" / "server.sock").exists()


async def _asked(connection: socket.socket, text: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    with connection:
        await loop.sock_sendall(connection, text)
        return await asyncio.wait_for(loop.sock_recv(connection, 100), 20)


_MEET = """
import socket, sys, time
own, other = sys.argv[1:]
def reached():
    while True:
        try: return socket.create_connection((other, 7000))
        except ConnectionRefusedError: time.sleep(0.05)
if own == "algo-1":
    with socket.create_server((own, 7000)) as server: met, _ = server.accept()
else: met = reached()
peer = met.getpeername()[0]  # a connection that both have ended has none
met.sendall(own.encode() * 10_000); met.shutdown(socket.SHUT_WR)
print(peer, met.makefile().read() == other * 10_000, flush=True)
"""


async def test_two_machines_have_one_network(bench: Bench, cluster: Cluster) -> None:
    """The platform's own and a node: neither has a link to the other but the platform's."""
    if (why := why_none()) is not None:
        pytest.skip(why)
    hosts = {f"algo-{number}": address_of(number) for number in (1, 2)}
    network = Network("job-1", hosts, places={hosts["algo-1"]: None, hosts["algo-2"]: bench.node})
    specs = [
        bench.spec(_MEET, *names, hostname=names[0], network=network)
        for names in (("algo-1", "algo-2"), ("algo-2", "algo-1"))
    ]
    started = [await bench.start(replace(specs[0], node=None)), await bench.start(specs[1])]
    assert [await asyncio.wait_for(sandbox.wait(), 60) for sandbox in started] == [ExitStatus(0)] * 2
    for spec, address in zip(specs, ("10.77.0.2", "10.77.0.1"), strict=True):
        assert bench.lines[spec.name] == [f"stdout: {address} True"]
    hub = cluster.executor._wires._hub
    async with asyncio.timeout(60):
        while hub._networks:  # it is gone with its last host
            await asyncio.sleep(0.01)


_COUNT = "import time\nfor i in range(40): print(i, flush=True); time.sleep(0.02)"


async def test_a_cut_link_costs_no_line_and_no_process(bench: Bench, cluster: Cluster) -> None:
    sandbox = await bench.start(spec := bench.spec(_COUNT))
    await bench.line(spec.name, "stdout: 3")
    assert cluster.link is not None
    cluster.link.cut()
    await asyncio.sleep(0.2)
    await cluster.relink()
    assert await asyncio.wait_for(sandbox.wait(), 60) == ExitStatus(0)
    assert bench.lines[spec.name] == [f"stdout: {i}" for i in range(40)]


_WAIT = "print('up', flush=True); import time; time.sleep(600)"


@pytest.mark.parametrize("cluster", [1.0], indirect=True)
async def test_a_node_that_dies_loses_what_ran_there_and_can_come_back(
    bench: Bench, cluster: Cluster
) -> None:
    sandbox = await bench.start(spec := bench.spec(_WAIT))
    await bench.line(spec.name, "up")
    children = cluster.process.children(recursive=True)
    await cluster.kill_node()
    status = await asyncio.wait_for(sandbox.wait(), 60)
    assert status.is_lost and status.code == 137
    assert not psutil.wait_procs(children, timeout=60)[1]  # whoever is killed takes its sandboxes along
    assert (await (await bench.start(bench.spec("print(1)"))).wait()).is_lost
    await cluster.start_node()
    assert (await bench.run("print(1)"))[0] == ExitStatus(0)


@pytest.mark.parametrize("cluster", [0.5], indirect=True)
async def test_a_node_alone_for_too_long_ends_what_it_runs(bench: Bench, cluster: Cluster) -> None:
    sandbox = await bench.start(spec := bench.spec(_WAIT))
    await bench.line(spec.name, "up")
    boxed = [each for each in cluster.process.children(recursive=True) if each.name().startswith("python")]
    assert boxed
    assert cluster.link is not None
    cluster.link.cut()
    cluster.process.send_signal(10)  # SIGUSR1: the node hears of it, too
    assert (await asyncio.wait_for(sandbox.wait(), 60)).is_lost
    assert not psutil.wait_procs(boxed, timeout=60)[1]


async def test_what_another_life_of_the_platform_left_is_ended(bench: Bench, cluster: Cluster) -> None:
    sandbox = await bench.start(spec := bench.spec(_WAIT))
    await bench.line(spec.name, "up")
    node = cluster.executor.nodes["node-1"]
    node._life = "the next"
    await cluster.relink()
    assert (await asyncio.wait_for(sandbox.wait(), 60)).code == 137
    assert list((cluster.node_folder / "boxes").glob("[0-9a-f]" * 20)) == []


_LEAVE = """
import os, shutil
os.makedirs("/opt/ml/out/deep"); open("/opt/ml/out/deep/x", "w").write("x")
open("/opt/ml/in/data", "w").write("changed")
shutil.rmtree("/opt/ml/gone"); os.symlink("/etc", "/opt/ml/gone")
"""


async def test_of_a_folder_what_is_wanted_comes_back(bench: Bench, tmp_path: Path) -> None:
    ml = tmp_path / "opt_ml"
    for name in ("in", "out", "gone"):
        (ml / name).mkdir(parents=True)
        (ml / name / "data").write_text("as it was")
    spec = bench.spec(_LEAVE, mounts=(Mount(ml, "/opt/ml", writable=True),))
    sandbox = await bench.start(replace(spec, wanted=(ml / "out", ml / "gone")))
    assert (await sandbox.wait()).code == 0, bench.lines
    assert (ml / "out" / "deep" / "x").read_text() == "x"
    assert (ml / "in" / "data").read_text() == "as it was"
    assert not (ml / "gone").exists()  # nor is a link followed that came in its place


_LOOK = """
import pathlib, time
model = pathlib.Path("/models/one/model")
def wait(text):
    while (model.read_text() if model.exists() else None) != text: time.sleep(0.02)
for text in ("first", "second", None):
    wait(text); print(text, flush=True)
"""


async def test_what_is_shown_while_it_runs_comes_and_goes(
    bench: Bench, cluster: Cluster, tmp_path: Path
) -> None:
    models, own = tmp_path / "models", tmp_path / "own"
    for folder in (models, own):
        folder.mkdir()
    spec = bench.spec(_LOOK, mounts=(Mount(models, "/models"), Mount(own, "/own", writable=True, kept=False)))
    sandbox = await bench.start(spec)
    (models / "one").mkdir()
    for text in ("first", "second"):
        (models / "one" / "model").write_text(text)
        await bench.executor.show(spec.name, models / "one")
        await bench.line(spec.name, text)
    for tree, below in ((1, ".."), (1, ""), (1, "a/../b"), (2, "one"), (7, "one")):
        with pytest.raises(ValueError, match="no such part of a mount"):
            await cluster.executor.nodes[NODE].call("drop", {"name": spec.name, "tree": tree, "below": below})
    (models / "one").rename(tmp_path / "gone")
    await bench.executor.show(spec.name, models / "one")
    assert (await sandbox.wait()).code == 0
