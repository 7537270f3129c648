"""JoinedNode: a machine that has joined a platform: its agent, the link, and Ray's processes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import orjson

from sagehen.cluster.agent.agent import Agent
from sagehen.cluster.agent.porter import Porter
from sagehen.cluster.agent.process import make_executor
from sagehen.cluster.kinship import kinship
from sagehen.cluster.ray import commands
from sagehen.cluster.ray.certificates import RayKey
from sagehen.cluster.ray.daemons import Daemons, RayFailed
from sagehen.cluster.streams import Handler, Link, Stream, StreamRefused, receive_all
from sagehen.domain.clock import Clock
from sagehen.domain.timeouts import timeout
from sagehen.executors.hardware.gpus import gpu_indices

_log = logging.getLogger("sagehen.node")
_TIMEOUT_S = 30.0
_LEAVE_TIMEOUT_S = 5.0
_AGAIN_S = 2.0
_MIB = 2**20
# Left to the system, the agent and Ray itself.
_RESERVE_MIB = 1024


class LinkKeeper(Protocol):
    """Keeps one link to the platform up, and makes the next one when it is lost."""

    async def start(self) -> None: ...

    async def close(self) -> None: ...


MakeLinks = Callable[[Mapping[str, Handler], Callable[[Link], None]], LinkKeeper]


class NodeRefused(Exception):
    """The platform does not take this node; the message says why."""


class JoinedNode:
    """Works until it is told to stop.

    Args:
        folder: Its own.
        make_links: Makes what keeps the link; told what the platform may open, and whom to give links to.
        clock: Real time.
        say: Told what a person should hear.
        host: The platform's.
        identity: The folder of this node's identity.
        guest: Whether a Ray of somebody else's counts this machine already: none is kept here.

    Attributes:
        ended: Done when the platform says that it should end; an exception where it does not take this node.
    """

    def __init__(
        self,
        folder: Path,
        make_links: MakeLinks,
        clock: Clock,
        say: Callable[[str], None],
        *,
        host: str,
        identity: Path,
        guest: bool = False,
    ) -> None:
        folder = folder.absolute()  # what is mounted is named from the root
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._say = say
        porter = Porter(folder, host, identity)
        self._agent = Agent(folder, partial(make_executor, clock=clock), clock, porter)
        self._guest = guest
        self._links = make_links({**self._agent.handlers(), "end": self._end}, self._linked)
        self._link: Link | None = None
        self._enlisting: asyncio.Task[None] | None = None
        self._ray: asyncio.Task[None] | None = None
        self._ray_of: tuple[str, str] | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.enlisted = asyncio.Event()

    @property
    def is_linked(self) -> bool:
        return self._agent.is_linked

    async def start(self) -> None:
        """Begin; what an earlier life left here ends."""
        await self._agent.start()
        await self._links.start()

    async def close(self) -> None:
        """Say that it goes, and end all."""
        if self._link is not None:
            with contextlib.suppress(OSError, TimeoutError):
                async with timeout(_LEAVE_TIMEOUT_S):
                    stream = await self._link.open("leave", {}, timeout_s=_LEAVE_TIMEOUT_S)
                    await stream.finish()
                    await stream.receive()
        tasks = [task for task in (self._enlisting, self._ray) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._agent.close()
        await self._links.close()

    async def _end(self, arguments: Mapping[str, Any], stream: Stream) -> None:
        await stream.finish()
        if not self.ended.done():
            self.ended.set_result(None)

    def _linked(self, link: Link) -> None:
        self._link = link
        self._agent.linked(link)
        if self._enlisting is not None:
            self._enlisting.cancel()
        self._enlisting = asyncio.create_task(self._enlist(link), name="enlist")

    async def _enlist(self, link: Link) -> None:
        try:
            async with timeout(_TIMEOUT_S):
                stream = await link.open("enlist", {}, timeout_s=_TIMEOUT_S)
                told_of_us = {"is": await asyncio.to_thread(kinship), "guest": self._guest}
                await stream.send(orjson.dumps(told_of_us))
                await stream.finish()
                told = orjson.loads(await receive_all(stream))
                certificates = None
                if not self._guest and self._ray_of != (told["ray"], told["token"]):
                    certificates = await self._certified(link, _own_address(told["ray"]))
        except StreamRefused as error:
            if not self.ended.done():
                self.ended.set_exception(NodeRefused(str(error)))
            return
        except (OSError, TimeoutError) as error:
            _log.warning("the platform does not answer: %s", error)
            return
        self._say(f"linked to the platform as {told['name']}")
        self.enlisted.set()
        if certificates is not None:
            self._ray_of = told["ray"], told["token"]
            if self._ray is not None:
                self._ray.cancel()
                await asyncio.gather(self._ray, return_exceptions=True)
            self._ray = asyncio.create_task(self._keep_ray(told, certificates), name="ray")

    async def _certified(self, link: Link, address: str) -> dict[str, str]:
        """Return the variables of certificates that the platform has just given to Ray's processes here.

        Raises:
            OSError, TimeoutError
        """
        key = RayKey(self._folder / "ray")
        arguments = {"request": key.request.decode(), "address": address}
        stream = await link.open("ray.certificate", arguments, timeout_s=_TIMEOUT_S)
        await stream.finish()
        return key.write(orjson.loads(await receive_all(stream)))

    async def _keep_ray(self, told: Mapping[str, Any], certificates: Mapping[str, str]) -> None:
        """Keep Ray's processes up: whether there is room here is known by them."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MIB
        command = commands.node(
            told["ray"],
            _own_address(told["ray"]),
            told["name"],
            len(os.sched_getaffinity(0)),
            max(_RESERVE_MIB, memory - _RESERVE_MIB),
            len(gpu_indices()),
        )
        environment = commands.environment(told["token"], certificates, os.environ)
        first = True
        while True:
            daemons = Daemons(command, environment, self._folder / "ray.log")
            try:
                await daemons.start()
                self._say("Ray is up: this machine takes instances" if first else "Ray is up again")
                first = False
                await daemons.wait()
                _log.warning("Ray has ended here; it is started again")
            except (RayFailed, OSError) as error:
                self._say(f"Ray does not start here: {error}")
            finally:
                await daemons.stop()
            await asyncio.sleep(_AGAIN_S)


def _own_address(head: str) -> str:
    """Return the address of this machine from which the head is reached."""
    host, _, port = head.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        trial.connect((host, int(port)))
        return str(trial.getsockname()[0])
