"""Machines: starts them."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from sagehen.domain.timeouts import timeout
from sagehen.executors.base import Executor, Layers, Limits, Mount, Network, SandboxSpec, SandboxUnavailable
from sagehen.executors.folders.removal import remove_tree
from sagehen.executors.machines.commands import MachineGone
from sagehen.executors.machines.inside.agent import VARIABLE
from sagehen.executors.machines.machine import Machine
from sagehen.executors.machines.programs import Started
from sagehen.executors.machines.roots.own import Lower
from sagehen.executors.machines.volumes.volume import Volume, VolumeUnavailable

# Of the machine's own loopback; beyond those that programs are used to.
_AGENT_PORT = 49022
# The agent listens some ms after its sandbox was started; a cold one has a Python to start.
_AGENT_PATIENCE_S = 30.0
_ASK_AGAIN_S = 0.005
_STOP_GRACE_S = 1.0
# Of a volume: what is written over what lies below, by name.
_LAYERS = "layers"
# Programs that are installed expect these below a prefix.
_FOLDERS_OF_MORE = ("bin", "lib", "sbin", "share")


@dataclass(frozen=True, slots=True)
class Disk:
    """A volume, and where the machine sees it.

    Args:
        target: `/` is the root, upon which all else is mounted.
        folder: Of the volume, which alone is seen; '' is all of it. It is whoever is inside's own, but not
            what lies beside it.
        more: Other folders of the volume, and where each is seen: only with `folder`.
        first: Writes what it holds at first; in a thread. It gets the folder, and by name those in which what
            is written over `layers` lies. None for the folder: it is there already, whoever filled it, and
            nothing in it may be followed; the others are new.
        layers: What of the host's lies below: then who is inside is root.
    """

    volume: Volume
    target: str
    folder: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    first: Callable[[Path | None, Mapping[str, Path]], None] | None = None
    layers: Sequence[Lower] = ()

    async def attach(self) -> tuple[list[Mount], list[Layers]]:
        """Return the mounts of it; `Volume.detach` takes it off again."""
        place = await self.volume.attach()
        if not self.folder:
            return [Mount(place, self.target, writable=True)], []
        inner = await asyncio.to_thread(self._inner, place)
        others = [Mount(place / name, target, writable=True) for name, target in self.more.items()]
        layers = [
            Layers(each.target, each.own, each.host, place / _LAYERS / each.name) for each in self.layers
        ]
        return [Mount(inner, self.target, writable=True), *others], layers

    def _inner(self, place: Path) -> Path:
        written = {each.name: place / _LAYERS / each.name / "upper" for each in self.layers}
        for upper in written.values():
            upper.mkdir(parents=True, exist_ok=True)
            upper.with_name("work").mkdir(exist_ok=True)
        for name in self.more:
            if not (place / name).exists():
                for inner_name in _FOLDERS_OF_MORE:
                    (place / name / inner_name).mkdir(parents=True)
        inner, fresh = place / self.folder, place / f"{self.folder}.new"
        layered = place / _LAYERS / "filled"
        if not inner.exists():
            remove_tree(fresh)
            fresh.mkdir()
            if self.first is not None:
                self.first(fresh, written)
            fresh.rename(inner)
        elif written and self.first is not None and not layered.exists():
            self.first(None, written)
        if written:
            layered.touch()
        return inner


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
    try:
        attached = [await disk.attach() for disk in spec.disks]
        mounts = (*spec.mounts, *(mount for mounts, _ in attached for mount in mounts))
        layers = tuple(layer for _, layers in attached for layer in layers)
        starting = asyncio.ensure_future(
            executor.start(_sandbox(spec, mounts, layers, token), lambda stream, line: None)
        )
        try:
            sandbox = await asyncio.shield(starting)
        except asyncio.CancelledError:
            # A sandbox half started would be nobody's.
            with contextlib.suppress(Exception):
                await (await starting).kill()
            raise
    finally:
        for disk in reversed(spec.disks):
            await disk.volume.detach()
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
