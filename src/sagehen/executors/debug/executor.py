"""Plain processes, without any isolation: what `--sandbox=off` runs.

Nothing is private here. A mount cannot be made, so its target is replaced by its source wherever
it begins a path in the command, the environment and the working directory (`/opt/ml/model`
becomes `<job folder>/model`). Code that has `/opt/ml` written into itself will not find it.
A network cannot be closed: such specs are refused rather than run differently from what they say. Several
hosts of one network cannot have names of their own either: they are told each other's addresses, and a
port for their first meeting, in variables (`places.addresses`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from pathlib import Path

import psutil

import sagehen
from sagehen.domain.clock import Clock
from sagehen.executors.base import (
    ExecutorState,
    ExitStatus,
    Interpreter,
    OutputListener,
    Sandbox,
    SandboxSpec,
    SandboxUnavailable,
)
from sagehen.executors.debug.places import addresses, close_doors, on_host, open_doors
from sagehen.executors.debug.process import PlainProcess
from sagehen.executors.isolation.python import own_python_environment, python_arguments, shown
from sagehen.executors.limits.descendants import process_tree
from sagehen.executors.limits.watchdog import WatchdogBackend
from sagehen.executors.processes.intentions import Intentions, end_processes
from sagehen.executors.processes.output import OutputPipes
from sagehen.executors.processes.representable import require_representable

_log = logging.getLogger(__name__)


class DebugExecutor:
    """Implements `base.Executor` with plain child processes of the platform's own user.

    Args:
        folder: The executor's own folder; survives restarts.
        clock: Dates the records.
    """

    def __init__(self, folder: Path, *, clock: Clock) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
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

    def state(self) -> ExecutorState:
        """See `base.Executor.state`."""
        running = tuple((sandbox.spec, sandbox) for sandbox in self._running.values())
        return ExecutorState(self._limits.name, running)

    async def start(self, spec: SandboxSpec, on_output: OutputListener) -> Sandbox:
        """Start `spec` as a plain process; see `base.Executor.start`.

        Raises:
            SandboxUnavailable: It wants isolation, a port that is taken, or a program that cannot be started.
            ValueError: One of that name is running.
        """
        if spec.name in self._running:
            raise ValueError(f"A sandbox named {spec.name!r} is running.")
        require_representable(spec)
        if spec.image is not None:
            raise SandboxUnavailable("With --sandbox=off nothing runs on an image: run with sandboxes.")
        if spec.network is not None and not spec.network.platform_door:
            raise SandboxUnavailable(
                "With --sandbox=off there are no private networks: network isolation is not possible. "
                "Run with sandboxes."
            )
        doors = await open_doors(spec.network)
        pipes = OutputPipes(raw=spec.raw_output, apart=spec.streams_apart)
        process: asyncio.subprocess.Process | None = None
        command = [on_host(word, spec) for word in spec.command]
        if python_arguments(command) is not None:
            command[0] = shown(spec.python, self._python).executable
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
            await close_doors(doors)
            await asyncio.to_thread(self._intentions.ended, spec, None)
            if isinstance(error, OSError):
                raise SandboxUnavailable(f"{command[0]} could not be started: {error}") from error
            raise
        pipes.close_writers()
        limits = self._limits.create(spec.name)
        limits.apply(spec.limits)

        async def on_end(status: ExitStatus) -> None:
            await close_doors(doors)
            self._running.pop(spec.name, None)
            await asyncio.to_thread(self._intentions.ended, spec, status)

        running = PlainProcess(spec, process, pipes, limits, on_end)
        self._running[spec.name] = running
        return running

    async def prewarm(
        self,
        name: str,
        spares: int = 0,
        door_ports: tuple[int, ...] = (),
        python: Interpreter | None = None,
    ) -> None:
        """Nothing: every process is spawned."""

    async def show(self, sandbox: str, path: Path) -> None:
        """Nothing: all sandboxes see the host's folders."""

    async def connect(self, network: str, port: int) -> socket.socket:
        """Connect on the host itself: there are no private networks; see `base.Executor.connect`."""
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
        except BaseException:
            made.close()
            raise
        return made

    async def recover(self) -> list[str]:
        """End what an earlier life left, with all that it has started; return the names ended."""
        return await asyncio.to_thread(self._recover)

    async def close(self) -> None:
        """Kill everything started here."""
        await asyncio.gather(*(process.kill() for process in list(self._running.values())))

    def _environment(self, spec: SandboxSpec) -> dict[str, str]:
        scratch = str(spec.folder / "tmp")
        Path(scratch).mkdir(parents=True, exist_ok=True)
        defaults = {
            "PATH": shown(spec.python, self._python).path,
            "HOME": scratch,
            "USER": "job",
            "LANG": "C.UTF-8",
            "TMPDIR": scratch,
            "PYTHONUNBUFFERED": "1",
        }
        defaults |= addresses(spec.network)
        given = {name: on_host(value, spec) for name, value in spec.environment.items()}
        if spec.python is not None:  # Sagehen is not installed there, and a package cannot be mounted
            given["PYTHONPATH"] = os.pathsep.join(filter(None, (self._own_code(), given.get("PYTHONPATH"))))
        return {**defaults, **given}

    def _own_code(self) -> str:
        """Return a folder that holds Sagehen's package and nothing that is installed beside it."""
        folder = self._folder / "code"
        folder.mkdir(exist_ok=True)
        link, package = folder / "sagehen", Path(sagehen.__file__).parent
        if link.is_symlink() and link.readlink() != package:  # of an earlier life, installed elsewhere
            link.unlink()
        if not link.is_symlink():
            link.symlink_to(package, target_is_directory=True)
        return str(folder)

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
