"""LocalHosts: makes machines and their disks on this computer.

<folder>/volumes, snapshots   see `disks.py`
<folder>/identity.pem         signs identity documents
<folder>/starts/<instance>    records of what runs
<folder>/commands, system     see `roots.py`
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from sagehen.domain.clock import Clock
from sagehen.domain.ports.identity.roles import Roles
from sagehen.executors.base import Executor, Mount, Network, SandboxUnavailable
from sagehen.executors.folders.removal import remove_tree
from sagehen.executors.machines.commands import MachineGone
from sagehen.executors.machines.machine import Machine
from sagehen.executors.machines.machines import Disk, MachineSpec, start
from sagehen.executors.machines.plugging import may_grow
from sagehen.executors.machines.roots.choice import RootKind
from sagehen.executors.machines.volumes.volume import VolumeUnavailable, require_id
from sagehen.executors.traffic import Traffic
from sagehen.services.ec2.hosts.host import Attached, Console, DiskUnavailable, LaunchFailed, Wanted
from sagehen.services.ec2.hosts.local import disk
from sagehen.services.ec2.hosts.local.around import COMMANDS, METADATA_ADDRESS, Around
from sagehen.services.ec2.hosts.local.boot import host_name, users
from sagehen.services.ec2.hosts.local.disks import Disks
from sagehen.services.ec2.hosts.local.machine_host import MachineHost, Ways
from sagehen.services.ec2.hosts.local.roots import Roots, make_roots
from sagehen.services.ec2.hosts.metadata.credentials import RoleDocuments
from sagehen.services.ec2.hosts.metadata.door import open_metadata
from sagehen.services.ec2.hosts.metadata.service import MetadataService
from sagehen.services.ec2.hosts.metadata.signing import Signer

_WARM_PARENT = "machine"
_NO_HOST = re.compile(r"[^a-zA-Z0-9-]")
# Of a volume, what is seen of it; and what of a root disk is /usr/local.
_TREE, _LOCAL = "tree", "local"


class LocalHosts:
    """Implements `host.Hosts`.

    Args:
        folder: Its own.
        executor: Runs them.
        around: What they find.
        roles: Sessions of their profiles' roles.
        clock: The platform's.
    """

    def __init__(self, folder: Path, executor: Executor, around: Around, roles: Roles, clock: Clock) -> None:
        self._folder = folder
        self._executor = executor
        self._around = around
        self._roles = roles
        self._clock = clock
        self._signer = Signer(folder / "identity.pem")
        self._disks = Disks(folder)
        self._roots_made: Roots | None = None
        self._making = asyncio.Lock()  # machines of one start come up together

    async def get_ready(self) -> None:
        """See `Hosts.get_ready`."""
        await asyncio.gather(self._executor.prewarm(_WARM_PARENT), self._roots())

    async def launch(self, wanted: Wanted, console: Console) -> MachineHost:
        """See `Hosts.launch`."""
        service = MetadataService(
            wanted,
            RoleDocuments(self._roles, self._clock, wanted.instance_id),
            self._signer,
            self._clock,
        )
        traffic = Traffic()
        try:
            warming = asyncio.create_task(self.get_ready(), name="warm up for machines")
            try:
                spec = await self._spec(wanted, _network(wanted, service, traffic))
            finally:
                await asyncio.gather(warming, return_exceptions=True)
            disks = [each.volume_id for each in (wanted.root, *wanted.volumes)]
            console(f"{wanted.instance_id}: {wanted.image_name}\r\n".encode())
            roots = await self._roots()
            # Nobody copies its disks between its start and their knowing who writes to them.
            async with self._disks.in_hand(disks):
                machine = await start(spec, self._executor)
                host = MachineHost(
                    wanted,
                    console,
                    machine,
                    spec,
                    ways=Ways(
                        self._begin,
                        partial(self._other, roots=roots),
                        self._disks,
                        partial(self._ended, wanted),
                    ),
                    metadata=service,
                    traffic=traffic,
                    kind=roots.kind,
                )
                self._disks.runs(host, disks)
        except (SandboxUnavailable, VolumeUnavailable, MachineGone, OSError) as error:
            raise LaunchFailed(str(error)) from error
        return host

    async def changes_disks_of_running(self, *, size: bool = False) -> bool:
        """See `Hosts.changes_disks_of_running`."""
        return await self._disks.are_file_systems() and (not size or may_grow())

    async def make_volume(self, volume_id: str, gib: int, snapshot_id: str = "") -> None:
        """See `Hosts.make_volume`."""
        try:
            await self._disks.open(Attached(volume_id, "", gib, snapshot_id))
        except (VolumeUnavailable, OSError) as error:
            raise DiskUnavailable(str(error)) from error

    async def resize_volume(self, volume_id: str, gib: int) -> None:
        """See `Hosts.resize_volume`."""
        await self.make_volume(volume_id, gib)

    async def remove_volume(self, volume_id: str) -> None:
        """See `Hosts.remove_volume`."""
        await self._disks.remove(volume_id)

    async def snapshot(
        self, volumes: Mapping[str, Attached], on_moment: Callable[[], None] | None = None
    ) -> Mapping[str, int]:
        """See `Hosts.snapshot`."""
        return await self._disks.snapshot(volumes, on_moment)

    async def copy_snapshot(self, snapshot_id: str, source_id: str) -> int:
        """See `Hosts.copy_snapshot`."""
        return await self._disks.copy_snapshot(snapshot_id, source_id)

    async def remove_snapshot(self, snapshot_id: str) -> None:
        """See `Hosts.remove_snapshot`."""
        await self._disks.remove_snapshot(snapshot_id)

    async def keep_only(self, volume_ids: Collection[str], snapshot_ids: Collection[str]) -> Collection[str]:
        """See `Hosts.keep_only`. Nothing is looked for where there never was one."""
        if not await asyncio.to_thread(self._folder.is_dir):
            return ()
        await asyncio.to_thread(remove_tree, self._folder / "starts")
        return await self._disks.keep_only(volume_ids, snapshot_ids)

    async def _roots(self) -> Roots:
        async with self._making:
            if self._roots_made is None:
                self._roots_made = await asyncio.to_thread(make_roots, self._folder)
            return self._roots_made

    async def _begin(self, spec: MachineSpec, disks: Collection[str]) -> Machine:
        async with self._disks.in_hand(disks):
            return await start(spec, self._executor)

    async def _ended(self, wanted: Wanted, host: MachineHost) -> None:
        self._disks.ended(host)
        await asyncio.to_thread(remove_tree, self._folder / "starts" / require_id(wanted.instance_id))

    async def _spec(self, wanted: Wanted, network: Network) -> MachineSpec:
        records = self._folder / "starts" / require_id(wanted.instance_id)
        await asyncio.to_thread(records.mkdir, parents=True, exist_ok=True)
        roots = await self._roots()
        home = f"/home/{wanted.default_user}"
        called = await asyncio.to_thread(host_name, wanted)
        return MachineSpec(
            name=network.name,
            folder=records,
            hostname=_NO_HOST.sub("-", called.partition(".")[0]),
            limits=replace(wanted.limits, overrun_ends_all=False),
            user_name=wanted.default_user,
            home=home,
            other_users=await asyncio.to_thread(users, wanted),
            disks=(
                await self._root(wanted, roots),
                *[await self._other(each, roots) for each in wanted.volumes],
            ),
            mounts=(Mount(roots.commands, COMMANDS), *self._around.mounts()),
            environment=self._around.environment(wanted.scope, wanted.limits, wanted.default_user, home),
            network=network,
            gpus=wanted.gpus,
            warm_parent=_WARM_PARENT,
        )

    async def _root(self, wanted: Wanted, roots: Roots) -> Disk:
        volume = await self._disks.open(wanted.root)
        more = {_LOCAL: "/usr/local"} if disk.may_own_local() else {}
        people = (wanted.default_user, *await asyncio.to_thread(users, wanted))
        fill = partial(disk.fill, users=people, kind=roots.kind)
        return Disk(volume, "/", _TREE, more, fill, roots.lowers)

    async def _other(self, attached: Attached, roots: Roots) -> Disk:
        volume = await self._disks.open(attached)
        first = disk.give_to_people if roots.kind is RootKind.MANY else None
        target = f"/mnt/{_NO_HOST.sub('-', attached.device.rpartition('/')[2])}"
        return Disk(volume, target, _TREE, first=first)


def _network(wanted: Wanted, service: MetadataService, traffic: Traffic) -> Network:
    return Network(
        f"instance-{wanted.instance_id}",
        traffic=traffic,
        hosts={
            wanted.host_name: wanted.private_ip,
            **{each.host_name: each.private_ip for each in wanted.interfaces},
        },
        addresses=(METADATA_ADDRESS, wanted.private_ip, *(each.private_ip for each in wanted.interfaces)),
        far_doors={(METADATA_ADDRESS, 80): partial(open_metadata, service)},
    )
