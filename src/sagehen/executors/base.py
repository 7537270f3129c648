"""The contract of every executor: a SandboxSpec goes in, a running Sandbox comes out."""

from __future__ import annotations

import signal
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sagehen.executors.traffic import Traffic
from sagehen.executors.wire import Wire

HOME = "/home/job"
# Numbers of users and groups of a sandbox that has many.
OWN_USERS = 65536

# (stream "stdout" | "stderr", one line without its newline). Called on the event loop, in order.
OutputListener = Callable[[str, str], None]
CloseDoor = Callable[[], Awaitable[None]]
# Serves a listener that was opened inside a private network; returns what stops it again.
OpenDoor = Callable[[socket.socket], Awaitable[CloseDoor]]


@dataclass(frozen=True, slots=True)
class Mount:
    """A host path that the process sees at `target`.

    Args:
        kept: Whether anybody wants what was written there once the sandbox has ended.
        renewed: Whether what is read there changes while it runs.
        of_machine: Whether it is the machine's own: another one has its own at the same place, or nothing.
    """

    source: Path
    target: str
    writable: bool = False
    kept: bool = True
    renewed: bool = False
    of_machine: bool = False


@dataclass(frozen=True, slots=True)
class Layers:
    """A folder of this host's that a sandbox's root writes over; what it writes is kept apart.

    Args:
        target: As seen inside.
        own: A file that says, as JSON, what is that root's to change: `folders` and `links` of the host's
            names, `files` with the sources of their content, `texts` with their content.
        host: The folder; None: there is nothing but what `own` says.
        place: A folder on one of the sandbox's disks; holds `upper` and `work`.
    """

    target: str
    own: Path
    host: Path | None
    place: Path


