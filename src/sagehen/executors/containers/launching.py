"""Launcher: from a spec to a container that runs, and back from whatever could not be finished."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from sagehen.executors.base import SandboxSpec, SandboxUnavailable
from sagehen.executors.containers import documents
from sagehen.executors.containers.beginning import begin
from sagehen.executors.containers.dialects import Engine
from sagehen.executors.containers.engine.client import EngineClient
from sagehen.executors.containers.engine.connection import Taken
from sagehen.executors.containers.facts import refusal_of_user
from sagehen.executors.containers.images import Images
from sagehen.executors.containers.keeper import PROGRAM, Keeper
from sagehen.executors.containers.own import OwnContainers
from sagehen.executors.containers.programs import start_program
from sagehen.executors.containers.seen import keeper_command, keeper_view
from sagehen.executors.folders.ownership import give_trees, require_readable
from sagehen.executors.folders.removal import remove_tree
from sagehen.executors.isolation.own_etc import OwnEtc
from sagehen.executors.network.networks import Networks


@dataclass(slots=True)
class Held:
    """What a sandbox has until it ends.

    Args:
        keeper: The platform's hand in it.
        containers: Ids at the engine.
        network: That it is a member of.
        taken: Its output.
        pid: The host's pid of its first process; 0 where it has ended already.
        begun: Whether the engine was asked for a container.
    """

    keeper: Keeper
    containers: list[str] = field(default_factory=list)
    network: str | None = None
    taken: Taken | None = None
    pid: int = 0
    begun: bool = False


class Launcher:
    """Starts containers, and takes back what they had.

    Args:
        client: Asks the engine.
        containers: This platform's.
        images: Those that it has of us.
        networks: The private networks.
        folder: The executor's own.
    """

    def __init__(
        self,
        client: EngineClient,
        containers: OwnContainers,
        images: Images,
        networks: Networks,
        folder: Path,
    ) -> None:
        self._client = client
        self._containers = containers
        self._images = images
        self._networks = networks
        self._doors, self._etc = folder / "doors", OwnEtc(folder / "etc")
        self._view = keeper_view()

    def hold(self, spec: SandboxSpec) -> Held:
        """Return what a sandbox is going to have: nothing as yet."""
        return Held(Keeper(self._doors / quote(spec.name, safe="")))

    def sweep(self, alive: Collection[str]) -> None:
        """Remove the files here of sandboxes that are none of `alive`. Blocking."""
        self._etc.sweep(alive)
        kept = {quote(name, safe="") for name in alive}
        for door in self._doors.iterdir() if self._doors.exists() else ():
            if door.name not in kept:
                remove_tree(door)

    async def launch(self, spec: SandboxSpec, held: Held, engine: Engine, devices: Sequence[str]) -> str:
        """Start a container, noting in `held`, one by one, what has to be given back; return its id.

        Raises:
            SandboxUnavailable: It cannot be run here.
            NotExecutable: Its program cannot.
            EngineError, OSError
        """
        assert spec.image is not None
        etc = await asyncio.to_thread(self._prepare, spec, held)
        image, empty = await asyncio.gather(self._images.bring(spec.image), self._images.empty())
        owned = documents.labels(self._containers.platform, spec.name)
        of_keeper = {**owned, documents.KEEPER: "yes"}
        mounts = documents.keeper_mounts(self._view, PROGRAM, held.keeper.door)
        keeper = await self._create(
            held, documents.keeper_document(spec, engine, empty, keeper_command(), mounts, of_keeper)
        )
        await self._begin(spec, held, keeper)
        container = await self._create(
            held, documents.container_document(spec, engine, image, keeper, etc, devices, owned)
        )
        held.taken = await start_program(self._client, container)
        held.pid = int((await self._client.inspect(container))["State"].get("Pid") or 0)
        return container

    async def give_back(self, spec: SandboxSpec, held: Held) -> None:
        """Leave nothing of it: neither here nor at the engine. What cannot be reached is swept later."""
        held.keeper.close()
        for container in reversed(held.containers):  # Podman removes no keeper that another one still needs
            await self._containers.remove(container)
        if held.network is not None:
            await self._networks.leave(held.network, held.keeper)
        await asyncio.to_thread(self._forget, spec, held)

    async def _create(self, held: Held, document: dict[str, object]) -> str:
        held.begun = True
        made = await self._client.document("POST", "/containers/create", document)
        held.containers.append(made["Id"])
        return str(made["Id"])

    async def _begin(self, spec: SandboxSpec, held: Held, keeper: str) -> None:
        """Start the keeper, and have its network be the one that the spec names."""
        await begin(self._client, keeper, held.keeper)
        if spec.network is not None:
            await self._networks.join(spec.network, held.keeper)
            held.network = spec.network.name

    def _prepare(self, spec: SandboxSpec, held: Held) -> list[Path]:
        """Open the keeper's door, hand folders over to the image's user; return the files in /etc. Blocking.

        Raises:
            SandboxUnavailable: That user cannot be had, or may not read what is mounted.
        """
        image, is_root = spec.image, os.geteuid() == 0
        assert image is not None
        if (why := refusal_of_user(image.uid, is_root=is_root)) is not None:
            raise SandboxUnavailable(why)
        held.keeper.open()
        etc = self._etc.write(spec, image.uid, image.gid)
        if is_root:
            if image.uid != 0:
                require_readable(mount.source for mount in spec.mounts if not mount.writable)
            # Numbered as inside: only the platform's root gets through the folders above.
            give_trees((mount.source for mount in spec.mounts if mount.writable), image.uid, image.gid)
        return sorted(etc.iterdir())

    def _forget(self, spec: SandboxSpec, held: Held) -> None:
        held.keeper.forget()
        self._etc.forget(spec.name)
