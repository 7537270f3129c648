"""What a boot shows of user data that end it."""

from __future__ import annotations

import asyncio

import pytest

from sagehen.executors.machines.commands import MachineGone
from sagehen.executors.machines.programs import Started
from sagehen.executors.machines.roots.choice import RootKind
from sagehen.services.ec2.hosts.local import boot
from tests.unit.ec2.hosts.machines import wanted


class Ended:
    """A program that has."""

    def __init__(self, code: int) -> None:
        self._code = code

    async def read(self, most: int = 1) -> bytes:
        return b""

    read_error = read

    async def write(self, content: bytes) -> None: ...

    async def end_input(self) -> None: ...

    async def wait(self) -> int:
        return self._code

    async def kill(self) -> None: ...


class Machine:
    """Its scripts are ended by SIGTERM."""

    def __init__(self, *, ends: bool) -> None:
        self.ends = ends

    async def begin(self, what: Started) -> Ended:
        script = what.words is not None and what.words[0].endswith("part-001")
        return Ended(143 if script else 0)

    async def wait_gone(self) -> str:
        if not self.ends:
            await asyncio.Event().wait()
        return "the machine ended with 80"


@pytest.mark.parametrize("ends", [True, False])
async def test_who_shuts_the_machine_down_has_not_failed(ends: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boot, "_ENDING_S", 0.05)
    shown = bytearray()
    machine = wanted(user_data=b"#!/bin/sh\nshutdown -h now; sleep 60\n")
    running = boot.Boot(Machine(ends=ends), machine, shown.extend, first=True, kind=RootKind.NONE).run()  # type: ignore[arg-type]
    if ends:
        with pytest.raises(MachineGone):
            await running
    else:
        await running
    assert (b"Failed running" in shown) is not ends
