"""BrokerClient: the platform's end of the broker, which it starts and starts again."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.cluster.placement.bundles import Strategy
from sagehen.domain import own_processes
from sagehen.domain.timeouts import timeout

_log = logging.getLogger(__name__)
_READY_TIMEOUT_S = 120.0
_AGAIN_S = 1.0
_END_S = 5.0
_LINE_BYTES = 4 * 2**20


class BrokerRefused(Exception):
    """Ray cannot do what was asked; the message is its own."""


@dataclass(frozen=True, slots=True)
class SeenNode:
    """A node as Ray sees it."""

    name: str
    address: str
    alive: bool
    cpus: float
    memory_mib: int
    gpus: float


class BrokerClient:
    """Keeps a broker running.

    Args:
        address: Of Ray's head.
        environment: Of the broker; see `commands.environment`.
        on_nodes: Told all nodes whenever something about one has changed.
        mark: The platform's, where Ray is somebody else's.

    Attributes:
        problem: Why there is no broker, in Ray's words.
    """

    def __init__(
        self,
        address: str,
        environment: Mapping[str, str],
        on_nodes: Callable[[Sequence[SeenNode]], None],
        mark: str = "",
    ) -> None:
        self.problem: str | None = None
        self._mark = mark
        self._address = address
        self._environment = dict(environment)
        self._on_nodes = on_nodes
        self._numbers = itertools.count(1)
        self._asked: dict[int, tuple[dict[str, Any], asyncio.Future[list[str]], Callable[[], object]]] = {}
        # What is reserved now, so that a broker of a head that was started anew reserves it again.
        self._held: dict[str, dict[str, Any]] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._ready = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self._ended = False

    async def start(self) -> None:
        """Start it; returns when it speaks to Ray.

        Raises:
            TimeoutError
        """
        self._keeping = asyncio.create_task(self._keep(), name="ray broker")
        async with timeout(_READY_TIMEOUT_S):
            await self._ready.wait()

    async def reserve(
        self,
        name: str,
        bundles: Sequence[Mapping[str, float]],
        *,
        strategy: Strategy,
        on: Sequence[str] | None = None,
        avoid: Sequence[str] = (),
        on_wait: Callable[[], object] = lambda: None,
    ) -> list[str]:
        """Reserve all bundles together, as soon as there is room; return the node of each.

        Args:
            strategy: STRICT_PACK: all on one node; PACK: on as few as there is room on.
            on: Names of nodes that may be chosen; None: all.
            avoid: Of all, these may not.
            on_wait: Called once where there is no room yet.

        Raises:
            BrokerRefused
        """
        request = {
            "do": "reserve", "name": name, "bundles": list(map(dict, bundles)), "strategy": strategy,
            "on": None if on is None else list(on), "avoid": list(avoid),
        }  # fmt: skip
        try:
            nodes = await self._ask(request, on_wait)
        except BaseException:
            self.release(name)
            raise
        self._held[name] = {**request, "on": sorted(set(nodes))}
        return nodes

    async def send(self, node: str, order: Mapping[str, Any]) -> str:
        """Have an agent started on a node (`errand.py`); return why there is none, or nothing.

        Raises:
            BrokerRefused
        """
        [reason] = await self._ask({"do": "send", "node": node, "order": dict(order)}, lambda: None)
        return reason

    def release(self, name: str) -> None:
        """Give back what was reserved; nothing where it was not."""
        self._held.pop(name, None)
        if not self._ended:
            self._send({"do": "release", "name": name, "id": next(self._numbers)})

    async def close(self) -> None:
        """End the broker. What it reserved goes with Ray's head, or is swept by the next life."""
        self._ended = True
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        await self._end_process()

    async def _ask(self, request: dict[str, Any], on_wait: Callable[[], object]) -> list[str]:
        number = next(self._numbers)
        answer: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        self._asked[number] = ({**request, "id": number}, answer, on_wait)
        self._send(self._asked[number][0])
        try:
            return await answer
        finally:
            self._asked.pop(number, None)

    def _send(self, request: Mapping[str, Any]) -> None:
        if self._ready.is_set() and self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")

    async def _keep(self) -> None:
        first = True
        while True:
            try:
                await self._run(sweeps=first)
            except OSError as error:
                _log.warning("the Ray broker: %s", error)
            self._ready.clear()
            first = False
            _log.warning("the Ray broker has ended; it is started again")
            await self._end_process()
            await asyncio.sleep(_AGAIN_S)

    async def _run(self, *, sweeps: bool) -> None:
        environment = {**self._environment, **({"SAGEHEN_BROKER_SWEEPS": "1"} if sweeps else {})}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sagehen.cluster.ray.broker", self._address, self._mark,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL, env=environment, limit=_LINE_BYTES, start_new_session=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            with contextlib.suppress(ValueError):  # Ray may print there, too
                self._take(json.loads(line))

    def _take(self, told: dict[str, Any]) -> None:
        if fatal := told.get("fatal"):
            self.problem = str(fatal)
            return
        if told.get("ready"):
            self.problem = None
            self._ready.set()
            for held in self._held.values():
                self._send({**held, "id": next(self._numbers)})
            for request, _, _ in self._asked.values():
                self._send(request)
            return
        if (nodes := told.get("nodes")) is not None:
            self._on_nodes([SeenNode(**node) for node in nodes])
            return
        asked = self._asked.get(told.get("id", 0))
        if asked is None:
            return
        _, answer, on_wait = asked
        if told.get("pending"):
            on_wait()
        elif answer.done():
            return
        elif "error" in told:
            answer.set_exception(BrokerRefused(told["error"]))
        else:
            answer.set_result(told["answer"])

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with timeout(_END_S):
                await process.wait()
        await own_processes.killed(process)
