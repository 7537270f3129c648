"""ModelServer: puts the parts together, listens, and stops gracefully."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import sys
from pathlib import Path

from sagehen.modelserver.front.connection import HttpConnection
from sagehen.modelserver.front.dispatcher import WORKER_DIED, Dispatcher, timed_out
from sagehen.modelserver.front.front import Front
from sagehen.modelserver.lanes.lending import Lanes
from sagehen.modelserver.multimodel.host import ModelHost
from sagehen.modelserver.multimodel.routes import ModelRoutes
from sagehen.modelserver.settings import Settings
from sagehen.modelserver.wire.access_log import INTERVAL_S, AccessLog
from sagehen.modelserver.workers.pool import WorkerPool
from sagehen.trainingtoolkit import failure

# Documented: SIGTERM, and SIGKILL 30 s later (Custom inference code with hosting services).
STOP_GRACE_S = 30.0


class ModelServer:
    """One endpoint instance's server.

    Args:
        uds: Unix socket to listen on, or None.
        tcp: (host, port) to listen on, or None.
    """

    def __init__(self, settings: Settings, uds: Path | None, tcp: tuple[str, int] | None) -> None:
        self._settings = settings
        self._uds = uds
        self._tcp = tcp

    async def run(self) -> int:
        """Serve until SIGTERM; return the exit code: 1 if the model could not be loaded."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[int] = loop.create_future()

        def fail(reason: str) -> None:
            print(f"The model could not be loaded: {reason}", file=sys.stderr, flush=True)  # noqa: T201
            if advice := failure.advice(reason):
                print(f"sagehen: {advice}", flush=True)  # noqa: T201
            if not ended.done():
                ended.set_result(1)

        def stop() -> None:
            if not ended.done():
                ended.set_result(0)

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        dispatcher = Dispatcher(
            loop,
            timeout_s=self._settings.timeout_s,
            queue_limit=self._settings.queue_limit,
            max_wait_s=self._settings.batch_max_wait_ms / 1000,
        )
        log: AccessLog = AccessLog(lambda: loop.call_later(INTERVAL_S, log.flush))
        pool: WorkerPool | ModelHost
        if self._settings.multi_model:
            # It is ready without a model: they come by /models.
            pool = ModelHost(loop, self._settings)
            front = Front(dispatcher, lambda: True, log, models=ModelRoutes(loop, pool))
        else:
            timeout_s = self._settings.timeout_s
            lanes = Lanes(loop, timeout_s=timeout_s, timed_out=timed_out(timeout_s), died=WORKER_DIED)
            pool = workers = WorkerPool(self._settings, dispatcher, fail, lanes=lanes)
            most_bytes = self._settings.most_body_bytes
            front = Front(
                dispatcher, lambda: workers.any_ready, log, lambda: workers.calls_at_once,
                most_body_bytes=most_bytes, lanes=lanes,
            )  # fmt: skip
            # The workers are forked before the sockets exist: they are none of theirs.
            await workers.start()
        servers = await self._listen(front)
        code = await ended
        for server in servers:
            server.close()
        front.stop()
        await _until_idle(front, STOP_GRACE_S if code == 0 else 0.0)
        pool.close()
        log.flush()
        return code

    async def _listen(self, front: Front) -> list[asyncio.AbstractServer]:
        loop = asyncio.get_running_loop()
        servers: list[asyncio.AbstractServer] = []
        if self._uds is not None:
            listener = await asyncio.to_thread(_bound, self._uds)
            servers.append(
                await loop.create_unix_server(lambda: HttpConnection(front), sock=listener, backlog=1024)
            )
        if self._tcp is not None:
            try:
                servers.append(
                    await loop.create_server(lambda: HttpConnection(front), *self._tcp, backlog=1024)
                )
            except OSError as error:
                # Instances share the host's ports where there are no private networks (--sandbox=off).
                if not servers or error.errno != errno.EADDRINUSE:
                    raise
                print(f"Port {self._tcp[1]} is taken; the platform's own way in is not affected.", flush=True)  # noqa: T201
        return servers


def _bound(path: Path) -> socket.socket:
    """Return a socket at `path`, which may be longer than the 108 bytes of a socket's address. Blocking."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        short = Path(f"/proc/self/fd/{folder}")
        listener.bind(str(short / path.name if short.exists() else path))
    finally:
        os.close(folder)
    return listener


async def _until_idle(front: Front, timeout_s: float) -> None:
    deadline = asyncio.get_running_loop().time() + timeout_s
    while front.connections and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110 - once, at the end
        await asyncio.sleep(0.01)


def run(settings: Settings, uds: Path | None, tcp: tuple[str, int] | None) -> int:
    """Run a model server to its end and return its exit code."""
    try:
        import uvloop
    except ImportError:
        runner = asyncio.Runner()
    else:
        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    with runner:
        return runner.run(ModelServer(settings, uds, tcp).run())
