"""The contract of executors, by a real engine: whichever listens where it usually does, or at the socket that
SAGEHEN_TEST_ENGINE names. Without one these tests skip themselves.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sagehen.cli.up.engines import NoEngine, socket_of
from sagehen.domain.clock import SystemClock
from sagehen.executors.base import (
    ExitStatus,
    ImageRoot,
    Limits,
    Mount,
    Network,
    Sandbox,
    SandboxSpec,
    SandboxUnavailable,
)
from sagehen.executors.containers.engine.client import EngineClient
from sagehen.executors.containers.executor import ContainerExecutor
from sagehen.executors.containers.facts import ask_engine
from sagehen.executors.debug.executor import DebugExecutor
from tests.registry import digest_of, layer_of
from tests.rootfs import files_of
from tests.unit.executors.conftest import PLATFORM_PORT, open_door

pytestmark = pytest.mark.once


def _socket() -> Path:
    for name in (os.environ.get("SAGEHEN_TEST_ENGINE"), "docker", "podman"):
        try:
            return socket_of(name or "", os.environ, os.getuid())
        except NoEngine:
            continue
    pytest.skip("no container engine listens here (SAGEHEN_TEST_ENGINE names its socket)")


class Bench:
    """Starts shell scripts in containers and keeps what they print."""

    def __init__(self, folder: Path, at: Path) -> None:
        self.folder = folder
        self.socket = at
        self.lines: dict[str, list[str]] = {}
        layer = layer_of(
            {**files_of(["sh", "cat", "sleep", "id"]), "kept": b"the image's"}, folders={"tmp": 0o1777}
        )
        (folder / "layer").write_bytes(layer)
        (folder / "root").mkdir()
        self._layers = ((folder / "layer", digest_of(gzip.decompress(layer))),)
        self.executor = self.another()

    def another(self) -> ContainerExecutor:
        """Return an executor on the same folder, as the next life of the platform has one."""
        return ContainerExecutor(
            DebugExecutor(self.folder / "others", clock=SystemClock()),
            self.folder / "runtime",
            clock=SystemClock(),
            socket_path=self.socket,
            platform_port=PLATFORM_PORT,
            open_door=open_door,
        )

    def spec(self, name: str, script: str, **more: Any) -> SandboxSpec:
        uid = more.pop("uid", 33 if os.geteuid() == 0 else 0)
        return SandboxSpec(
            **{
                "name": name,
                "folder": self.folder / name,
                "command": ("/bin/sh", "-c", script),
                "limits": Limits(cpus=1, memory_mib=128, processes=64),
                "working_directory": "/work",
                "image": ImageRoot(self.folder / "root", self.folder / "p", uid, uid, layers=self._layers),
                **more,
            }
        )

    async def start(self, spec: SandboxSpec) -> Sandbox:
        lines = self.lines.setdefault(spec.name, [])
        return await self.executor.start(spec, lambda stream, line: lines.append(f"{stream}: {line}"))

    async def leave_no_images(self) -> None:
        """Have the engine delete them, the one that it keeps for keepers as well."""
        (self.folder / "root").rmdir()
        await self.executor._images.sweep()
        await EngineClient(self.socket).delete(f"/images/{await self.executor._images.empty()}")

    async def line(self, name: str, text: str) -> None:
        async with asyncio.timeout(60):
            while not any(text in line for line in self.lines.get(name, [])):
                await asyncio.sleep(0.02)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    at = _socket()
    try:
        await ask_engine(EngineClient(at))
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    made = Bench(tmp_path, at)
    yield made
    await made.executor.close()
    assert await made.executor._containers.left() == {}
    await made.leave_no_images()


_SEEN = """
read line </opt/ml/in; echo "$line"; echo mine >/opt/ml/out; echo "$X $HOME"; echo over >/tmp/kept; pwd
while read -r key value; do case $key in NoNew*|CapEff:) echo "$key $value";; esac; done </proc/self/status
[ -e /usr/bin/env ] || echo "nothing of the host"
cat /etc/hostname /etc/hosts; cat /proc/1/environ && echo "sees the keeper"; echo bad >&2; exit 7
"""


async def test_what_it_is_told_and_how_it_ends(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "ml").mkdir()
    (tmp_path / "ml/in").write_text("data\n")
    mounts = (Mount(tmp_path / "ml", "/opt/ml", writable=True),)
    more = {"mounts": mounts, "environment": {"X": "y z"}, "home": "/root", "hostname": "algo-1"}
    sandbox = await bench.start(bench.spec("box", _SEEN, **more))
    assert await asyncio.wait_for(sandbox.wait(), 60) == ExitStatus(7)
    lines = bench.lines["box"]
    said = [line.removeprefix("stdout: ") for line in lines if line.startswith("stdout: ")]
    assert said[:3] == ["data", "y z /root", "/work"]
    assert "CapEff: 0000000000000000" in said and "NoNewPrivs: 1" in said and "nothing of the host" in said
    assert "algo-1" in said and "127.0.0.1\talgo-1" in said and "sees the keeper" not in said
    assert "stderr: bad" in lines
    assert (tmp_path / "ml/out").read_text() == "mine\n"
    absent = await bench.start(bench.spec("absent", "", command=("/absent",)))
    assert await absent.wait() == ExitStatus(127)  # as a sandbox: the job has failed, not the platform
    [line] = bench.lines["absent"]
    assert line.startswith("stderr: sagehen: '/absent' cannot be executed in this image")


async def test_stop_kill_memory_and_the_network(bench: Bench) -> None:
    """A handler is heard; a program without one ends at once, though an engine's pid 1 would not; too much
    memory is told; two hosts of a job have a network of their own, with the platform's door in it.
    """
    trap = "trap 'echo saving; exit 5' TERM; echo up; while :; do sleep 0.1; done"
    hears, deaf = await asyncio.gather(
        bench.start(bench.spec("hears", trap)), bench.start(bench.spec("deaf", "echo up; sleep 600"))
    )
    await asyncio.gather(bench.line("hears", "up"), bench.line("deaf", "up"))
    assert deaf.usage().memory_bytes > 0
    assert await hears.stop(60) == ExitStatus(5) and bench.lines["hears"][-1] == "stdout: saving"
    assert await deaf.stop(600) == ExitStatus(143, signal.SIGTERM)
    fill = "sleep 600 & x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done"
    full = await bench.start(bench.spec("full", fill))
    assert await asyncio.wait_for(full.wait(), 120) == ExitStatus(137, signal.SIGKILL, out_of_memory=True)
    network = Network("job", {"algo-1": "127.0.0.1", "algo-2": "127.0.0.2"})
    says = "cat /proc/sys/kernel/hostname; sleep 600"
    hosts = [
        await bench.start(bench.spec(name, says, hostname=name, network=network)) for name in network.hosts
    ]
    await asyncio.gather(*(bench.line(name, name) for name in network.hosts))
    with pytest.raises(ConnectionRefusedError):
        await bench.executor.connect("job", 9)
    door = await bench.executor.connect("job", PLATFORM_PORT)
    with door:
        async with asyncio.timeout(60):
            assert await asyncio.get_running_loop().sock_recv(door, 100) == b"the platform"
    assert await asyncio.gather(*(host.kill() for host in hosts)) == [ExitStatus(137, signal.SIGKILL)] * 2


_PLATFORM = """
import asyncio, os, sys
from pathlib import Path
from tests.unit.executors.containers.test_real_engine import Bench

