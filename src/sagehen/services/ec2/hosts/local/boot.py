"""Boot: runs the steps of user data inside, and shows what they print as cloud-init does."""

from __future__ import annotations

import asyncio
import shlex
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate

from sagehen.executors.machines.commands import MachineGone
from sagehen.executors.machines.machine import Machine
from sagehen.executors.machines.programs import Content, Started
from sagehen.executors.machines.roots.choice import RootKind
from sagehen.services.ec2.hosts.boot.cloud_config import File, User
from sagehen.services.ec2.hosts.boot.stages import (
    SCRIPTS_FOLDER,
    AddUser,
    AuthorizeKeys,
    Install,
    Power,
    RunScript,
    Say,
    SetHostName,
    Step,
    WriteFile,
    steps_of,
)  # fmt: skip
from sagehen.services.ec2.hosts.host import Console, Wanted
from sagehen.services.ec2.hosts.local.around import BOOT_LOG, PYTHON, user_environment

_INSTANCE = "/var/lib/cloud/instance"
_WRITE = (
    'mkdir -p -- "$(dirname -- "$1")" && cat{more}"$1" && chmod "$2" -- "$1"'
    ' && { [ -z "$3" ] || chown -- "$3" "$1"; }'
)
_MAKE_HOME = 'mkdir -p -- "$1" && chown -- "$2" "$1"'
_MOST_AT_ONCE, _MOST_PENDING = 512 * 1024, 200
_TERMINATED = 128 + 15  # by SIGTERM, as a shutdown ends all that runs
_ENDING_S = 5.0  # more than `shutdown` gives what runs
_NAME = "Cloud-init v. 0 (sagehen)"


class Boot:
    """One boot of one machine.

    Args:
        machine: Runs.
        wanted: What it is.
        console: Takes what is shown.
        first: Whether its root disk never ran.
        kind: Of its root.
    """

    def __init__(
        self, machine: Machine, wanted: Wanted, console: Console, *, first: bool, kind: RootKind
    ) -> None:
        self._machine = machine
        self._kind = kind
        self._wanted = wanted
        self._console = console
        self._first = first
        self._began = time.monotonic()
        # Written with the next thing that runs: each request costs a round trip.
        self._pending: list[Content] = []

    async def run(self) -> None:
        """Do all of it; what fails is shown, and the rest goes on.

        Raises:
            MachineGone
        """
        wanted = self._wanted
        steps = await asyncio.to_thread(steps_of, wanted.user_data, first_boot=self._first)
        if self._first:
            self._pending.append(Content(f"{_INSTANCE}/user-data.txt", wanted.user_data, 0o600))
            await self._authorize(wanted.authorized_keys, wanted.default_user)
        self._pending.append(Content("/etc/motd", motd(wanted, self._kind).encode()))
        await self._say(f"{_NAME} running 'modules:final' at {self._when()}")
        power: Power | None = None
        failed: list[str] = []
        for step in steps:
            if isinstance(step, Power):
                power = step
            elif (problem := await self._do(step)) is not None:
                failed.append(problem)
                await self._say(f"WARNING: {problem}")
        await self._say(f"{_NAME} finished at {self._when()} Datasource DataSourceEc2Local.")
        finished = (str(time.time()) + "\n").encode()
        self._pending.append(Content(f"{_INSTANCE}/boot-finished", finished))
        self._pending.append(Content("/run/cloud-init-finished", "\n".join(failed).encode()))
        await self._flush()
        self._console(f"\r\n{wanted.host_name.partition('.')[0]} login: ".encode())
        if power is not None:
            await self._run(Started((power.mode,), environment=_root()))

    async def _do(self, step: Step) -> str | None:
        """Do one and return what went wrong."""
        match step:
            case Say(text):
                await self._say(text)
            case SetHostName(_):
                pass  # a machine is started with it
            case AddUser(user):
                return await self._add(user)
            case AuthorizeKeys(keys):
                await self._authorize(keys, self._wanted.default_user)
            case WriteFile(file):
                return await self._write_file(file)
            case Install(packages):
                return await self._install(packages)
            case RunScript(name, content):
                path = f"{SCRIPTS_FOLDER}/{name.replace('/', '_')}"
                if await self._write(path, content, 0o700) != 0:
                    return f"{path} cannot be written"
                code = await self._run(Started((path,), environment=_root(), directory="/", log=BOOT_LOG))
                if code == _TERMINATED and await self._ends():
                    raise MachineGone("the machine was shut down by its user data")
                return None if code == 0 else f"Failed running {path} [{code}]"
            case Power():
                raise AssertionError("done at the end")
        return None

    async def _ends(self) -> bool:
        """Tell whether the machine is ending: what it ran was ended first."""
        ending = asyncio.ensure_future(self._machine.wait_gone())
        done, _ = await asyncio.wait({ending}, timeout=_ENDING_S)
        ending.cancel()
        await asyncio.gather(ending, return_exceptions=True)
        return bool(done)

    async def _install(self, packages: tuple[str, ...]) -> str | None:
        """Take what pip may have; anything else as the machine's `yum` does, see `inside/commands.sh`."""
        missing: list[str] = []
        for name in packages:
            python = name.removeprefix("python3-") if name.startswith("python3-") else ""
            line = f"command -v -- {shlex.quote(name)} >/dev/null && exit 0; "
            line += (
                f"exec pip install -- {shlex.quote(python)}"
                if python
                else f"exec yum install -y -- {shlex.quote(name)}"
            )
            if await self._run(Started(("/bin/sh", "-c", line), environment=_root(), log=BOOT_LOG)) != 0:
                missing.append(name)
        return f"packages that are not on this machine: {', '.join(missing)}" if missing else None

    async def _add(self, user: User) -> str | None:
        home = self._home(user.name)
        words = ("/bin/sh", "-c", _MAKE_HOME, "sh", home, user.name)
        if await self._run(Started(words, environment=_root(), log=BOOT_LOG)) != 0:
            return f"{home} cannot be made"
        await self._authorize(user.authorized_keys, user.name)
        return None

    async def _authorize(self, keys: tuple[str, ...], user: str) -> None:
        if keys:
            lines = "".join(f"{' '.join(key.split())}\n" for key in keys).encode()
            path = f"{self._home(user)}/.ssh/authorized_keys"
            self._pending.append(Content(path, lines, 0o600, appends=True, owner=user))

    async def _write_file(self, file: File) -> str | None:
        owner = file.owner.partition(":")[0]
        code = await self._write(file.path, file.content, file.mode, append=file.append, owner=owner)
        return None if code == 0 else f"{file.path} cannot be written"

    async def _write(
        self, path: str, content: bytes, mode: int, *, append: bool = False, owner: str = ""
    ) -> int:
        await self._flush()
        if len(content) <= _MOST_AT_ONCE:
            return await self._run(Started(None, files=(Content(path, content, mode, append, owner),)))
        script = _WRITE.replace("{more}", " >>" if append else " >")
        words = ("/bin/sh", "-c", script, "sh", path, f"{mode:o}", owner)
        return await self._run(Started(words, environment=_root(), directory="/"), content)

    async def _say(self, text: str) -> None:
        line = text.encode("utf-8", "replace") + b"\n"
        self._console(line.replace(b"\n", b"\r\n"))
        self._pending.append(Content(BOOT_LOG, line, 0o640, appends=True))
        if len(self._pending) > _MOST_PENDING:
            await self._flush()

    async def _flush(self) -> None:
        if self._pending:
            files, self._pending = tuple(self._pending), []
            for one in files if await self._run(Started(None, files=files)) != 0 else ():
                # One that cannot be written, on a full disk or as it is a folder, keeps none of the others.
                await self._run(Started(None, files=(one,)))

    async def _run(self, what: Started, content: bytes = b"") -> int:
        if what.words is not None:
            await self._flush()
        program = await self._machine.begin(what)
        try:
            feeding = asyncio.gather(
                self._give(program.write, program.end_input, content),
                self._show(program.read),
                self._show(program.read_error),
            )
            code = await program.wait()
            await feeding
            return code
        finally:
            await program.kill()

    async def _give(
        self,
        write: Callable[[bytes], Awaitable[None]],
        end: Callable[[], Awaitable[None]],
        content: bytes,
    ) -> None:
        try:
            await write(content)
        except OSError:
            return
        await end()

    async def _show(self, read: Callable[[], Awaitable[bytes]]) -> None:
        while piece := await read():
            self._console(piece.replace(b"\n", b"\r\n"))

    def _home(self, user: str) -> str:
        return "/root" if user == "root" else f"/home/{user}"

    def _when(self) -> str:
        return f"{formatdate()}. Up {time.monotonic() - self._began:.2f} seconds."


