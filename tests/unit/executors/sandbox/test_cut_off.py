"""A start that is cut off leaves nothing that runs, at whatever moment."""

from __future__ import annotations

import asyncio
import signal

import pytest

from sagehen.executors.base import SandboxUnavailable
from sagehen.executors.processes.running import Started
from sagehen.executors.sandbox.cut_off import begun


async def test_what_has_begun_when_its_start_is_cut_off_is_ended() -> None:
    process = await asyncio.create_subprocess_exec("sleep", "600")
    tells = asyncio.Event()

    async def launch() -> Started:
        await tells.wait()
        return Started(process.pid, None, process.wait)

    starting = asyncio.create_task(begun(launch()))
    await asyncio.sleep(0)
    starting.cancel()
    await asyncio.sleep(0)
    assert not starting.done() and process.returncode is None
    tells.set()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(starting, 30)
    assert process.returncode == -signal.SIGKILL


async def test_a_launch_that_fails_meanwhile_does_not_hide_the_cut() -> None:
    fails = asyncio.Event()

    async def launch() -> Started:
        await fails.wait()
        raise SandboxUnavailable("refused")

    starting = asyncio.create_task(begun(launch()))
    await asyncio.sleep(0)
    starting.cancel()
    fails.set()
    with pytest.raises(asyncio.CancelledError):
        await starting
    with pytest.raises(SandboxUnavailable):
        await begun(launch())
