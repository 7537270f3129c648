"""What an instance asks of the machine behind it: launched, booted, told to run things, reached, stopped.

The order of a start, as the loop has it: `Hosts.launch` (the instance is `pending`), `Doors.open`, then
`Host.boot` in the background (it is `running`; its status checks pass once `boot` returned).
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sagehen.domain.ports.compute.machines import MachineProgram
from sagehen.domain.scope import Scope
from sagehen.executors.base import Limits, Usage
from sagehen.executors.machines.volumes.volume import Work
from sagehen.executors.traffic import Carried

# Takes what the console shows, as it comes; on the event loop, in order.
Console = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Attached:
    """A volume of one instance.

    Args:
        volume_id: `vol-…`.
        device: As the instance calls it: `/dev/sdf`.
        gib: What it holds at most.
        snapshot_id: What it holds at first, where it was not made yet; '' for nothing.
    """

    volume_id: str
    device: str
    gib: int
    snapshot_id: str = ""


@dataclass(frozen=True, slots=True)
class FurtherInterface:
    """A network interface besides the first.

    Args:
        device: Its index.
        private_ip: An address that is the machine's own, as the first one's.
        host_name: Private DNS name.
        mac, subnet_id, vpc_id: As the metadata have them.
        security_groups: Names and ids.
    """

    device: int
    private_ip: str
    host_name: str
    mac: str
    subnet_id: str
    vpc_id: str
    security_groups: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MetadataOptions:
    """What the instance's metadata service answers.

    Args:
        enabled: `HttpEndpoint`.
        tokens_required: `HttpTokens` is `required`: IMDSv2 alone.
        hop_limit: `HttpPutResponseHopLimit`.
        tags: `InstanceMetadataTags`: whether tags are there.
    """

    enabled: bool = True
    tokens_required: bool = True
    hop_limit: int = 2
    tags: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The machine of one instance, for one start.

    Args:
        scope: Account and region.
        instance_id: `i-…`.
        instance_type: Such as `g6.xlarge`.
        limits, gpus: What stands in for the type on this machine.
        image_id, image_name: Of what it looks like.
        default_user: Whom people log in as: `ec2-user`, `ubuntu`.
        key_name: Of the key pair; None without.
        authorized_keys: Public keys in OpenSSH's form that the default user has at first boot.
        profile_arn, role_arn: The instance profile and its role, whose credentials the metadata hand out.
        role_name: As the metadata list it.
        user_data: As given, decoded once; b'' without.
        first_boot: Whether this root disk never ran: user data run then.
        root: The root disk; what was written on it survives stop and start.
        volumes: Besides it.
        private_ip: Shown; out of its subnet.
        address: Out of 127/8: where its ports are reached, its public address; None without.
        host_name: Private DNS name: `ip-172-31-5-4.ec2.internal`.
        public_name: Public DNS name; '' without.
        availability_zone, vpc_id, subnet_id, mac, reservation_id: As the metadata have them.
        security_groups: Names and ids.
        interfaces: Network interfaces besides the first.
        metadata: Options of its metadata service.
        tags: Of the instance.
        launched_at: ISO 8601, of the identity document.
        market: `on-demand` or `spot`.
    """

    scope: Scope
    instance_id: str
    instance_type: str
    limits: Limits
    gpus: int = 0
    image_id: str
    image_name: str
    default_user: str = "ec2-user"
    key_name: str | None = None
    authorized_keys: tuple[str, ...] = ()
    profile_arn: str | None = None
    role_arn: str | None = None
    role_name: str | None = None
    user_data: bytes = b""
    first_boot: bool = True
    root: Attached
    volumes: tuple[Attached, ...] = ()
    private_ip: str
    address: str | None = None
    host_name: str
    public_name: str = ""
    availability_zone: str
    vpc_id: str
    subnet_id: str
    mac: str
    reservation_id: str
    security_groups: Mapping[str, str] = field(default_factory=dict)
    interfaces: tuple[FurtherInterface, ...] = ()
    metadata: MetadataOptions = MetadataOptions()
    tags: Mapping[str, str] = field(default_factory=dict)
    launched_at: str
    market: str = "on-demand"


