"""Machines that only say that they run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.identity.instance_profiles import InstanceProfile
from sagehen.executors.base import Usage
from sagehen.executors.machines.volumes.volume import Work
from sagehen.executors.traffic import Carried
from sagehen.services.ec2.hosts.host import (
    Attached,
    Console,
    DiskUnavailable,
    Host,
    LaunchFailed,
    Wanted,
)


class FakeHost:
    def __init__(self, wanted: Wanted, console: Console) -> None:
        self.wanted = wanted
        self.booted = asyncio.Event()
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.stopped: float | None = None
        self.reboots = 0
        self.attached: list[Attached] = []
        self.grown: dict[str, int] = {}
        self.disk_refusal: Exception | None = None
        self.spot: tuple[str, str] | None = None
        console(b"booting " + wanted.instance_id.encode() + b"\n")

    async def boot(self) -> None:
        await self.booted.wait()

    def change(self, wanted: Wanted) -> None:
        self.wanted = wanted

    def announce_spot_action(self, action: str, time: str) -> None:
        self.spot = action, time

    def usage(self) -> Usage:
        return Usage(cpu_s=1.0, memory_bytes=1, peak_bytes=1, anonymous_bytes=1)

    def carried(self) -> Carried:
        return Carried(3000, 1000, 30, 10)

    def disk_work(self) -> dict[str, Work]:
        return {self.wanted.root.volume_id: Work(0, 4096, 0, 1)}

    async def attach(self, disk: Attached) -> None:
        if self.disk_refusal is not None:
            raise self.disk_refusal
        self.attached.append(disk)

    async def detach(self, volume_id: str, *, in_use: bool) -> None:
        if self.disk_refusal is not None and not in_use:
            raise self.disk_refusal
        self.attached = [disk for disk in self.attached if disk.volume_id != volume_id]

    async def grow(self, volume_id: str, gib: int) -> None:
        if self.disk_refusal is not None:
            raise self.disk_refusal
        self.grown[volume_id] = gib

    async def wait_gone(self) -> str:
        return await asyncio.shield(self.gone)

    async def reboot(self, grace_s: float, at_rest: Callable[[], Awaitable[None]] | None = None) -> None:
        self.reboots += 1
        if at_rest is not None:
            await at_rest()

    async def stop(self, grace_s: float) -> None:
        self.stopped = grace_s


class FakeHosts:
    def __init__(self) -> None:
        self.asked_to_be_ready = 0
        self.changes_running = True
        self.hosts: dict[str, FakeHost] = {}
        self.launches: list[Wanted] = []
        self.disks: set[str] = set()
        self.refusal = ""
        self.snapshots: set[str] = set()
        self.made_of: dict[str, str] = {}
        # Closed by tests that look at what is pending.
        self.gate = asyncio.Event()
        self.gate.set()

    async def changes_disks_of_running(self, *, size: bool = False) -> bool:
        return self.changes_running

    async def get_ready(self) -> None:
        self.asked_to_be_ready += 1

    async def launch(self, wanted: Wanted, console: Console) -> Host:
        self.launches.append(wanted)
        if self.refusal:
            raise LaunchFailed(self.refusal)
        for disk in (wanted.root, *wanted.volumes):
            await self.make_volume(disk.volume_id, disk.gib, disk.snapshot_id)
        host = self.hosts[wanted.instance_id] = FakeHost(wanted, console)
        return host  # type: ignore[return-value]  # what instances need of it

    async def make_volume(self, volume_id: str, gib: int, snapshot_id: str = "") -> None:
        assert not snapshot_id or volume_id in self.disks or snapshot_id in self.snapshots
        if volume_id not in self.disks:
            await self.gate.wait()
            self.made_of[volume_id] = snapshot_id
        self.disks.add(volume_id)

    async def resize_volume(self, volume_id: str, gib: int) -> None:
        assert volume_id in self.disks

    async def remove_volume(self, volume_id: str) -> None:
        self.disks.discard(volume_id)

    async def snapshot(
        self, volumes: Mapping[str, Attached], on_moment: Callable[[], None] | None = None
    ) -> Mapping[str, int]:
        if on_moment is not None:
            on_moment()
        await self.gate.wait()
        if self.refusal:
            raise DiskUnavailable(self.refusal)
        assert {volume.volume_id for volume in volumes.values()} <= self.disks
        self.snapshots |= set(volumes)
        return dict.fromkeys(volumes, 4096)

    async def copy_snapshot(self, snapshot_id: str, source_id: str) -> int:
        assert source_id in self.snapshots
        self.snapshots.add(snapshot_id)
        return 4096

    async def remove_snapshot(self, snapshot_id: str) -> None:
        self.snapshots.discard(snapshot_id)

    async def keep_only(self, volume_ids: Collection[str], snapshot_ids: Collection[str]) -> set[str]:
        self.disks &= set(volume_ids)
        self.snapshots &= set(snapshot_ids)
        return self.snapshots


class FakeDoors:
    async def get_ready(self) -> None: ...

    def __init__(self) -> None:
        self.open_at: dict[str, str | None] = {}

    async def open(self, wanted: Wanted, host: Host) -> int:
        self.open_at[wanted.instance_id] = wanted.address
        return 2222

    def told(self, instance_id: str) -> bytes:
        return b""

    async def close(self, instance_id: str) -> None:
        self.open_at.pop(instance_id, None)


class FakeSupply:
    def __init__(self) -> None:
        self.unavailable: set[str] = set()
        self.limits: dict[str, int] = {}

    def is_available(self, instance_type: str) -> bool:
        return instance_type not in self.unavailable

    def limit(self, instance_type: str) -> int | None:
        return self.limits.get(instance_type)

    def promise(self, memory_mib: int, instances: int = 1) -> FakeSupply:
        return self

    def give_back(self) -> None: ...


class FakeProfiles:
    def find(self, account_id: str, name: str) -> InstanceProfile | None:
        if name not in ("trainer", "secret"):
            return None
        arn = f"arn:aws:iam::{account_id}:instance-profile/{name}"
        return InstanceProfile(name, arn, "AIPA1", name, f"arn:aws:iam::{account_id}:role/{name}")


class FakeRoles:
    def require_pass_role(self, principal: Any, role_arn: str, service: str, environment: Any) -> None:
        if role_arn.endswith("secret"):
            raise AccessDenied(f"iam:PassRole on {role_arn}")

    def can_be_assumed_by(self, role_arn: str, service: str, environment: Any = None) -> bool:
        return True


class FakeMetrics:
    def __init__(self) -> None:
        self.values: list[Any] = []

    def record(self, scope: Any, namespace: str, values: Any, at: Any = None) -> None:
        self.values += [(namespace, value.name, value.value) for value in values]


class FakeParameters:
    def text(self, scope: Any, name: str) -> str | None:
        return {"/ours/image": "ami-ours"}.get(name)
