"""A start on an image: as a sandbox, and as a container of an engine.

Of the executors alone: from the spec to the first line of a shell, and from there until nothing is left. What
unpacking takes, and loading into the engine, is in neither.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.registry import digest_of, layer_of
from tests.rootfs import files_of, make_root

from benchmarks.table import Row, Table, milliseconds
from sagehen.cli.up.engines import socket_of
from sagehen.domain.clock import SystemClock
from sagehen.executors.base import Executor, ImageRoot, Limits, SandboxSpec
from sagehen.executors.containers.engine.client import EngineClient
from sagehen.executors.containers.executor import ContainerExecutor
from sagehen.executors.containers.facts import ask_engine
from sagehen.executors.sandbox.executor import SandboxExecutor

_ROUNDS = 15
_PROGRAMS = ("sh", "cat")


def measure(say: Callable[[str], None]) -> Table:
    """Start on both in turn, for each engine in SAGEHEN_TEST_ENGINE: docker, podman, sockets."""
    rows = []
    for name in os.environ.get("SAGEHEN_TEST_ENGINE", "docker").split(","):
        at = socket_of(name, os.environ, os.getuid())
        with tempfile.TemporaryDirectory() as folder:
            engine, ours, peer = asyncio.run(_both(Path(folder), at, say))
        rows += [
            _row(f"to the first line; {engine}", 0, ours, peer),
            _row(f"from there until nothing is left; {engine}", 1, ours, peer),
        ]
    return Table(
        "A start on an image, as a sandbox and as a container",
        peer="container",
        method=f"A shell on a small image that is there already; medians of {_ROUNDS} in turn.",
        rows=rows,
    )


def _row(what: str, part: int, ours: list[tuple[float, float]], peer: list[tuple[float, float]]) -> Row:
    mine, theirs = ([took[part] for took in found] for found in (ours, peer))
    fast, slow = statistics.median(mine), statistics.median(theirs)
    note = (
        f"{milliseconds(min(mine))} to {milliseconds(max(mine))}, container {milliseconds(min(theirs))} to "
    )
    return Row(
        what,
        milliseconds(fast),
        milliseconds(slow),
        f"{slow / fast:.1f} times",
        note + milliseconds(max(theirs)),
    )


async def _both(
    folder: Path, at: Path, say: Callable[[str], None]
) -> tuple[str, list[tuple[float, float]], list[tuple[float, float]]]:
    engine = await ask_engine(EngineClient(at))
    layer = layer_of(files_of(_PROGRAMS), folders={"tmp": 0o1777})
    (folder / "layer").write_bytes(layer)
    layers = ((folder / "layer", digest_of(gzip.decompress(layer))),)
    root = make_root(folder / "root", *_PROGRAMS)
    clock = SystemClock()
    sandboxes = SandboxExecutor(folder / "sandboxes", clock=clock, platform_port=1)
    containers = ContainerExecutor(
        sandboxes, folder / "containers", clock=clock, socket_path=at, platform_port=1
    )
    ours, peer = list[tuple[float, float]](), list[tuple[float, float]]()
    try:
        for number in range(1 + _ROUNDS):
            say(f"round {number}/{_ROUNDS}")
            for executor, found in ((sandboxes, ours), (containers, peer)):
                place = folder / f"{number}-{len(found)}-{type(executor).__name__}"
                found.append(await _start(executor, place, ImageRoot(root, place / "place", layers=layers)))
    finally:
        await containers.close()
        (folder / "root").rename(folder / "gone")  # so that the engine lets go of the image
        await containers.recover()
    return engine.name, ours[1:], peer[1:]  # the first ones start the warm parent, and load the image


async def _start(executor: Executor, place: Path, image: ImageRoot) -> tuple[float, float]:
    spoke = asyncio.get_running_loop().create_future()

    def hear(stream: str, line: str) -> None:
        if not spoke.done():
            spoke.set_result(line)

    spec = SandboxSpec(
        name=place.name,
        folder=place,
        command=("/bin/sh", "-c", "echo here"),
        limits=Limits(cpus=1, memory_mib=256),
        image=image,
    )
    began = time.perf_counter()
    sandbox = await executor.start(spec, hear)
    await spoke
    there = time.perf_counter()
    status = await sandbox.wait()
    assert status.code == 0, status
    return there - began, time.perf_counter() - there