@dataclass(frozen=True, slots=True)
class TerminalSize:
    """Of a terminal, in characters."""

    columns: int = 80
    rows: int = 24


class Program(MachineProgram, Protocol):
    """Something that runs inside, as the host knows it: with a terminal, all it prints is output."""

    async def resize(self, size: TerminalSize) -> None:
        """Tell its terminal, if any."""
        ...

    async def signal(self, name: str) -> None:
        """Send a signal by its name without SIG to its process group."""
        ...


class HostGone(Exception):
    """The machine ended meanwhile; the text says why where that is known."""


class LaunchFailed(Exception):
    """The machine does not come up; the text is the state's reason."""


class DiskUnavailable(Exception):
    """A disk cannot be made or copied; the text says why."""


class DiskInUse(DiskUnavailable):
    """Programs of its machine have files of a disk open."""


class DiskPlaceUnfit(DiskUnavailable):
    """Where its machine would see a disk, that one has something else."""


class Host(Protocol):
    """A machine that runs."""

    async def boot(self) -> None:
        """Run what a boot runs: user data at the first one. Returns when all ended, well or not.

        Raises:
            HostGone
        """
        ...

    async def start(
        self,
        words: tuple[str, ...],
        *,
        user: str,
        environment: Mapping[str, str] | None = None,
        directory: str | None = None,
        terminal: TerminalSize | None = None,
        terminal_type: str = "",
    ) -> Program:
        """Start a program inside; () is the user's login shell.

        Args:
            user: `root` or one that the machine knows.
            environment: Besides the user's own; names are checked.
            directory: The user's home where None.
            terminal: It has one of this size.

        Raises:
            HostGone
            KeyError: The machine has no such user.
        """
        ...

    async def authorized_keys(self, user: str) -> tuple[str, ...]:
        """Return the lines of that user's ~/.ssh/authorized_keys as they are now, within 64 KiB.

        Raises:
            HostGone
            KeyError: The machine has no such user.
        """
        ...

    async def connect(self, port: int) -> socket.socket:
        """Return a non-blocking stream socket connected to a port of the machine.

        Raises:
            OSError: Nobody listens.
        """
        ...

    def change(self, wanted: Wanted) -> None:
        """Take over what may change while it runs: tags, role, metadata options, spot notices, groups."""
        ...

    def announce_spot_action(self, action: str, time: str) -> None:
        """Let the metadata say that it will be interrupted: `terminate` or `stop`, at an ISO 8601 time."""
        ...

    def usage(self) -> Usage:
        """Return what it uses. Blocks, without cgroups for milliseconds."""
        ...

    def counted(self, connection: socket.socket) -> socket.socket:
        """Return a client's connection as one whose bytes are the machine's; the one given is no more."""
        ...

    def carried(self) -> Carried:
        """Return what went into the machine and out of it, through all boots since its launch."""
        ...

    def disk_work(self) -> Mapping[str, Work]:
        """Return what it did on each volume since its launch; those where nobody knows are absent.

        Blocks for milliseconds.
        """
        ...

    async def attach(self, disk: Attached) -> None:
        """Let it see one disk more, now and after each reboot.

        Raises:
            DiskPlaceUnfit: There is something else where it would be seen.
            DiskUnavailable: This machine cannot.
        """
        ...

    async def detach(self, volume_id: str, *, in_use: bool) -> None:
        """Let it see one disk less.

        Args:
            in_use: Whether programs that have files of it open keep these until they end.

        Raises:
            DiskInUse: They have, and may not.
            DiskUnavailable: This machine cannot.
        """
        ...

    async def grow(self, volume_id: str, gib: int) -> None:
        """Let a disk that it sees hold more.

        Raises:
            DiskUnavailable: This machine cannot.
        """
        ...

    async def wait_gone(self) -> str:
        """Return once it ended by itself: '' after a shutdown from inside, else why. May be cancelled."""
        ...

    async def reboot(self, grace_s: float, at_rest: Callable[[], Awaitable[None]] | None = None) -> None:
        """End its processes and begin anew with the same disks and address; as `boot` without the user data.

        Args:
            at_rest: Done in between, while nothing of it runs.

        Raises:
            HostGone
        """
        ...

    async def stop(self, grace_s: float) -> None:
        """End all of it: SIGTERM, SIGKILL after `grace_s`; returns when nothing runs. The disks stay."""
        ...


