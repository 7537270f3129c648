"""Plain processes, without any isolation: what `--sandbox=off` runs.

Nothing is private here. A mount cannot be made, so its target is replaced by its source wherever
it begins a path in the command, the environment and the working directory (`/opt/ml/model`
becomes `<job folder>/model`). Code that has `/opt/ml` written into itself will not find it.
A network cannot be closed: such specs are refused rather than run differently from what they say. Several
hosts of one network cannot have names of their own either: they are told each other's addresses, and a
port for their first meeting, in variables (`_addresses`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import signal
import socket
import zlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import psutil

from sagehen.domain.clock import Clock
from sagehen.executors.base import (
    CloseDoor,
    ExitStatus,
    Network,
    OutputListener,
    Sandbox,
    SandboxSpec,
    SandboxUnavailable,
)
from sagehen.executors.isolation.view import own_python_environment
from sagehen.executors.limits.backends import LimitGroup, WatchdogBackend
from sagehen.executors.limits.descendants import process_tree
from sagehen.executors.processes.intentions import Intentions, end_processes
from sagehen.executors.processes.output import OutputPipes
from sagehen.executors.processes.representable import require_representable
from sagehen.executors.processes.running import Running
from sagehen.executors.sandbox.spawning import python_arguments

_log = logging.getLogger(__name__)
# Below the kernel's own choice of ports (32768 and up).
_FIRST_PORT, _PORTS = 20_000, 10_000


class DebugExecutor:
    """Implements `base.Executor` with plain child processes of the platform's own user.

    Args:
        folder: The executor's own folder; survives restarts.
        clock: Dates the records.
    """

    def __init__(self, folder: Path, *, clock: Clock) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self._python = own_python_environment()
        self._intentions = Intentions(folder)
        self._limits = WatchdogBackend()
        self._running: dict[str, PlainProcess] = {}
        _log.warning(
            "Sandboxes are OFF: jobs and endpoints run as plain processes with your rights. They can read "
            "your files, the platform's data and its root credentials. Run only code that you trust. Network "
            "isolation is refused, /opt/ml is reached through SM_* variables alone, and the hosts of one job "
            "share this machine's ports: scripts find them by MASTER_ADDR, not by names such as algo-1."
        )

    @property
    def has_private_networks(self) -> bool:
        return False

    async def start(self, spec: SandboxSpec, on_output: OutputListener) -> Sandbox:
        if spec.name in self._running:
            raise ValueError(f"A sandbox named {spec.name!r} is running.")
        require_representable(spec)
        if spec.network is not None and not spec.network.platform_door:
            raise SandboxUnavailable(
                "With --sandbox=off there are no private networks: network isolation is not possible. "
                "Run with sandboxes."
            )
        doors = await _open_doors(spec.network)
        pipes = OutputPipes(raw=spec.raw_output)
        process: asyncio.subprocess.Process | None = None
        command = [on_host(word, spec) for word in spec.command]
        if python_arguments(command) is not None:
            command[0] = self._python.executable
        try:
            await asyncio.to_thread(self._intentions.intend, spec, self._clock.now().isoformat())
            await pipes.open(on_output)
            process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=pipes.writers[0],
                stderr=pipes.writers[1], env=self._environment(spec),
                cwd=on_host(spec.working_directory, spec), start_new_session=True,
            )  # fmt: skip
            await asyncio.to_thread(self._intentions.started, spec, [process.pid], ())
        except BaseException as error:
            pipes.close_writers()
            if process is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
            await pipes.drained(patience_s=1.0)
            await _close_doors(doors)
            await asyncio.to_thread(self._intentions.ended, spec, None)
            if isinstance(error, OSError):
                raise SandboxUnavailable(f"{command[0]} could not be started: {error}") from error
            raise
        pipes.close_writers()
        limits = self._limits.create(spec.name)
        limits.apply(spec.limits)

        async def on_end(status: ExitStatus) -> None:
            await _close_doors(doors)
            self._running.pop(spec.name, None)
            await asyncio.to_thread(self._intentions.ended, spec, status)

        running = PlainProcess(spec, process, pipes, limits, on_end)
        self._running[spec.name] = running
        return running

    async def prewarm(self, name: str, spares: int = 0, door_ports: tuple[int, ...] = ()) -> None:
        """Nothing: every process is spawned."""

    async def recover(self) -> list[str]:
        return await asyncio.to_thread(self._recover)

    async def close(self) -> None:
        await asyncio.gather(*(process.kill() for process in list(self._running.values())))

    def _environment(self, spec: SandboxSpec) -> dict[str, str]:
        scratch = str(spec.folder / "tmp")
        Path(scratch).mkdir(parents=True, exist_ok=True)
        defaults = {
            "PATH": self._python.path,
            "HOME": scratch,
            "USER": "job",
            "LANG": "C.UTF-8",
            "TMPDIR": scratch,
            "PYTHONUNBUFFERED": "1",
        }
        defaults |= _addresses(spec.network)
        return {**defaults, **{name: on_host(value, spec) for name, value in spec.environment.items()}}

    def _recover(self) -> list[str]:
        ended = []
        for name, record in self._intentions.left_over().items():
            # Unlike a sandbox, a plain process outlives the platform: with all that it has started.
            for mark in record.get("processes", ()):
                for process in process_tree(mark["pid"])[1:]:
                    with contextlib.suppress(psutil.Error):
                        process.kill()
            end_processes(record)
            self._intentions.forget(name)
            ended.append(name)
        return ended


class PlainProcess(Running):
    """A process group of the platform's own user.

    Args:
        process: Its first.
    """

    # Nothing of it runs any more when its output is awaited.
    _drain_s = 1.0

    def __init__(
        self,
        spec: SandboxSpec,
        process: asyncio.subprocess.Process,
        pipes: OutputPipes,
        limits: LimitGroup,
        on_end: Callable[[ExitStatus], Awaitable[None]],
    ) -> None:
        self._process = process
        super().__init__(spec, pipes, limits, on_end)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def _exit_code(self) -> int:
        code = await self._process.wait()
        self._kill_all()  # its children do not end with it
        return 128 - code if code < 0 else code

    async def _terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    def _kill_all(self) -> None:
        for process in process_tree(self.pid)[1:]:
            with contextlib.suppress(psutil.Error):
                process.kill()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def _addresses(network: Network | None) -> dict[str, str]:
    """Return what tells the hosts of one network where they are, as no name of theirs resolves.

    The port follows from the network's name, so that jobs side by side seldom have the same.
    """
    if network is None or len(network.hosts) < 2:
        return {}
    hosts = ",".join(f"{name}={address}" for name, address in network.hosts.items())
    port = _FIRST_PORT + zlib.crc32(network.name.encode()) % _PORTS
    return {"SAGEHEN_HOST_ADDRESSES": hosts, "SAGEHEN_MASTER_PORT": str(port)}


async def _open_doors(network: Network | None) -> list[CloseDoor]:
    """Serve the network's doors on the host's own loopback: whoever made it chose ports that are free."""
    opened = []
    for port, open_door in network.doors.items() if network else ():
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            listener.listen(1024)
            listener.setblocking(False)
            opened.append(await open_door(listener))
        except OSError as error:
            listener.close()
            await _close_doors(opened)
            raise SandboxUnavailable(f"Port {port} of this machine is taken: {error}") from error
    return opened


async def _close_doors(doors: list[CloseDoor]) -> None:
    for close in doors:
        await close()


def on_host(text: str, spec: SandboxSpec) -> str:
    """Return `text` with the targets of `spec`'s mounts, where they begin a path, replaced by sources."""
    targets: Mapping[str, Path] = {mount.target.rstrip("/"): mount.source for mount in spec.mounts}
    if not targets:
        return text
    longest_first = sorted(targets, key=len, reverse=True)
    pattern = r"(?<![\w./-])(" + "|".join(map(re.escape, longest_first)) + r")(?![\w.-])"
    return re.sub(pattern, lambda match: str(targets[match[1]].absolute()), text)
