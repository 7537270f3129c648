"""Which executor a platform uses, and what is said about it at start-up."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

from sagehen.domain.clock import Clock
from sagehen.executors.base import Executor, SandboxUnavailable
from sagehen.executors.debug.executor import DebugExecutor
from sagehen.executors.hardware.gpus import Gpus
from sagehen.executors.network.networks import OpenDoor
from sagehen.executors.probe import probe
from sagehen.executors.sandbox.executor import SandboxExecutor


def choose_executor(
    mode: Literal["auto", "off"],
    folder: Path,
    *,
    clock: Clock,
    platform_port: int,
    open_door: OpenDoor,
    hides: Path,
    containers: Path | None = None,
) -> Executor:
    """Return the executor for `--sandbox MODE` and `--containers SOCKET`.

    Args:
        hides: The data folder, which no sandbox sees.
        containers: Where a container engine listens that runs what runs on images; None: sandboxes do.
    """
    if mode == "off":
        return DebugExecutor(folder, clock=clock)
    gpus = Gpus()
    sandboxes = SandboxExecutor(
        folder, clock=clock, platform_port=platform_port, open_door=open_door, hides=hides, gpus=gpus
    )
    if containers is None:
        return sandboxes
    from sagehen.executors.containers.executor import ContainerExecutor

    return ContainerExecutor(
        sandboxes,
        folder / "containers",
        clock=clock,
        socket_path=containers,
        platform_port=platform_port,
        open_door=open_door,
        gpus=gpus,
    )


async def describe_all(mode: Literal["auto", "off"], containers: Path | None) -> str:
    """Say in a line how code that people run is kept apart, images of their own in containers included."""
    told = await asyncio.to_thread(describe, mode)
    if containers is None:
        return told
    from sagehen.executors.containers.engine.client import EngineClient
    from sagehen.executors.containers.facts import ask_engine

    try:
        engine = await ask_engine(EngineClient(containers))
    except SandboxUnavailable as error:
        return f"{told}; images of one's own UNAVAILABLE: {error}"
    return f"{told}; images of one's own in containers of {engine.name} ({containers})"


def describe(mode: Literal["auto", "off"]) -> str:
    """Say in a line how code that people run is kept apart. Probes the machine: some 50 ms, in a thread."""
    if mode == "off":
        return (
            "OFF: jobs run as plain processes and can read every file that you can; "
            "no network isolation, and functions on the platform's own Python alone"
        )
    report = probe()
    if not report.sandboxes:
        reasons = "; ".join(f"{lack.what} ({lack.cure})" for lack in report.lacks[:1])
        return f"UNAVAILABLE, so jobs and endpoints will fail: {reasons}. `sagehen doctor` tells more"
    return f"namespaces by bubblewrap {report.bubblewrap_version}, limits by {report.limits}"
