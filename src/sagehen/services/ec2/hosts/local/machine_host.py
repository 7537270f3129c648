"""MachineHost: a machine of this computer, as the contract has it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from socket import socket

from sagehen.domain.timeouts import timeout
from sagehen.executors.base import Usage
from sagehen.executors.machines.commands import MachineGone
from sagehen.executors.machines.machine import Machine
from sagehen.executors.machines.machines import Disk, MachineSpec
from sagehen.executors.machines.plugging import grow, plug, unplug
from sagehen.executors.machines.programs import NoSuchUser, Started
from sagehen.executors.machines.roots.choice import RootKind
from sagehen.executors.machines.volumes.volume import (
    PlaceUnfit,
    Volume,
    VolumeInUse,
    VolumeUnavailable,
    Work,
)
from sagehen.executors.traffic import Carried, Traffic
from sagehen.services.ec2.hosts.host import (
    Attached,
    Console,
    DiskInUse,
    DiskPlaceUnfit,
    DiskUnavailable,
    HostGone,
    TerminalSize,
    Wanted,
)
from sagehen.services.ec2.hosts.local.around import user_environment
from sagehen.services.ec2.hosts.local.boot import Boot
from sagehen.services.ec2.hosts.local.disks import Disks
from sagehen.services.ec2.hosts.local.programs import MachineProgram
from sagehen.services.ec2.hosts.metadata.service import MetadataService

_MOST_KEYS_BYTES = 64 * 1024
_KEYS_DEADLINE_S = 10.0
_REBOOT_GRACE_S = 1.0


@dataclass(frozen=True, slots=True)
class Ways:
    """What is done for a machine by who makes them.

    Args:
        begin: Starts it with volumes of these ids, again too.
        open_disk: Returns a disk that is no root.
        disks: Those of this computer.
        close: Takes back what was lent to it, once it ended.
    """

    begin: Callable[[MachineSpec, Collection[str]], Awaitable[Machine]]
    open_disk: Callable[[Attached], Awaitable[Disk]]
    disks: Disks
    close: Callable[[MachineHost], Awaitable[None]]


class MachineHost:
    """Implements `host.Host`.

    Args:
        wanted: What it is.
        console: Takes what it shows.
        machine: Runs.
        spec: What it is in a sandbox.
        ways: How it is started, and what it has of this computer.
        metadata: What it is told of itself.
        traffic: Counts what goes through its doors.
        kind: Of its root.
    """

    def __init__(
        self,
        wanted: Wanted,
        console: Console,
        machine: Machine,
        spec: MachineSpec,
        *,
        ways: Ways,
        metadata: MetadataService,
        traffic: Traffic,
        kind: RootKind,
    ) -> None:
        self._wanted = wanted
        self._console = console
        self._machine = machine
        self._spec = spec
        self._ways = ways
        self._metadata = metadata
        attached = (wanted.root, *wanted.volumes)
        self._volumes = {each.volume_id: disk.volume for each, disk in zip(attached, spec.disks, strict=True)}
        self._traffic = traffic
        self._kind = kind
        self._changing = asyncio.Lock()
        self._stopping = False
        self._stands_still = False
        self._at_rest = False
        # A reboot from inside goes on in the task that saw it: nobody else holds that.
        self._rebooting: asyncio.Task[None] | None = None
        self._gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._watching = asyncio.create_task(self._watch(), name=f"end of {wanted.instance_id}")

    async def boot(self) -> None:
        """See `Host.boot`."""
        await self._boot(first=self._wanted.first_boot)

    async def start(
        self,
        words: tuple[str, ...],
        *,
        user: str,
        environment: Mapping[str, str] | None = None,
        directory: str | None = None,
        terminal: TerminalSize | None = None,
        terminal_type: str = "",
    ) -> MachineProgram:
        """See `Host.start`."""
        home = "/root" if user == "root" else f"/home/{user}"
        variables = {**user_environment(user, home), **(environment or {})}
        if terminal is not None:
            variables["TERM"] = terminal_type or "xterm"
        size = None if terminal is None else (terminal.columns, terminal.rows)
        what = Started(words, user, variables, directory or "", size)
        try:
            return MachineProgram(await self._machine.begin(what))
        except NoSuchUser:
            raise KeyError(user) from None
        except MachineGone as error:
            raise HostGone(str(error)) from error

    async def authorized_keys(self, user: str) -> tuple[str, ...]:
        """See `Host.authorized_keys`."""
        words = (
            "/bin/sh",
            "-c",
            'head -c "$1" .ssh/authorized_keys 2>/dev/null',
            "sh",
            str(_MOST_KEYS_BYTES),
        )
        program = await self.start(words, user=user)
        content = bytearray()
        try:
            async with timeout(_KEYS_DEADLINE_S):
                while len(content) <= _MOST_KEYS_BYTES and (piece := await program.read()):
                    content += piece
        except TimeoutError:
            return ()
        finally:
            await program.kill()
        return tuple(bytes(content[:_MOST_KEYS_BYTES]).decode("utf-8", "replace").splitlines())

    async def connect(self, port: int) -> socket:
        """See `Host.connect`."""
        return await self._machine.connect(port)

    def change(self, wanted: Wanted) -> None:
        """See `Host.change`."""
        self._metadata.change(wanted)

    def announce_spot_action(self, action: str, time: str) -> None:
        """See `Host.announce_spot_action`."""
        self._metadata.announce_spot_action(action, time)

    def usage(self) -> Usage:
        """See `Host.usage`."""
        return self._machine.usage()

    def counted(self, connection: socket) -> socket:
        """See `Host.counted`."""
        return self._traffic.counted(connection, "others")

    def carried(self) -> Carried:
        """See `Host.carried`."""
        return self._traffic.read()

    def disk_work(self) -> dict[str, Work]:
        """See `Host.disk_work`."""
        found = {volume_id: volume.work() for volume_id, volume in list(self._volumes.items())}
        return {volume_id: work for volume_id, work in found.items() if work is not None}

    async def attach(self, disk: Attached) -> None:
        """See `Host.attach`."""
        async with self._changing, self._disk_faults():
            if disk.volume_id in self._volumes:
                return  # it was started after the disk had become the instance's
            opened = await self._ways.open_disk(disk)
            async with self._ways.disks.in_hand([disk.volume_id]):
                await plug(self._machine.pid, opened)
                self._ways.disks.runs(self, [disk.volume_id])
            self._volumes[disk.volume_id] = opened.volume
            self._spec = replace(self._spec, disks=(*self._spec.disks, opened))

    async def detach(self, volume_id: str, *, in_use: bool) -> None:
        """See `Host.detach`."""
        async with self._changing, self._disk_faults():
            volume = self._volume(volume_id)
            async with self._ways.disks.in_hand([volume_id]):
                await unplug(self._machine.pid, volume, in_use=in_use)
                self._ways.disks.let_go(volume_id)
            del self._volumes[volume_id]
            kept = tuple(disk for disk in self._spec.disks if disk.volume is not volume)
            self._spec = replace(self._spec, disks=kept)

    async def grow(self, volume_id: str, gib: int) -> None:
        """See `Host.grow`."""
        async with self._changing, self._disk_faults():
            volume = self._volume(volume_id)
            async with self._ways.disks.in_hand([volume_id]):
                await grow(self._machine.pid, volume, gib * 1024)

    async def wait_gone(self) -> str:
        """See `Host.wait_gone`."""
        return await asyncio.shield(self._gone)

    @property
    def writes(self) -> bool:
        """See `disks.Running.writes`."""
        return not (self._stands_still or self._at_rest or self._gone.done())

    @property
    def at_rest(self) -> bool:
        """See `disks.Running.at_rest`."""
        return self._at_rest

    @contextlib.asynccontextmanager
    async def standing_still(self) -> AsyncIterator[None]:
        """See `disks.Running.standing_still`.

        Raises:
            Restless: It does not stand still.
        """
        if self._at_rest or self._gone.done():  # whoever lets it rest holds the lock
            yield
            return
        async with self._changing, self._machine.standing_still():
            self._stands_still = True
            try:
                yield
            finally:
                self._stands_still = False

    async def reboot(self, grace_s: float, at_rest: Callable[[], Awaitable[None]] | None = None) -> None:
        """See `Host.reboot`."""
        async with self._changing:
            if self._gone.done() or self._stopping:
                raise HostGone("the machine has ended")
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            await self._machine.stop(grace_s)
            try:
                self._at_rest = True
                if at_rest is not None:
                    await at_rest()
            finally:
                self._at_rest = False
                await self._again()
        await self._boot(first=False)

    async def stop(self, grace_s: float) -> None:
        """See `Host.stop`."""
        self._stopping = True
        was_copied = self._stands_still  # then it could not end as it wants to
        if not was_copied:
            await self._machine.stop(grace_s)
        async with self._changing:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            await self._machine.stop(grace_s if was_copied else 0)
            await self._end("the machine was stopped")

    def _volume(self, volume_id: str) -> Volume:
        found = self._volumes.get(volume_id)
        if found is None:
            raise VolumeUnavailable(f"the machine does not have {volume_id}")
        return found

    @contextlib.asynccontextmanager
    async def _disk_faults(self) -> AsyncIterator[None]:
        if self._gone.done() or self._stopping:
            raise DiskUnavailable("the machine has ended")
        try:
            yield
        except VolumeInUse as error:
            raise DiskInUse(str(error)) from error
        except PlaceUnfit as error:
            raise DiskPlaceUnfit(str(error)) from error
        except (VolumeUnavailable, OSError) as error:
            raise DiskUnavailable(str(error)) from error

    async def _boot(self, *, first: bool) -> None:
        try:
            await Boot(self._machine, self._wanted, self._console, first=first, kind=self._kind).run()
        except MachineGone as error:
            raise HostGone(str(error)) from error

    async def _again(self) -> None:
        """Start the machine anew; where that fails, it is gone."""
        self._console(b"\r\nrebooting\r\n")
        try:
            self._machine = await self._ways.begin(self._spec, list(self._volumes))
        except Exception as error:
            await self._end(f"the machine did not come up again: {error}")
            raise HostGone(str(error)) from error
        self._watching = asyncio.create_task(self._watch(), name=f"end of {self._wanted.instance_id}")

    async def _watch(self) -> None:
        reason = await self._machine.wait_gone()
        asked = await self._machine.asked()
        await self._machine.stop(0)
        if asked == "reboot" and not self._stopping:
            self._rebooting = asyncio.current_task()
            async with self._changing:
                with contextlib.suppress(HostGone):
                    await self._again()
            if not self._gone.done():
                with contextlib.suppress(HostGone):
                    await self._boot(first=False)
            return
        await self._end("" if asked == "off" else reason)

    async def _end(self, reason: str) -> None:
        if not self._gone.done():
            self._gone.set_result(reason)
            await self._ways.close(self)
