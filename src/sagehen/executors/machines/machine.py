"""Machine: one that runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from socket import socket

from sagehen.executors.base import Sandbox, Usage
from sagehen.executors.machines import pause, programs
from sagehen.executors.machines.commands import Command, MachineGone, run
from sagehen.executors.machines.inside.agent import OFF, REBOOT
from sagehen.executors.machines.volumes.volume import Volume


class Machine:
    """A sandbox that stays, in which processes are started.

    Args:
        sandbox: Runs the agent.
        connect: Reaches a port of its loopback.
        agent_port, token: Of the agent.
        volumes: What it has mounted.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        connect: Callable[[int], Awaitable[socket]],
        agent_port: int,
        token: str,
        volumes: Sequence[Volume],
    ) -> None:
        self._sandbox = sandbox
        self._connect = connect
        self._agent_port = agent_port
        self._token = token
        self._stopping = False
        self._reason: str | None = None
        self._watches = [
            asyncio.create_task(self._watch(volume), name=f"volume of {sandbox.name}") for volume in volumes
        ]

    @property
    def pid(self) -> int:
        """The host's pid of a process in its namespaces."""
        return self._sandbox.pid

    async def run(
        self, command: Command, output: Callable[[str], None], deadline_s: float | None = None
    ) -> int | None:
        """Run a process inside; see `commands.run`. Cancelled, it ends the process.

        Raises:
            MachineGone: The machine ended meanwhile; the text says why where that is known.
        """
        try:
            return await run(command, self._reach_agent, self._token, output, deadline_s)
        except MachineGone as error:
            raise MachineGone(self._reason or str(error)) from error

    async def begin(self, what: programs.Started) -> programs.Program:
        """Start a program with streams of its own; see `programs.start`.

        Raises:
            MachineGone: The text says why where that is known.
            NoSuchUser
        """
        try:
            return await programs.start(what, self._reach_agent, self._token)
        except MachineGone as error:
            raise MachineGone(self._reason or str(error)) from error

    async def connect(self, port: int) -> socket:
        """Return a non-blocking socket connected to a port of its loopback.

        Raises:
            OSError: Nobody listens there.
        """
        return await self._connect(port)

    def usage(self) -> Usage:
        """Return what it uses, as `Sandbox.usage`."""
        return self._sandbox.usage()

    async def wait_gone(self) -> str:
        """Return why it ended, once it has. May be cancelled."""
        status = await self._sandbox.wait()
        if self._reason is not None:
            return self._reason
        if status.out_of_memory:
            return "the machine ran out of memory"
        return "the machine was stopped" if self._stopping else f"the machine ended with {status.code}"

    async def asked(self) -> str:
        """Return, once it ended, what ended it from inside: `off`, `reboot`, or ''."""
        status = await self._sandbox.wait()
        return {OFF: "off", REBOOT: "reboot"}.get(status.code, "") if self._reason is None else ""

    async def stop(self, grace_s: float) -> None:
        """End it: SIGTERM to what was started, SIGKILL to everything `grace_s` later."""
        self._stopping = True
        await self._sandbox.stop(grace_s)
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def standing_still(self) -> AsyncIterator[None]:
        """Let nothing of it run meanwhile: nothing is written to its disks.

        Raises:
            Restless: It does not stand still.
        """
        stopping = asyncio.ensure_future(asyncio.to_thread(pause.stop_all, self._sandbox.pid))
        try:
            await asyncio.shield(stopping)
            yield
        finally:
            # What was stopped goes on, whatever cut this off.
            done, _ = await asyncio.wait({stopping})
            if all(each.exception() is None for each in done):
                pause.continue_all(stopping.result())

    async def _reach_agent(self) -> socket:
        return await self._connect(self._agent_port)

    async def _watch(self, volume: Volume) -> None:
        ended, over = asyncio.ensure_future(self._sandbox.wait()), asyncio.ensure_future(volume.overrun())
        try:
            await asyncio.wait({ended, over}, return_when=asyncio.FIRST_COMPLETED)
            if over.done():
                self._reason = over.result()
                await self._sandbox.kill()
        finally:
            for each in (ended, over):
                each.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(ended, over, return_exceptions=True)
