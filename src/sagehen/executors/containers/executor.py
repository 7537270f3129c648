"""Sandboxes on images as containers of Docker or Podman; all others as without.

Functions on images stay sandboxes, too: what one prints belongs into the log before its END line, and an
engine's stream has no such moment; and their cold starts are awaited by whoever calls.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
from pathlib import Path

from sagehen.domain.clock import Clock
from sagehen.executors.base import (
    Executor,
    ExitStatus,
    OpenDoor,
    OutputListener,
    Sandbox,
    SandboxSpec,
    SandboxUnavailable,
)
from sagehen.executors.beside import Beside
from sagehen.executors.containers.dialects import Engine
from sagehen.executors.containers.engine.client import EngineClient
from sagehen.executors.containers.engine.errors import EngineError
from sagehen.executors.containers.facts import ask_engine
from sagehen.executors.containers.images import Images
from sagehen.executors.containers.launching import Held, Launcher
from sagehen.executors.containers.own import OwnContainers
from sagehen.executors.containers.programs import NotExecutable
from sagehen.executors.containers.recovery import end_left_over
from sagehen.executors.containers.running import RunningContainer
from sagehen.executors.ended import EndedSandbox
from sagehen.executors.hardware.gpus import Gpus
from sagehen.executors.network.networks import Networks
from sagehen.executors.processes.intentions import Intentions
from sagehen.executors.processes.representable import require_representable


def runs_in_container(spec: SandboxSpec) -> bool:
    """Tell whether a sandbox is a container: those on images that are no functions (see above)."""
    return spec.image is not None and not spec.raw_output


class ContainerExecutor(Beside[RunningContainer]):
    """Implements `base.Executor` with containers for what `runs_in_container`, and with another for the rest.

    Args:
        others: Starts all other sandboxes.
        folder: The executor's own; survives restarts.
        clock: Dates the records.
        socket_path: Where the engine listens.
        platform_port: Where the front door answers inside private networks.
        open_door: Serves a listener that was opened inside a private network.
        gpus: Those of this machine, which `others` lends as well.
    """

    def __init__(
        self,
        others: Executor,
        folder: Path,
        *,
        clock: Clock,
        socket_path: Path,
        platform_port: int,
        open_door: OpenDoor | None = None,
        gpus: Gpus | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(others)
        self._clock = clock
        self._client = EngineClient(socket_path)
        self._intentions = Intentions(folder)
        self._networks = Networks(None, open_door, platform_port)
        self._gpus = gpus or Gpus()
        platform = hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:12]
        self._images = Images(self._client, folder, platform)
        self._containers = OwnContainers(self._client, platform)
        self._launcher = Launcher(self._client, self._containers, self._images, self._networks, folder)
        self._engine: Engine | None = None
        self._names: set[str] = set()

    async def start(self, spec: SandboxSpec, on_output: OutputListener) -> Sandbox:
        """Start `spec`; see `base.Executor.start`.

        Raises:
            SandboxUnavailable: It cannot be run here, or the engine refuses.
            ValueError: One of that name is running.
        """
        if not runs_in_container(spec):
            return await self._others.start(spec, on_output)
        if spec.name in self._names:
            raise ValueError(f"A sandbox named {spec.name!r} is running.")
        require_representable(spec)
        self._names.add(spec.name)
        return await self._start(spec, on_output)

    async def _start(self, spec: SandboxSpec, on_output: OutputListener) -> Sandbox:
        held, gpus = self._launcher.hold(spec), list[int]()
        try:
            gpus = self._gpus.lend(spec.gpus)
            await asyncio.to_thread(self._intentions.intend, spec, self._clock.now().isoformat())
            self._engine = self._engine or await ask_engine(self._client)
            devices = self._gpus.devices(gpus)
            container = await self._launcher.launch(spec, held, self._engine, devices)
        except NotExecutable as error:
            await self._undo(spec, held, gpus, error.status)
            program = spec.command[0]
            on_output("stderr", f"sagehen: {program!r} cannot be executed in this image: {error}")
            return EndedSandbox(spec.name, error.status)
        except BaseException as error:
            await self._undo(spec, held, gpus, None)
            if isinstance(error, EngineError):
                raise SandboxUnavailable(f"The container could not be started: {error}") from error
            raise
        assert held.taken is not None

        async def on_end(status: ExitStatus) -> None:
            self._running.pop(spec.name, None)
            await self._give_back(spec, held, gpus, status)

        sandbox = RunningContainer(
            spec, self._client, container, held.pid, held.keeper, held.taken, on_output, on_end
        )
        self._running[spec.name] = sandbox
        return sandbox

    async def connect(self, network: str, port: int) -> socket.socket:
        """See `base.Executor.connect`."""
        if network in self._networks:
            return await self._networks.connect(network, ("127.0.0.1", port))
        return await self._others.connect(network, port)

    async def show(self, sandbox: str, path: Path) -> None:
        """Nothing for containers: what is mounted is seen as it is."""
        if sandbox not in self._running:
            await self._others.show(sandbox, path)

    async def recover(self) -> list[str]:
        """End whatever an earlier life left; return the names ended."""
        ended = await self._others.recover()
        left = await end_left_over(
            self._launcher, self._containers, self._images, self._intentions, self._names
        )
        return sorted({*ended, *left})

    async def close(self) -> None:
        """Kill everything started here and leave nothing behind."""
        await asyncio.gather(*(sandbox.kill() for sandbox in list(self._running.values())))
        await self._networks.close()
        await self._others.close()

    async def _undo(self, spec: SandboxSpec, held: Held, gpus: list[int], status: ExitStatus | None) -> None:
        """Take back what a start has got that came to nothing; of what was cut off, an id was never told."""
        if held.taken is not None:
            held.taken.writer.close()
        await self._give_back(spec, held, gpus, status)
        if held.begun:
            await self._containers.remove_of(spec.name)

    async def _give_back(
        self, spec: SandboxSpec, held: Held, gpus: list[int], status: ExitStatus | None
    ) -> None:
        try:
            await self._launcher.give_back(spec, held)
            await asyncio.to_thread(self._intentions.ended, spec, status)
        finally:
            self._gpus.give_back(gpus)
            self._names.discard(spec.name)
