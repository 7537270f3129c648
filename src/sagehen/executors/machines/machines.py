"""Machines: starts them."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from sagehen.domain.timeouts import timeout
from sagehen.executors.base import (
    Executor,
    Layers,
    Limits,
    Mount,
    Network,
    Sandbox,
    SandboxSpec,
    SandboxUnavailable,
)
from sagehen.executors.machines.commands import MachineGone
from sagehen.executors.machines.disk import Disk
from sagehen.executors.machines.inside.agent import VARIABLE
from sagehen.executors.machines.machine import Machine
from sagehen.executors.machines.programs import Started
from sagehen.executors.machines.volumes.volume import VolumeUnavailable

# Of the machine's own loopback; beyond those that programs are used to.
_AGENT_PORT = 49022
# The agent listens some ms after its sandbox was started; a cold one has a Python to start.
_AGENT_PATIENCE_S = 30.0
_ASK_AGAIN_S = 0.005
_STOP_GRACE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSpec:
    """What one machine is.

    Args:
        name: Unique on this host, also of its network.
        folder: A private folder for the executor's records.
        hostname: As seen inside.
        limits: Of all that runs in it together.
        user_name: Whose everything inside is.
        other_users: See `SandboxSpec`.
        home: That user's; on one of the disks.
        disks: What survives it, the outer ones first.
        mounts: What it sees besides.
        environment: Of all its processes.
        network: Its own.
        gpus: How many devices it may open.
        warm_parent: Preload set of the first process, for `Command.preloaded`.
    """

    name: str
    folder: Path
    hostname: str
    limits: Limits
    user_name: str
    home: str
    other_users: Mapping[str, str] = field(default_factory=dict)
    disks: tuple[Disk, ...]
    mounts: tuple[Mount, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    network: Network
    gpus: int = 0
    warm_parent: str | None = None


async def start(spec: MachineSpec, executor: Executor) -> Machine:
    """Start a machine and return when its agent answers. A start that is cancelled leaves nothing.

    Raises:
        SandboxUnavailable: This host cannot run it.
        VolumeUnavailable: A disk cannot be attached.
    """
    if not executor.has_private_networks:
        raise SandboxUnavailable("machines need sandboxes: with --sandbox off they would be this machine.")
    token = secrets.token_urlsafe(24)
    # Its own at each start: what is left of the one before may still be on that one's, at the agent's port.
    network = replace(spec.network, name=f"{spec.network.name}-{secrets.token_hex(4)}")
    spec = replace(spec, network=network)
    sandbox: Sandbox | None = None
    try:
        async with _attached(spec.disks) as (mounts, layers):
            told = _sandbox(spec, (*spec.mounts, *mounts), tuple(layers), token)
            sandbox = await executor.start(told, lambda stream, line: None)
    except BaseException:
        if sandbox is not None:  # cut off while its disks were let go of
            await sandbox.kill()
        raise
    machine = Machine(
        sandbox,
        partial(executor.connect, spec.network.name),
        _AGENT_PORT,
        token,
        [disk.volume for disk in spec.disks],
    )
    try:
        await _answers(machine)
    except BaseException:
        await machine.stop(_STOP_GRACE_S)
        raise
    return machine


@contextlib.asynccontextmanager
async def _attached(disks: Sequence[Disk]) -> AsyncIterator[tuple[list[Mount], list[Layers]]]:
    """Have disks here while a sandbox is started, which has them itself from then on."""
    try:
        attached = [await disk.attach() for disk in disks]
        yield [one for mounts, _ in attached for one in mounts], [one for _, each in attached for one in each]
    finally:
        for disk in reversed(disks):
            await disk.volume.detach()


def _sandbox(
    spec: MachineSpec, mounts: tuple[Mount, ...], layers: tuple[Layers, ...], token: str
) -> SandboxSpec:
    return SandboxSpec(
        name=spec.name,
        folder=spec.folder,
        command=("python", "-m", "sagehen.executors.machines.inside.agent"),
        limits=spec.limits,
        environment={**spec.environment, VARIABLE: f"{_AGENT_PORT}:{token}"},
        mounts=mounts,
        working_directory="/",
        network=spec.network,
        hostname=spec.hostname,
        warm_parent=spec.warm_parent,
        gpus=spec.gpus,
        user_name=spec.user_name,
        home=spec.home,
        other_users=spec.other_users,
        root=layers or None,
    )


async def _answers(machine: Machine) -> None:
    """Return when the agent does what it is told. What lies on its disks may stand in its way."""
    gone = asyncio.ensure_future(machine.wait_gone())
    try:
        async with timeout(_AGENT_PATIENCE_S):
            while True:
                try:
                    await (await machine.begin(Started(None))).wait()
                    return
                except MachineGone as error:
                    if gone.done():  # which says more than that nobody answers
                        raise SandboxUnavailable(f"the machine did not come up: {gone.result()}") from error
                await asyncio.sleep(_ASK_AGAIN_S)
    except TimeoutError as error:
        raise SandboxUnavailable("the machine did not come up: nothing answers in it") from error
    finally:
        gone.cancel()


__all__ = ["Disk", "MachineSpec", "VolumeUnavailable", "start"]