def _root() -> dict[str, str]:
    return user_environment("root", "/root")


def host_name(wanted: Wanted) -> str:
    """Return what the machine calls itself. Not for the event loop."""
    names = [
        step.name for step in steps_of(wanted.user_data, first_boot=True) if isinstance(step, SetHostName)
    ]
    return (names[-1] if names else wanted.host_name)[:63]


def users(wanted: Wanted) -> dict[str, str]:
    """Return the homes of those that user data add. Not for the event loop."""
    steps = steps_of(wanted.user_data, first_boot=True)
    names = [step.user.name for step in steps if isinstance(step, AddUser)]
    return {name: f"/home/{name}" for name in names if name not in ("root", wanted.default_user)}


def motd(wanted: Wanted, kind: RootKind) -> str:
    """Return the message of the day: what this machine is, and what it is not."""
    limits = wanted.limits
    return f"""
   {wanted.image_name}, as Sagehen has it on this computer:
   {wanted.instance_type}, {limits.cpus:g} CPUs, {limits.memory_mib} MiB, {wanted.gpus} GPUs.
   It is a sandbox with a disk of {wanted.root.gib} GiB that stays. Python (with torch, where the host has it)
   is {PYTHON}, pip installs there. {_SYSTEM[kind]}
   No systemd.

"""


_SYSTEM = {
    RootKind.MANY: "The system is the host's, and what you change of it is your\n   machine's own.",
    RootKind.ONE: "The system is the host's, and what you change of it is your\n   machine's own."
    " All users are root under several names.",
    RootKind.NONE: "/usr is the host's and read-only. All users are one: sudo\n   changes names, not rights."
    " No packages of the distribution.",
}


__all__ = ["Boot", "host_name", "motd", "users"]
