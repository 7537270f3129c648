"""A machine whose start is cut off leaves nothing that runs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sagehen.executors.base import Limits, Network
from sagehen.executors.machines import machines


class _Disk:
    """One that is not let go of until it may be."""

    def __init__(self) -> None:
        self.may_go, self.goes = asyncio.Event(), asyncio.Event()
        self.volume = self

    async def attach(self) -> tuple[list[Any], list[Any]]:
        return [], []

    async def detach(self) -> None:
        self.goes.set()
        await self.may_go.wait()


class _Executor:
    has_private_networks = True

    def __init__(self) -> None:
        self.killed = 0

    async def start(self, *_: object) -> _Executor:
        return self

    async def kill(self) -> None:
        self.killed += 1


async def test_a_machine_whose_disks_are_let_go_of_when_its_start_is_cut_off_ends(tmp_path: Path) -> None:
    disk: Any = _Disk()
    executor: Any = _Executor()
    spec = machines.MachineSpec(
        name="m",
        folder=tmp_path,
        hostname="m",
        limits=Limits(1, 64),
        user_name="u",
        home="/home/u",
        disks=(disk,),
        network=Network("n"),
    )
    starting = asyncio.create_task(machines.start(spec, executor))
    await asyncio.wait_for(disk.goes.wait(), 30)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert executor.killed == 1