@dataclass(frozen=True, slots=True)
class ImageRoot:
    """An image that a sandbox runs on: its root, under what the sandbox writes.

    Args:
        folder: The root, unpacked. Where the platform is root, files have the owners that they have inside.
        place: A folder of the sandbox's own, which it makes; holds `upper` and `work`.
        uid, gid, groups: Who its command is, as numbered inside. Where the platform is no root, there is one
            user, of the number `uid`, and one group.
        stop_signal: What `Sandbox.stop` sends first.
        config: The digest of the image's configuration.
        layers: What `folder` was unpacked of, the lowest first: files named by their digests, and their
            digests unpacked. Another machine makes its own of them.
    """

    folder: Path
    place: Path
    uid: int = 0
    gid: int = 0
    groups: tuple[int, ...] = ()
    stop_signal: int = signal.SIGTERM
    config: str = ""
    layers: tuple[tuple[Path, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one instance may use.

    Args:
        cpus: Processor shares in whole or part cores, already scaled to the host.
        memory_mib: Resident memory; overrun kills the sandbox and shows as `out_of_memory`.
        processes: Tasks (threads count).
        tmp_mib: Size of the private /tmp.
        shm_mib: Size of the private /dev/shm.
        cpu_weight: Share of the processors against others where they are short; 1.0 is ordinary.
        tmp_is_memory: Whether files in /tmp count against `memory_mib`. Where not, the kernel's own
            limit is their sum, and memory alone is watched: an overrun is seen within a quarter of a
            second, or by the next look at `Sandbox.usage`.
        disk_mib: What its writable mounts may hold together, what was there at the start included; None
            is no limit. Watched: an overrun is seen some seconds later, kills the sandbox and shows as
            `out_of_disk`.
        overrun_ends_all: Whether too much memory ends the whole sandbox. Where not, as on a machine of
            one's own, it ends one process: the kernel's choice, without cgroups the largest.
    """

    cpus: float
    memory_mib: int
    processes: int = 1024
    tmp_mib: int = 1024
    shm_mib: int = 1024
    cpu_weight: float = 1.0
    tmp_is_memory: bool = True
    disk_mib: int | None = None
    overrun_ends_all: bool = True


@dataclass(frozen=True, slots=True)
class Network:
    """A private loopback network. Sandboxes that name the same network share it.

    Args:
        name: Unique on this machine, such as `job-<id>`.
        hosts: Host name -> loopback address (`algo-1` -> 127.0.0.1, `algo-2` -> 127.0.0.2), written
            to each member's /etc/hosts. All of 127/8 is local, so every host has its own ports.
        platform_door: Whether the platform's front door answers on the network's
            127.0.0.1:<platform port> (off under EnableNetworkIsolation). It is also the HTTP(S)
            proxy through which the sandbox reaches the internet; loopback and link-local addresses
            of the host are refused there.
        doors: More doors: port -> what serves the listener on the network's 127.0.0.1:<port>.
        addresses: Further IPv4 addresses that are the network's own.
        far_doors: Doors at these: (address, port) -> what serves the listener there.
        traffic: Counts what goes through the platform's door, where somebody wants to know.
        places: Where it is on several machines of a cluster: address of a host -> `SandboxSpec.node`. The
            hosts' addresses are those of `sagehen.executors.wire` then.
        wire: What the executor of one of these machines has of it; made from `places` on the way there.
    """

    name: str
    hosts: Mapping[str, str] = field(default_factory=dict)
    platform_door: bool = True
    doors: Mapping[int, OpenDoor] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
    far_doors: Mapping[tuple[str, int], OpenDoor] = field(default_factory=dict)
    traffic: Traffic | None = None
    places: Mapping[str, str | None] = field(default_factory=dict)
    wire: Wire | None = None

    def addresses_on(self, node: str | None) -> tuple[str, ...]:
        """Return the addresses of the hosts on one machine, of a network that is on several."""
        return tuple(address for address, place in self.places.items() if place == node)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python besides the platform's own, with what must be seen for it to work.

    Args:
        executable: Absolute, the same inside and outside.
        folders: Folders and files that are shown read-only, at their own places.
        version: (major, minor).
    """

    executable: str
    folders: tuple[Path, ...]
    version: tuple[int, int]


@dataclass(frozen=True, slots=True)
class SandboxSpec:
    """One process tree to run in a sandbox of its own.

    Args:
        name: Unique on this machine; also the host name unless `hostname` says otherwise.
        folder: A private folder of the executor's for this sandbox (exists; holds spec, pid, exit
            records). Its content survives a restart of the platform.
        command: What to run. `python` as the first word means the environment's interpreter.
        environment: All variables; nothing is inherited from the platform. The executor adds PATH,
            HOME, USER, LANG, TMPDIR, PYTHONUNBUFFERED where absent (see `own_variables_only`).
        mounts: What it sees besides the system's read-only /usr and the Python environment.
        working_directory: As seen inside.
        limits: Enforced by cgroups where the platform may make them, else by rlimits and a watchdog.
        network: None means no network but a loopback of its own, without the platform's door.
        hostname: As seen inside.
        warm_parent: Name of a preload set (`torch`) to fork from instead of spawning; used only
            where `command` starts with `python` and the executor finds it safe, otherwise spawned.
        gpus: How many GPU devices it may open.
        open_files: RLIMIT_NOFILE.
        packages: Which of the platform's own installed packages it sees, by import name; None means all
            of them, and the platform's own code. Another interpreter is seen as a whole.
        only_tmp: /tmp is the only place to write to, besides writable mounts.
        raw_output: stdout and stderr share one pipe in the order written (told as `stdout`), and
            carriage returns stay in the lines.
        streams_apart: Of raw output: stdout and stderr have a pipe each after all.
        forked_variables: Variables of which the caller knows that a fork honours them, though it takes
            a start to read them.
        user_name: What the process finds itself called.
        other_users: Further names of the same user, with homes, in its /etc/passwd.
        home: That user's home, as seen inside: memory, but where a mount says otherwise.
        python: Which interpreter `python` stands for; None: the platform's own.
        root: Its processes are root in a user namespace of its own, and what the host has is laid under what
            they write in these places; None: they are an ordinary user. Where the platform is root, there are
            `OWN_USERS` users and files are numbered on the disks as inside; else one alone. Needs a warm
            parent.
        own_variables_only: Of the variables, the executor adds PATH and the number of spinning threads
            alone.
        image: It runs on this image's root instead of the host's, with nothing of the host's but mounts.
            `command` is the image's own, variables are as said. Forked and then executed: always.
        node: The machine of the cluster that runs it; None: the one that the platform runs on.
        sockets: Unix sockets that it is going to listen on, as paths in its writable mounts. Who connects to
            one here reaches it, wherever it runs.
        wanted: Folders and files in its writable mounts whose content is wanted once it has ended, none of
            them in another; None: all that its mounts keep.
        left: Folders in its writable mounts that are stored from where it runs. Where that is elsewhere, they
            stay there when it has ended, until `NodeData.let_go`.
        pipes: What named pipes in its writable mounts are called without their epochs (`incoming`). Where it
            runs elsewhere, the first of each is made there; here they are made before it starts.
    """

    name: str
    folder: Path
    command: tuple[str, ...]
    limits: Limits
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    working_directory: str = "/"
    network: Network | None = None
    hostname: str | None = None
    warm_parent: str | None = None
    gpus: int = 0
    open_files: int = 65536
    packages: tuple[str, ...] | None = None
    only_tmp: bool = False
    raw_output: bool = False
    streams_apart: bool = False
    forked_variables: frozenset[str] = frozenset()
    user_name: str = "job"
    other_users: Mapping[str, str] = field(default_factory=dict)
    home: str = HOME
    own_variables_only: bool = False
    root: tuple[Layers, ...] | None = None
    python: Interpreter | None = None
    image: ImageRoot | None = None

    @property
    def has_own_users(self) -> bool:
        """Whether there is a root in its user namespace; where the platform is root, many users."""
        return self.root is not None or self.image is not None

    node: str | None = None
    sockets: tuple[Path, ...] = ()
    wanted: tuple[Path, ...] | None = None
    left: tuple[Path, ...] = ()
    pipes: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class ExitStatus:
    """How a sandbox ended. `code` is 128 + signal where a signal ended it.

    `is_lost` where nobody saw how: the machine that it ran on is gone, or hears us no more.
    """

    code: int
    signal: int | None = None
    out_of_memory: bool = False
    out_of_disk: bool = False
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """What a sandbox uses.

    Args:
        cpu_s: Cumulative.
        memory_bytes: Resident now, files in memory (/tmp) included.
        peak_bytes: The highest so far.
        anonymous_bytes: Resident now, without files.
    """

    cpu_s: float
    memory_bytes: int
    peak_bytes: int
    anonymous_bytes: int = 0


class Sandbox(Protocol):
    """A started sandbox."""

    @property
    def name(self) -> str: ...

    @property
    def pid(self) -> int:
        """The host's pid of its first process."""
        ...

    async def wait(self) -> ExitStatus:
        """Return how it ended, once its output was delivered. May be awaited by many."""
        ...

    async def stop(self, grace_s: float) -> ExitStatus:
        """Send SIGTERM to the command, SIGKILL to everything `grace_s` later."""
        ...

    async def kill(self) -> ExitStatus:
        """End every process of the sandbox at once."""
        ...

    def usage(self) -> Usage:
        """Return what it uses, or had used when it ended. Blocks, without cgroups for milliseconds."""
        ...

    def deliver_output(self) -> None:
        """Deliver at once what it has printed so far, an unfinished line included."""
        ...


@dataclass(frozen=True, slots=True)
class WarmState:
    """A warm parent that runs.

    Args:
        name: Of its preload set.
        children: How many sandboxes that were forked from it run.
    """

    name: str
    pid: int
    children: int


@dataclass(frozen=True, slots=True)
class ExecutorState:
    """What an executor has running.

    Args:
        limits: By what it enforces limits.
        running: What was started and has not ended, with what it was started from.
        warm: Its warm parents.
    """

    limits: str
    running: tuple[tuple[SandboxSpec, Sandbox], ...]
    warm: tuple[WarmState, ...] = ()


class Executor(Protocol):
    """Runs sandboxes on this machine, or elsewhere."""

    def state(self) -> ExecutorState:
        """Return what runs now."""
        ...

    @property
    def has_private_networks(self) -> bool:
        """Whether each network has ports of its own; False where all share the host's."""
        ...

    async def start(self, spec: SandboxSpec, on_output: OutputListener) -> Sandbox:
        """Start `spec`. Its intention is on disk before the process exists.

        Raises:
            SandboxUnavailable: This machine cannot run it; the message says why and what to do.
        """
        ...

    async def prewarm(
        self,
        name: str,
        spares: int = 0,
        door_ports: tuple[int, ...] = (),
        python: Interpreter | None = None,
    ) -> None:
        """Make starts with `warm_parent=name` fast from now on; nothing where there is no such thing.

        Args:
            name: Of the preload set.
            spares: How many children to have forked ahead, with as many networks.
            door_ports: Of those networks' doors, besides the platform's.
            python: The interpreter that imports it; None: the platform's own.

        Raises:
            SandboxUnavailable: The preload set cannot be imported.
        """
        ...

    async def connect(self, network: str, port: int) -> socket.socket:
        """Return a non-blocking TCP socket connected to 127.0.0.1:`port` of a private network.

        Raises:
            OSError: Nobody listens there, or no such network is open.
            SandboxUnavailable: The kernel refuses.
        """
        ...

    async def show(self, sandbox: str, path: Path) -> None:
        """See that a folder in a read-only mount of a sandbox is seen as it is now, or is gone there too.

        What its node has got under that name (`ports.NodeData`) is no longer the name's, but the mount's.

        Who calls it does so once at a time for a folder.

        Raises:
            OSError: Its machine is gone, or cannot take it.
        """
        ...

    async def recover(self) -> list[str]:
        """End whatever an earlier life of the platform left running; return the names ended."""
        ...

    async def close(self) -> None:
        """Kill everything started here and leave nothing behind: no process, cgroup or mount."""
        ...


class SandboxUnavailable(Exception):
    """The machine refuses what a sandbox needs."""
