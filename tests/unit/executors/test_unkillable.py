"""A process that the kernel does not end (state D): nobody waits for ever, and nothing of it is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sagehen.executors.base import ExitStatus, Limits, SandboxSpec
from sagehen.executors.limits.watchdog import WatchdogGroup
from sagehen.executors.processes.output import OutputPipes
from sagehen.executors.processes.running import Running


class Unkillable(Running):
    """Ends when `ends` says so, whatever signal it gets. Its pid is nobody's."""

    def __init__(self, folder: Path, pipes: OutputPipes) -> None:
        self.ends: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.kills = 0
        self.freed: list[ExitStatus] = []

        async def on_end(status: ExitStatus) -> None:
            self.freed.append(status)

        spec = SandboxSpec("stuck", folder, ("true",), Limits(1, 64))
        super().__init__(spec, pipes, WatchdogGroup(), on_end)

    @property
    def pid(self) -> int:
        return 2**22 + 1

    async def _exit_code(self) -> int:
        return await self.ends

    async def _terminate(self) -> None: ...

    def _kill_all(self) -> None:
        self.kills += 1


@pytest.fixture
async def stuck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Unkillable:
    monkeypatch.setattr("sagehen.executors.processes.running._KILL_PATIENCE_S", 0.05)
    pipes = OutputPipes()
    await pipes.open(lambda stream, line: None)
    pipes.close_writers()
    return Unkillable(tmp_path, pipes)


async def test_killing_returns_and_what_it_holds_is_freed_when_it_ends(stuck: Unkillable) -> None:
    waiting = asyncio.create_task(stuck.wait())
    async with asyncio.timeout(60):
        assert await stuck.kill() == ExitStatus(137, 9)
        assert await waiting == ExitStatus(137, 9), "who waits is told as well"
        assert await stuck.stop(grace_s=5) == ExitStatus(137, 9)
    assert stuck.has_ended and stuck.freed == [], "its uid, network and limits are still in use"
    stuck.ends.set_result(137)
    async with asyncio.timeout(60):
        await stuck._ending
    assert stuck.freed == [ExitStatus(137, 9)]


async def test_one_that_ends_tells_how(stuck: Unkillable) -> None:
    stuck.ends.set_result(3)
    async with asyncio.timeout(60):
        assert await stuck.wait() == ExitStatus(3)
    assert stuck.freed == [ExitStatus(3)] and stuck.kills == 0
