"""ServerRun: the process of one tracking server, from its start to its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from dataclasses import dataclass

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import epoch_ms
from sagehen.executors.base import Sandbox, SandboxUnavailable
from sagehen.services.sagemaker.instances import capacity
from sagehen.services.sagemaker.instances.capacity import InsufficientCapacity, Lease
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.roles.credentials import RoleCredentials
from sagehen.services.sagemaker.tracking_servers.process import LIMITS, TrackingFolder, spec_of
from sagehen.services.sagemaker.tracking_servers.programs import Program, ProgramMissing, Programs
from sagehen.services.sagemaker.tracking_servers.tracking_server import TrackingServer
from sagehen.serving.address import address_of, held_socket
from sagehen.upkeep.run import Run

_log = logging.getLogger("sagehen.tracking")

LOG_GROUP = "/aws/sagemaker/MlflowTrackingServers"
# SQLite commits each request; what is under way may end.
STOP_GRACE_S = 5.0
# Importing takes 12 s of a processor, the first start makes a database, too; on a busy machine it is minutes.
_COMES_UP_S = 600.0
_LOOK_AGAIN_S = 0.1
_ANSWER_S = 10.0


@dataclass(frozen=True, slots=True)
class Running:
    """A process that answers.

    Args:
        folder: Its folder, with the socket that it listens on.
        version: MLflow's.
    """

    folder: TrackingFolder
    version: str

    async def connect(self) -> socket.socket:
        """Return a non-blocking stream socket connected to it.

        Raises:
            OSError: Nobody listens.
        """
        held = held_socket(self.folder.socket)
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(made, address_of(held))
        except BaseException:
            made.close()
            raise
        finally:
            os.close(held)
        return made


class DoesNotAnswer(Exception):
    """The process ended, or is silent."""


class ServerRun(Run[Sandbox]):
    """Runs one process and tells of every change.

    Args:
        server: As it was when the run began.

    Attributes:
        failure: Why it ended; None where it was told to.
        running: From when it answers.
    """

    def __init__(self, server: TrackingServer, means: Means, programs: Programs) -> None:
        super().__init__(f"tracking server {server.name}", means.wall_clock, STOP_GRACE_S)
        self.server = server
        self.failure: str | None = None
        self.running: Running | None = None
        self._means = means
        self._programs = programs
        self._folder = TrackingFolder(means.folder / server.id)
        self._program: Program | None = None
        self._lease: Lease | None = None
        self._renewing: asyncio.Task[None] | None = None

    async def _start(self) -> None:
        means, server = self._means, self.server
        self._program = await asyncio.to_thread(self._programs.find)
        self._lease = means.capacity.take(capacity.need_mib(LIMITS[server.settings.size]))
        await asyncio.to_thread(self._folder.make)
        role = RoleCredentials(
            self._folder.role, server.settings.role_arn, means.roles, means.clock, self._write
        )
        session = await sessions.assume(means.roles, server.settings.role_arn)
        await role.write(session.credentials)
        self._renewing = asyncio.create_task(role.keep_renewed(), name=f"role of {server.name}")
        spec = spec_of(server, self._folder, self._program, means.surroundings)
        sandbox = await self._launched(means.executor.start(spec, lambda _, line: self._write(line)))
        await self._until_it_answers(sandbox)

    async def _until_it_answers(self, sandbox: Sandbox) -> None:
        assert self._program is not None
        running = Running(self._folder, self._program.version)
        ended = asyncio.ensure_future(sandbox.wait())
        deadline = self._clock.monotonic() + _COMES_UP_S
        try:
            while not await answers(running):
                if ended.done():
                    raise DoesNotAnswer(f"MLflow's server ended with {ended.result().code}: see its log")
                if self._clock.monotonic() > deadline:
                    raise DoesNotAnswer(f"MLflow's server did not answer within {_COMES_UP_S:.0f} s")
                await asyncio.sleep(_LOOK_AGAIN_S)
        finally:
            ended.cancel()
        self.running = running

    async def _serve(self) -> None:
        sandbox = self._made()
        assert sandbox is not None
        self._be_ready()
        status = await self._until_gone(sandbox.wait())
        if status is not None:
            why = (
                "it took more memory than it has" if status.out_of_memory else f"it ended with {status.code}"
            )
            self._fail(f"MLflow's server: {why}")

    def _failed(self, error: Exception) -> None:
        match error:
            case (
                ProgramMissing() | DoesNotAnswer() | InsufficientCapacity() | SandboxUnavailable()
                | AccessDenied() | ServiceError()
            ):  # fmt: skip
                self._fail(str(error))
            case _:
                _log.error("the process of tracking server %s", self.server.name, exc_info=error)
                self._fail("InternalServerError")

    def _fail(self, reason: str) -> None:
        self.failure = reason
        self._write(f"sagehen: {reason}")

    async def _clear(self) -> None:
        self.running = None
        if (sandbox := self._made()) is not None:
            await sandbox.stop(self._grace_s)
        if self._renewing is not None:
            self._renewing.cancel()
        if self._lease is not None:
            self._means.capacity.give_back(self._lease)

    def _write(self, line: str) -> None:
        at = epoch_ms(self._means.clock.now())
        self._means.logs.write(self.server.scope, LOG_GROUP, self.server.name, [(at, line)])


async def answers(running: Running) -> bool:
    """Tell whether a process answers when it is asked how it is."""
    with contextlib.suppress(OSError, TimeoutError, ValueError):  # the last: a line without an end
        reader, writer = await asyncio.open_connection(sock=await running.connect())
        try:
            writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            line = await asyncio.wait_for(reader.readline(), _ANSWER_S)
            return line.split(b" ")[1:2] == [b"200"]
        finally:
            writer.close()
    return False
