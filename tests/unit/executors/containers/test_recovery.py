"""What an earlier life left, where no engine answers any more."""

from __future__ import annotations

from pathlib import Path

from sagehen.domain.clock import SystemClock
from sagehen.executors.base import ImageRoot, Limits, SandboxSpec
from sagehen.executors.containers.executor import ContainerExecutor
from sagehen.executors.debug.executor import DebugExecutor
from sagehen.executors.processes.intentions import Intentions


async def test_without_an_engine_nothing_is_left_here(tmp_path: Path) -> None:
    """It has ended with the life that started it, whoever answers now."""
    own, name = tmp_path / "containers", "job/1"
    spec = SandboxSpec(name, tmp_path / "job", ("/x",), Limits(1, 64), image=ImageRoot(tmp_path, tmp_path))
    Intentions(own).intend(spec, "2026-11-30")
    for folder in ("doors", "etc"):
        (own / folder / "job%2F1").mkdir(parents=True)
        (own / folder / "job%2F1/file").touch()
    executor = ContainerExecutor(
        DebugExecutor(tmp_path / "others", clock=SystemClock()),
        own,
        clock=SystemClock(),
        socket_path=tmp_path / "absent",
        platform_port=4566,
    )
    assert await executor.recover() == [name]
    assert not [*(own / "doors").iterdir(), *(own / "etc").iterdir(), *(own / "running").iterdir()]
    assert await executor.recover() == []
