"""Porter: the platform's end of its porter, a process that is started when it is first needed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import orjson

from sagehen.cluster.executor.offer import BrokenOff, Offer, PorterGone
from sagehen.cluster.porters.niceness import COMMAND
from sagehen.cluster.porters.offers import TICKET_BYTES
from sagehen.cluster.trees.packing import FileChanged
from sagehen.domain import own_processes

_log = logging.getLogger(__name__)
_BACKLOG = 128
_END_S = 5.0
# Of what is offered; one that ends again and again does so because of what it carries.
_ATTEMPTS = 3
T = TypeVar("T")


class Porter:
    """Offers things to nodes, once it is open.

    Attributes:
        port: Where nodes dial; None while it is closed.
    """

    def __init__(self) -> None:
        self.port: int | None = None
        self._folder = Path()
        self._authority = ""
        self._shown = ("", "")
        self._listener: socket.socket | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._hearing: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._waiting: dict[str, asyncio.Future[None]] = {}

    def open(self, host: str, port: int, folder: Path, authority_pem: str) -> int:
        """Listen; return the port. Nobody is served before the first offer, nor before `show`.

        Args:
            port: 0 takes a free one.
            folder: For files of a moment, which only their owner may read.

        Raises:
            OSError: The address is taken or not ours.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        self._folder, self._authority = folder, authority_pem
        found: int = self._listener.getsockname()[1]
        self.port = found
        return found

    def show(self, certificate_pem: bytes, key_pem: bytes) -> None:
        """Have nodes shown a certificate from now on."""
        self._shown = certificate_pem.decode(), key_pem.decode()
        if self._writer is not None:
            self._tell("show", **self._shown_now())

    async def close(self) -> None:
        """End it, and what is under way."""
        self.port = None
        if self._listener is not None:
            self._listener.close()
        if self._process is not None:
            if self._writer is not None:
                self._writer.close()
            await own_processes.killed(self._process)
        if self._hearing is not None:
            await asyncio.wait((self._hearing,), timeout=_END_S)

    async def offer(self, node: str, do: str, use: Callable[[Offer], Awaitable[T]], **arguments: Any) -> T:
        """Offer something to a node for as long as it is used; again where a porter ends meanwhile.

        Args:
            do: As `porters.platforms.work_of` reads it, with its arguments.
            use: Has the node dial. Raises PorterGone where the node's porter ends.

        Raises:
            PorterGone: Time and again.
            OSError: There can be no porter.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                async with self._offered(node, do, **arguments) as offer:
                    return await offer.during(use(offer))
            except PorterGone as error:
                if attempt == _ATTEMPTS:
                    raise
                _log.info("%s; it is asked again", error)

    @contextlib.asynccontextmanager
    async def _offered(self, node: str, do: str, **arguments: Any) -> AsyncIterator[Offer]:
        await self._start()
        assert self.port is not None
        ticket = secrets.token_hex(TICKET_BYTES // 2)
        done = self._waiting[ticket] = asyncio.get_running_loop().create_future()
        self._tell("offer", ticket=ticket, node=node, do=do, **arguments)
        try:
            yield Offer(self.port, ticket, done)
        finally:
            self._waiting.pop(ticket, None)
            if done.done() and not done.cancelled():
                done.exception()  # perhaps nobody asked
            done.cancel()
            self._tell("withdraw", ticket=ticket)

    async def _start(self) -> None:
        async with self._starting:
            if self._writer is not None:
                return
            if self._listener is None or self.port is None:
                raise ConnectionRefusedError("the door for nodes is closed")
            ours, theirs = socket.socketpair()
            with theirs:
                numbers = self._listener.fileno(), theirs.fileno()
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable, *COMMAND, "platform", *map(str, numbers), str(self._folder),
                    stdin=asyncio.subprocess.DEVNULL, pass_fds=numbers,
                )  # fmt: skip
            reader, self._writer = await asyncio.open_connection(sock=ours)
            self._writer.write(orjson.dumps({"authority": self._authority, **self._shown_now()}) + b"\n")
            self._hearing = asyncio.create_task(self._hear(reader, self._process), name="the porter")

    def _shown_now(self) -> dict[str, str]:
        return dict(zip(("certificate", "key"), self._shown, strict=True))

    def _tell(self, what: str, **told: Any) -> None:
        if self._writer is not None:
            self._writer.write(orjson.dumps({"what": what, **told}) + b"\n")

    async def _hear(self, reader: asyncio.StreamReader, process: asyncio.subprocess.Process) -> None:
        try:
            while text := await reader.readline():
                self._done(orjson.loads(text))
        except OSError as error:
            _log.debug("the porter: %s", error)
        finally:
            if self._writer is not None:
                self._writer.close()
            self._writer = None
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(PorterGone("the porter has ended"))
            if await process.wait() and self.port is not None:
                _log.warning("the porter has ended with %s", process.returncode)

    def _done(self, told: dict[str, Any]) -> None:
        waiting = self._waiting.get(told["done"])
        if waiting is None or waiting.done():
            return
        if told["error"] is not None:
            waiting.set_exception(FileChanged(told["error"]))
        elif told["failed"]:
            waiting.set_exception(BrokenOff("the transfer broke off"))
        else:
            waiting.set_result(None)
