"""A machine in a sandbox: it sees its own disks, which survive it, and nothing of others."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sagehen.domain.clock import SystemClock
from sagehen.executors.base import Limits, Network, SandboxUnavailable
from sagehen.executors.debug.executor import DebugExecutor
from sagehen.executors.machines import machines
from sagehen.executors.machines.commands import Command, MachineGone
from sagehen.executors.machines.machine import Machine
from sagehen.executors.machines.machines import Disk, MachineSpec, start
from sagehen.executors.machines.volumes import system
from sagehen.executors.machines.volumes.choice import chosen_volumes
from sagehen.executors.machines.volumes.folders import FolderVolumes
from sagehen.executors.machines.volumes.volume import Volumes
from tests.unit.executors.conftest import MakeExecutor
from tests.waiting import sandboxes_have_ended

pytestmark = pytest.mark.sandbox


async def _spec(volumes: Volumes, folder: Path, name: str) -> MachineSpec:
    disks = (
        Disk(await volumes.open(f"{name}-root", 32), "/home/ann"),
        Disk(await volumes.open(name, 32), "/home/ann/data"),
    )
    return MachineSpec(
        name=name, folder=folder / f"records-{name}", hostname=f"host-{name}",
        limits=Limits(cpus=1, memory_mib=256, processes=64, overrun_ends_all=False),
        user_name="ann", home="/home/ann", disks=disks,
        network=Network(name, platform_door=False), warm_parent="bare",
    )  # fmt: skip


async def _lines(machine: Machine, text: str) -> list[str]:
    lines: list[str] = []
    await machine.run(Command(("/bin/sh", "-c", text)), lines.append, 30)
    return lines


async def test_its_disks_survive_it_and_are_all_it_sees(make_executor: MakeExecutor, tmp_path: Path) -> None:
    executor = make_executor()
    volumes = chosen_volumes(tmp_path / "volumes")
    machine = await start(await _spec(volumes, tmp_path, "one"), executor)
    other = await start(await _spec(volumes, tmp_path, "two"), executor)
    assert system.mounted_below(tmp_path) == []  # the machines have them; the host has not
    first = "whoami; hostname; echo $HOME; cd; echo first > data/file; echo $$ > /tmp/x"
    assert await _lines(machine, first) == ["ann", "host-one", "/home/ann"]
    seen = await _lines(other, f"ls -A ~/data /tmp; ls {tmp_path} /home; touch /home/x /opt/x")
    assert not {"file", "x", "volumes", "job"} & set(seen)
    assert "touch: cannot touch '/home/x': Read-only file system" in seen
    # What runs out of memory ends alone.
    greedy = 'python3 -c "x = bytes([1]) * (600 << 20)"; echo $?; cat ~/data/file'
    assert (await _lines(machine, greedy))[-2:] == ["137", "first"]
    await other.stop(5)
    await machine.stop(5)
    with pytest.raises(MachineGone):
        await machine.run(Command(("/bin/true",)), print, 5)
    again = await start(await _spec(volumes, tmp_path, "one"), executor)
    assert await _lines(again, "cat ~/data/file; ls /tmp") == ["first"]
    await again.stop(5)
    assert await again.wait_gone() == "the machine was stopped"
    await executor.close()
    await sandboxes_have_ended()


async def test_without_sandboxes_there_are_none(tmp_path: Path) -> None:
    spec = await _spec(chosen_volumes(tmp_path / "volumes"), tmp_path, "one")
    with pytest.raises(SandboxUnavailable, match="need sandboxes"):
        await start(spec, DebugExecutor(tmp_path / "run", clock=SystemClock()))


class Mute:
    """A machine in which something listens that is no agent."""

    stopped = False

    def __init__(self, *_: object) -> None: ...

    async def wait_gone(self) -> str:
        return await asyncio.get_running_loop().create_future()

    async def begin(self, what: object) -> Mute:
        return self

    async def wait(self) -> int:
        return await asyncio.get_running_loop().create_future()

    async def stop(self, grace_s: float) -> None:
        Mute.stopped = True


async def test_one_whose_agent_never_answers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Starts:
        has_private_networks = True

        async def connect(self, *_: object) -> None: ...

        async def start(self, *_: object) -> object:
            return object()

    monkeypatch.setattr(machines, "Machine", Mute)
    monkeypatch.setattr(machines, "_AGENT_PATIENCE_S", 0.01)
    with pytest.raises(SandboxUnavailable, match="nothing answers"):
        await start(await _spec(FolderVolumes(tmp_path), tmp_path, "mute"), Starts())  # type: ignore[arg-type]
    assert Mute.stopped