async def main():
    bench = Bench(Path(sys.argv[1]), Path(sys.argv[2]))
    await bench.start(bench.spec("left", "echo up; sleep 600"))
    await bench.line("left", "up")
    print("up", flush=True)
    os.kill(os.getpid(), 9)

asyncio.run(main())
"""


async def test_a_killed_platform_leaves_nothing_that_runs_and_the_next_one_nothing_at_all(
    bench: Bench, tmp_path: Path
) -> None:
    (tmp_path / "one").mkdir()
    ran = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", _PLATFORM, str(tmp_path / "one"), str(bench.socket)],
        capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[4],
    )  # fmt: skip
    assert ran.stdout == "up\n", ran.stderr
    (tmp_path / "one/root").rmdir()
    (tmp_path / "one/layer").unlink()
    later = Bench(tmp_path / "one", bench.socket)
    client = EngineClient(bench.socket)
    left = await later.executor._containers.left()
    assert set(left.values()) == {"left"}
    async with asyncio.timeout(60):  # nobody told the engine: the keeper's connection closed
        for container in left:
            while (await client.call("GET", f"/containers/{container}/json"))["State"]["Running"]:
                await asyncio.sleep(0.05)
    assert await later.executor.recover() == ["left"]
    assert await later.executor._containers.left() == {}
    await later.leave_no_images()
