"""Which executor a platform uses, and what is said about it at start-up."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from sagehen.domain.clock import Clock
from sagehen.executors.base import Executor
from sagehen.executors.debug.executor import DebugExecutor
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
) -> Executor:
    """Return the executor for `--sandbox MODE`.

    Args:
        hides: The data folder, which no sandbox sees.
    """
    if mode == "off":
        return DebugExecutor(folder, clock=clock)
    return SandboxExecutor(folder, clock=clock, platform_port=platform_port, open_door=open_door, hides=hides)


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
