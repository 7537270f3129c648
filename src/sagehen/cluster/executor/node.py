"""Node: one machine of the cluster, as the platform reaches it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from sagehen.cluster.streams import Link, LinkLost, Stream, StreamRefused, receive_all
from sagehen.domain.timeouts import timeout
from sagehen.executors.base import SandboxUnavailable

# An agent keeps what runs for a minute without us (`agent.ALONE_S`). Here a little longer, so that what is
# started elsewhere in its place never runs beside it.
LOST_AFTER_S = 65.0
_OPEN_TIMEOUT_S = 10.0
_CALL_TIMEOUT_S = 30.0


_ERRORS: dict[str, type[Exception]] = {
    "unavailable": SandboxUnavailable,
    "value": ValueError,
    "unknown": KeyError,
    "absent": FileNotFoundError,
}


class NodeLost(ConnectionError):
    """The node is gone, or was not heard of for longer than it keeps what runs."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a node says of itself.

    Args:
        wireless: Why it can have no network together with other machines; None: it can.
    """

    version: str
    cpus: int
    memory_mib: int
    gpus: int
    limits: str
    host: str
    pid: int
    wireless: str | None = None


class Node:
    """One node. Its links come and go; what is asked of it waits for the next one, for a while.

    Args:
        node_id: Its name in the cluster.
        life: Of this platform's process; a node ends what it runs for another.
        lost_after_s: For how long a node may be silent; who asks after that waits no more.

    Attributes:
        facts: What it said last; None before the first link.
    """

    def __init__(self, node_id: str, life: str, lost_after_s: float = LOST_AFTER_S) -> None:
        self.node_id = node_id
        self.facts: Facts | None = None
        self._life = life
        self._lost_after_s = lost_after_s
        self._link: Link | None = None
        self._lost_at = time.monotonic() + lost_after_s  # where no link comes before
        self._linked = asyncio.Event()
        self._gone = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    @property
    def is_linked(self) -> bool:
        return self._linked.is_set()

    async def linked(self, link: Link) -> None:
        """Take a new link.

        Raises:
            LinkLost, StreamRefused, TimeoutError, OSError: It does not answer.
        """
        told = await _call(link, "hello", {"life": self._life})
        if self._watching is not None:
            self._watching.cancel()
        self.facts = _facts_of(told)
        self._link = link
        self._gone.clear()
        self._linked.set()
        self._watching = asyncio.create_task(self._watch(link), name=f"link to {self.node_id}")

    def lose(self) -> None:
        """Hear from elsewhere that it is dead: nobody waits for it any more."""
        self._linked.clear()
        self._link = None
        self._gone.set()

    def close(self) -> None:
        """Watch no more."""
        if self._watching is not None:
            self._watching.cancel()
        self.lose()

    async def call(self, what: str, request: Any, *, timeout_s: float = _CALL_TIMEOUT_S) -> Any:
        """Ask something; asked again over the next link where this one is lost. All calls allow that.

        Raises:
            NodeLost
            SandboxUnavailable, ValueError, KeyError, OSError: What the node raised.
            TimeoutError: It is there, and does not answer.
        """
        while True:
            link = await self._a_link()
            try:
                return await _call(link, what, request, timeout_s)
            except LinkLost:
                await self._next(link)

    async def open(self, kind: str, arguments: Mapping[str, Any]) -> Stream:
        """Open a stream, over the next link where there is none now.

        Raises:
            NodeLost, StreamRefused, TimeoutError
        """
        while True:
            link = await self._a_link()
            try:
                return await link.open(kind, arguments, timeout_s=_OPEN_TIMEOUT_S)
            except LinkLost:
                await self._next(link)

    async def open_now(self, kind: str, arguments: Mapping[str, Any]) -> Stream:
        """Open a stream over the link that there is.

        Raises:
            LinkLost, StreamRefused, TimeoutError
        """
        if self._link is None:
            raise LinkLost(f"node {self.node_id} cannot be reached")
        return await self._link.open(kind, arguments, timeout_s=_OPEN_TIMEOUT_S)

    async def _a_link(self) -> Link:
        if (there := self._link) is not None:
            return there
        linked = asyncio.create_task(self._linked.wait())
        gone = asyncio.create_task(self._gone.wait())
        try:
            left_s = max(0.0, self._lost_at - time.monotonic())
            await asyncio.wait((linked, gone), timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            linked.cancel()
            gone.cancel()
        if not self._linked.is_set():
            raise NodeLost(f"node {self.node_id} is lost")
        return await self._a_link()

    async def _next(self, link: Link) -> None:
        """See that a lost link is not used again, before its loss was noticed by who watches it."""
        if self._link is link:
            self._unlink()
        await asyncio.sleep(0)

    async def _watch(self, link: Link) -> None:
        await link.closed()
        if self._link is link:
            self._unlink()

    def _unlink(self) -> None:
        self._link = None
        self._lost_at = time.monotonic() + self._lost_after_s
        self._linked.clear()


async def _call(link: Link, what: str, request: Any, timeout_s: float = _CALL_TIMEOUT_S) -> Any:
    async with timeout(timeout_s):
        stream = await link.open("call", {"what": what}, timeout_s=_OPEN_TIMEOUT_S)
        try:
            await stream.send(orjson.dumps(request))
            await stream.finish()
            answer, failed = _answer_of(await receive_all(stream))
        except BaseException:
            stream.reset("given up")
            raise
    if failed is not None:
        raise failed
    return answer


def _answer_of(data: bytes) -> tuple[Any, Exception | None]:
    """Return what a node answers, or what it raised.

    Raises:
        StreamRefused: It says something else.
    """
    try:
        told = orjson.loads(data)
        if "error" not in told:
            return told["answer"], None
        kind, text = told["error"]
        return None, _ERRORS.get(kind, OSError)(text)
    except (LookupError, TypeError, ValueError) as error:
        raise StreamRefused(f"its answer cannot be: {error!r}") from None


def _facts_of(told: Any) -> Facts:
    """Return what a node says of itself.

    Raises:
        StreamRefused: It says something else.
    """
    try:
        return Facts(
            str(told["version"]), int(told["cpus"]), int(told["memory_mib"]), int(told["gpus"]),
            str(told["limits"]), str(told["host"]), int(told["pid"]),
            None if told.get("wireless") is None else str(told["wireless"]),
        )  # fmt: skip
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise StreamRefused(f"what it says of itself cannot be: {error!r}") from None