class Hosts(Protocol):
    """Makes them on this machine."""

    async def changes_disks_of_running(self, *, size: bool = False) -> bool:
        """Tell whether a machine that runs can be given disks here, and other ones; or larger ones."""
        ...

    async def get_ready(self) -> None:
        """Do what the first launch would wait for. Twice does no harm."""
        ...

    async def launch(self, wanted: Wanted, console: Console) -> Host:
        """Make the disks where there are none, and start it. A launch that is cancelled leaves nothing.

        Raises:
            LaunchFailed: This machine cannot.
        """
        ...

    async def make_volume(self, volume_id: str, gib: int, snapshot_id: str = "") -> None:
        """Make a disk, empty or with what a snapshot holds. No fault where there is one.

        Raises:
            DiskUnavailable
        """
        ...

    async def resize_volume(self, volume_id: str, gib: int) -> None:
        """Let a disk hold more; nothing runs with it."""
        ...

    async def remove_volume(self, volume_id: str) -> None:
        """Remove a disk. No fault where there is none."""
        ...

    async def snapshot(
        self, volumes: Mapping[str, Attached], on_moment: Callable[[], None] | None = None
    ) -> Mapping[str, int]:
        """Keep what disks hold now, as after a power cut; return the bytes of each copy, by snapshot.

        A machine that has one of them stands still meanwhile. All or none: cancelled, it leaves nothing.

        Args:
            volumes: By the ids of the snapshots to be made.
            on_moment: Called once nothing more that is written will be in them.

        Raises:
            DiskUnavailable
        """
        ...

    async def copy_snapshot(self, snapshot_id: str, source_id: str) -> int:
        """Keep what a snapshot holds as another one, too; return its bytes.

        Raises:
            DiskUnavailable
        """
        ...

    async def remove_snapshot(self, snapshot_id: str) -> None:
        """Remove it. No fault where there is none."""
        ...

    async def keep_only(self, volume_ids: Collection[str], snapshot_ids: Collection[str]) -> Collection[str]:
        """Remove all others, once at a start, when nothing runs; return the snapshots that are there."""
        ...


class Doors(Protocol):
    """What is in front of machines: SSH at port 22, and the ports that programs inside listen on."""

    async def get_ready(self) -> None:
        """Do what the first door would wait for. Twice does no harm."""
        ...

    async def open(self, wanted: Wanted, host: Host) -> int:
        """Listen for one machine; return the port at which SSH is reached (22 where this platform may)."""
        ...

    def told(self, instance_id: str) -> bytes:
        """Return what the console shows of an open door: its host key, and its port if that is not 22."""
        ...

    async def close(self, instance_id: str) -> None:
        """Listen no longer, and end what goes through. No fault where there is none."""
        ...


class GroupRules(Protocol):
    """Whether security groups let somebody in: asked for each connection."""

    def allows(self, instance_id: str, source: str, port: int) -> bool:
        """Whether a TCP connection from an address reaches a port of an instance now."""
        ...

    def ports(self, instance_id: str) -> Collection[tuple[int, int]]:
        """Return the first and last TCP port of each rule that lets anybody in; (0, 65535) for all."""
        ...


__all__ = [
    "Attached",
    "Console",
    "DiskInUse",
    "DiskPlaceUnfit",
    "DiskUnavailable",
    "Doors",
    "FurtherInterface",
    "GroupRules",
    "Host",
    "HostGone",
    "Hosts",
    "LaunchFailed",
    "MetadataOptions",
    "Program",
    "TerminalSize",
    "Wanted",
]
