"""JupyterServer: one machine with JupyterLab in it, from its launch to its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sagehen.executors.base import Usage
from sagehen.executors.machines.commands import Command, MachineGone
from sagehen.executors.machines.machine import Machine
from sagehen.services.sagemaker.notebooks.jupyter import places
from sagehen.services.sagemaker.notebooks.jupyter.asking import NoAnswer, ask
from sagehen.services.sagemaker.notebooks.server import LaunchFailed, Output

_log = logging.getLogger("sagehen.notebooks")

_COMMAND = ("python", "-m", "jupyterlab", f"--config={places.START}/jupyter_server_config.json")
# From a warm parent it takes a second; without one, on a busy machine, many.
_COMES_UP_S = 90.0
_LOOK_AGAIN_S = 0.05
# Somebody killed it from inside, say: so often in a row it is started again, then the machine is given up.
_MOST_RESTARTS = 3
_PROVEN_AFTER_S = 60.0


class JupyterServer:
    """Implements `NotebookServer`.

    Args:
        machine: Runs.
        token: JupyterLab's.
        base_path: Of its URLs.
        output: Takes what it prints.
        path: PATH of all that is run.
        on_stop: Called once nothing runs any more.
    """

    def __init__(
        self,
        machine: Machine,
        *,
        token: str,
        base_path: str,
        output: Output,
        path: str,
        on_stop: Callable[[], Awaitable[None]],
    ) -> None:
        self._machine = machine
        self._token = token
        self._base_path = base_path
        self._output = output
        self._variables = {"PATH": path}
        self._on_stop = on_stop
        self._serving: asyncio.Task[str] | None = None

    @property
    def token(self) -> str:
        return self._token

    async def run_script(self, hook: str, content: bytes, deadline_s: float, output: Output) -> int | None:
        """See `NotebookServer.run_script`. There is one user in the machine: root's rights are nobody's."""
        variables = {"PATH": f"{places.LIFECYCLE}:{self._variables['PATH']}"}
        command = Command(script=content, name=hook, environment=variables, directory=places.HOME)
        return await self._run(command, deadline_s, output)

    async def run(self, command: tuple[str, ...], deadline_s: float, output: Output) -> int | None:
        """See `NotebookServer.run`."""
        return await self._run(Command(command, directory=places.VOLUME), deadline_s, output)

    async def serve(self) -> None:
        """See `NotebookServer.serve`."""
        assert self._serving is None, "it is told to serve once"
        self._serving = asyncio.create_task(self._keep_up(), name=f"jupyter {self._base_path}")
        deadline = asyncio.get_running_loop().time() + _COMES_UP_S
        while not await self._answers():
            if self._serving.done():
                raise LaunchFailed(self._serving.result())
            if asyncio.get_running_loop().time() > deadline:
                raise LaunchFailed(f"JupyterLab did not answer within {_COMES_UP_S:.0f} s.")
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def connect(self) -> socket.socket:
        """See `NotebookServer.connect`."""
        return await self._machine.connect(places.PORT)

    async def last_activity(self) -> datetime | None:
        """See `NotebookServer.last_activity`: as JupyterLab says of its kernels and clients."""
        try:
            # Of a cell that prints nothing JupyterLab knows no activity, however long it works.
            kernels = json.loads(await self._ask("api/kernels?no_track_activity=1"))
            if any(kernel["execution_state"] == "busy" for kernel in kernels):
                return datetime.now(UTC)
            status = json.loads(await self._ask("api/status"))
            last = datetime.fromisoformat(str(status["last_activity"]).replace("Z", "+00:00"))
        except (NoAnswer, OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return last if last.tzinfo is not None else None

    def usage(self) -> Usage:
        """See `NotebookServer.usage`."""
        return self._machine.usage()

    async def wait_gone(self) -> str:
        """See `NotebookServer.wait_gone`."""
        gone = asyncio.ensure_future(self._machine.wait_gone())
        waiting: set[asyncio.Future[str]] = {gone}
        if self._serving is not None:
            waiting.add(self._serving)
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            return gone.result() if gone in done else next(iter(done)).result()
        finally:
            gone.cancel()

    async def stop(self, grace_s: float) -> None:
        """See `NotebookServer.stop`."""
        try:
            await self._machine.stop(grace_s)
        finally:
            if self._serving is not None:
                self._serving.cancel()
                await asyncio.gather(self._serving, return_exceptions=True)
            await self._on_stop()

    async def _run(self, command: Command, deadline_s: float, output: Output) -> int | None:
        try:
            return await self._machine.run(self._dressed(command), output, deadline_s)
        except MachineGone as error:
            raise LaunchFailed(f"The machine ended: {error}.") from error

    def _dressed(self, command: Command) -> Command:
        return Command(
            command.words,
            command.script,
            command.name,
            {**self._variables, **command.environment},
            command.directory,
            command.preloaded,
        )

    async def _keep_up(self) -> str:
        """Run JupyterLab, again where it ends; return why that is given up."""
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            began = loop.time()
            command = Command(_COMMAND, directory=places.VOLUME, preloaded=True)
            try:
                code = await self._machine.run(self._dressed(command), self._output)
            except MachineGone as error:
                return str(error)
            failures = 1 if loop.time() - began > _PROVEN_AFTER_S else failures + 1
            if failures > _MOST_RESTARTS:
                return f"JupyterLab ends again and again, at last with {code}."
            self._output(f"sagehen: JupyterLab ended with {code} and is started again")
            await asyncio.sleep(0.5 * failures)

    async def _answers(self) -> bool:
        with contextlib.suppress(NoAnswer):
            await self._ask("api/status")
            return True
        return False

    async def _ask(self, path: str) -> bytes:
        return await ask(self.connect, f"{self._base_path}{path}", self._token)
