"""Agent: what a node does for its platform; each kind of stream that the platform opens has a method."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from sagehen import __version__
from sagehen.cluster.agent.boxes import Boxes
from sagehen.cluster.agent.doors import Doors
from sagehen.cluster.agent.following import follow
from sagehen.cluster.agent.holdings import Holdings
from sagehen.cluster.agent.images import NodeImages
from sagehen.cluster.agent.leavings import Leavings
from sagehen.cluster.agent.porter import Porter
from sagehen.cluster.agent.reaching import Reaching
from sagehen.cluster.agent.trees import Trees
from sagehen.cluster.agent.wires import Wires
from sagehen.cluster.images import wanted_of
from sagehen.cluster.streams import Handler, Link, Stream, receive_all
from sagehen.cluster.trees.cache import bound_for
from sagehen.domain.clock import Clock
from sagehen.executors.base import Executor, Interpreter, OpenDoor, SandboxUnavailable
from sagehen.executors.hardware.gpus import gpu_indices
from sagehen.executors.machines.roots.choice import RootKind, root_kind
from sagehen.executors.wire import why_none

_log = logging.getLogger(__name__)
# For how long a node keeps what runs, while it hears nothing of the platform.
ALONE_S = 60.0
_MIB = 2**20


class Agent:
    """Works for one platform.

    Args:
        folder: Its own.
        make_executor: Makes the executor that starts sandboxes, in a folder, with what serves no door.
        clock: Real time.
        porter: Carries what is large.
        alone_s: For how long it keeps what runs without the platform.
    """

    def __init__(
        self,
        folder: Path,
        make_executor: Callable[[Path], Executor],
        clock: Clock,
        porter: Porter,
        alone_s: float = ALONE_S,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._link: Link | None = None
        self._life = ""
        self._alone_s = alone_s
        self._clock = clock
        self._alone: asyncio.Task[None] | None = None
        self._executor = make_executor(folder / "executor")
        self._images = NodeImages(folder / "images", bound_for(folder))
        self._porter = porter
        self._doors = Doors(lambda: self._link)
        self._holdings = Holdings(folder / "objects", porter)
        wires = Wires(lambda: self._link)
        self._boxes = Boxes(folder / "boxes", self._executor, self._door, wires.wire, self._holdings, porter)
        self._leavings = Leavings(self._boxes, porter)
        self._reaching = Reaching(self._boxes, self._executor)
        self._trees = trees = Trees(self._boxes, self._holdings, porter, folder)
        self._calls: dict[str, Callable[[Mapping[str, Any]], Awaitable[Any]]] = {
            "hello": self._hello,
            "start": self._start,
            "stop": self._stop,
            "kill": self._kill,
            "deliver": self._deliver,
            "forget": self._forget,
            "prewarm": self._prewarm,
            "fits": self._fits,
            "drop": trees.drop,
            "place": trees.place,
            "held": self._has,
            "image": self._image,
            "let-go": self._let_go,
            "large": trees.large,
        }
        self._works: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """End what an earlier agent left."""
        await self._images.start()
        ended = await self._executor.recover()
        if ended:
            _log.warning("an earlier agent had ended without a word; ended its %s", ", ".join(ended))

    async def close(self) -> None:
        """End everything."""
        if self._alone is not None:
            self._alone.cancel()
        for work in list(self._works):
            work.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)
        await self._images.stop()
        await self._end_all()
        await self._porter.close()
        await self._executor.close()

    def handlers(self) -> dict[str, Handler]:
        """Return what the platform may open."""
        return {
            "call": self._call,
            "follow": self._follow,
            "connect": self._reaching.connect,
            "socket": self._reaching.socket,
            "tree.put": self._trees.put,
            "tree.get": self._trees.get,
            "tree.has": self._trees.has,
            "layer.put": self._put_layer,
            "fetch": partial(self._holdings.get, "fetch"),
            "unpack": partial(self._holdings.get, "unpack"),
            "store": self._leavings.store,
            "pipe": self._leavings.pipe,
        }

    @property
    def is_linked(self) -> bool:
        return self._link is not None

    def linked(self, link: Link) -> None:
        """Take the link that there is from now on."""
        self._link = link
        if self._alone is not None:
            self._alone.cancel()
        self._alone = asyncio.create_task(self._watch(link), name="whether the platform is there")

    async def _watch(self, link: Link) -> None:
        await link.closed()
        if self._link is link:
            self._link = None
        await asyncio.sleep(self._alone_s)
        if self._boxes.all():
            _log.warning("nothing was heard of the platform for %g s: ending all", self._alone_s)
        await self._end_all()

    def _door(self, network: str, port: int) -> OpenDoor:
        return self._doors.door(network, port)

    # --- calls: one question, one answer -------------------------------------------------------

    async def _call(self, arguments: Mapping[str, Any], stream: Stream) -> None:
        method = self._calls.get(str(arguments.get("what")))
        if method is None:
            stream.reset(f"no such call: {arguments.get('what')}")
            return
        request = orjson.loads(await receive_all(stream) or b"{}")
        try:
            answer = {"answer": await method(request)}
        except SandboxUnavailable as error:
            answer = {"error": ["unavailable", str(error)]}
        except (ValueError, KeyError, OSError) as error:
            said = error.args[0] if isinstance(error, KeyError) and error.args else error
            answer = {"error": [_kind(error), str(said)]}
        await stream.send(orjson.dumps(answer))
        await stream.finish()

    async def _hello(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Meet a platform: what another life of it left here ends first."""
        if request["life"] != self._life:
            if self._boxes.all():
                _log.warning("the platform was started anew: ending what it had running here")
            await self._end_all()
            self._life = str(request["life"])
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return {
            "version": __version__,
            "cpus": len(os.sched_getaffinity(0)),
            "memory_mib": memory // _MIB,
            "gpus": len(gpu_indices()),
            "limits": self._executor.state().limits,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "wireless": why_none(),
        }

    async def _start(self, order: Mapping[str, Any]) -> dict[str, Any]:
        box = await self._boxes.start(order)
        assert box.sandbox is not None
        return {"pid": box.sandbox.pid}

    async def _stop(self, request: Mapping[str, Any]) -> None:
        box = self._boxes.find(request["name"])
        if box.sandbox is not None:
            self._work(box.sandbox.stop(float(request["grace_s"])))

    async def _kill(self, request: Mapping[str, Any]) -> None:
        box = self._boxes.find(request["name"])
        if box.sandbox is not None:
            self._work(box.sandbox.kill())

    async def _deliver(self, request: Mapping[str, Any]) -> None:
        box = self._boxes.find(request["name"])
        if box.sandbox is not None:
            box.sandbox.deliver_output()

    async def _forget(self, request: Mapping[str, Any]) -> None:
        # To its end, whether or not somebody hears of it: what it had is nobody's from here on.
        await asyncio.shield(self._work(self._boxes.forget(request["name"])))

    async def _prewarm(self, request: Mapping[str, Any]) -> None:
        python = None
        if request.get("python") is not None:
            executable, folders, version = request["python"]
            python = Interpreter(executable, tuple(map(Path, folders)), (version[0], version[1]))
        await self._executor.prewarm(request["set"], python=python)

    async def _fits(self, request: Mapping[str, Any]) -> bool:
        """Tell whether this machine has what an instance needs."""
        files, image = [Path(file) for file in request["files"]], request["image"]

        def look() -> bool:
            return all(file.exists() for file in files) and not (image and root_kind() is RootKind.NONE)

        return await asyncio.to_thread(look)

    async def _image(self, request: Mapping[str, Any]) -> list[str]:
        """Unpack an image for a sandbox that is to be; or return the layers that are lacking."""
        wanted = wanted_of(request)
        box = self._boxes.made(str(request["name"]))
        async with box.starting:
            if box.root is None:
                box.release = box.release or self._images.hold(wanted)
                if lacking := self._images.lacking(wanted):
                    return lacking
                box.root = await self._images.unpacked(wanted)
        return []

    async def _has(self, request: Mapping[str, Any]) -> bool:
        return self._holdings.has(str(request["place"]))

    async def _let_go(self, request: Mapping[str, Any]) -> None:
        await self._holdings.let_go(str(request["below"]))

    async def _end_all(self) -> None:
        await self._boxes.end_all()
        await self._holdings.let_go("")

    def _work(self, work: Awaitable[Any]) -> asyncio.Future[Any]:
        task = asyncio.ensure_future(work)
        self._works.add(task)
        task.add_done_callback(self._works.discard)
        task.add_done_callback(_noted)
        return task

    # --- streams -------------------------------------------------------------------------------

    async def _follow(self, arguments: Mapping[str, Any], stream: Stream) -> None:
        box = self._boxes.known(arguments, stream)
        if box is not None and box.sandbox is not None:
            await follow(box.printed, box.sandbox, int(arguments["after"]), stream, self._clock)

    async def _put_layer(self, arguments: Mapping[str, Any], stream: Stream) -> None:
        await self._images.receive(stream, str(arguments["digest"]), int(arguments["size"]))
        await stream.send(b"+")
        await stream.finish()


def _kind(error: Exception) -> str:
    for kind, of in (("value", ValueError), ("absent", FileNotFoundError), ("unknown", KeyError)):
        if isinstance(error, of):
            return kind
    return "system"


def _noted(task: asyncio.Future[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.warning("what the platform asked for: %r", error)
