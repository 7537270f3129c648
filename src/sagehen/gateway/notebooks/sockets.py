"""WebSockets to notebook servers: the handshake is judged like any request, then bytes pass both ways.

No library reads the frames: both ends of a WebSocket speak the protocol themselves, and the door has nothing
to say in between. What it holds is 64 kB each way; who does not read makes the other side wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from sagehen.domain.timeouts import timeout
from sagehen.gateway.connections.connection import Connection
from sagehen.gateway.connections.upgraded import Upgraded
from sagehen.gateway.notebooks.page import told
from sagehen.gateway.outside.counted_end import CountedEnd
from sagehen.gateway.outside.tunnel import TunnelEnd
from sagehen.protocol.http import HttpResponse
from sagehen.services.sagemaker.notebooks.entrance import Place
from sagehen.services.sagemaker.notebooks.server import NotebookServer

logger = logging.getLogger("sagehen.gateway")

# Of one notebook instance: a kernel, a terminal and a window have one each.
_MOST_AT_ONCE = 128
_HANDSHAKE_S = 20.0
_MOST_HEAD_BYTES = 16 * 1024
# How long a right that was taken away may still be used through a WebSocket that is open.
_ASK_AGAIN_S = 15.0
# JupyterLab's own pings come every 30 s.
_SILENCE_S = 300.0


class _Far(TunnelEnd):
    """The server's end, until it has answered the handshake and from then on."""

    def __init__(self) -> None:
        super().__init__()
        self.answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        """Hold what comes; its head, once whole, is what is waited for."""
        super().data_received(data)
        if not self.answered.done():
            head, blank, _ = self.held.partition(b"\r\n\r\n")
            if blank:
                self.answered.set_result(head)
            elif len(self.held) > _MOST_HEAD_BYTES:
                self.answered.set_result(b"")

    def eof_received(self) -> bool:
        """Give a handshake up that breaks off."""
        self._give_up()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give a handshake up that breaks off."""
        self._give_up()
        super().connection_lost(exc)

    def _give_up(self) -> None:
        if not self.answered.done():
            self.answered.set_result(b"")


class Sockets:
    """All open WebSockets of notebook instances."""

    def __init__(self) -> None:
        self._ends: set[TunnelEnd] = set()
        self._open: Counter[Place] = Counter()
        self._watches: set[asyncio.Task[None]] = set()

    async def open(
        self,
        place: Place,
        server: NotebookServer,
        head: bytes,
        seconds_left: float,
        may_stay: Callable[[], Awaitable[bool]],
    ) -> HttpResponse:
        """Ask the server for a WebSocket; where it agrees, the answer takes the client's connection over.

        Args:
            head: Of the request, as the server is to read it.
            seconds_left: How long the session lives.
            may_stay: Asked now and then whether it still may be open.
        """
        if self._open[place] >= _MOST_AT_ONCE:
            return told(503, f"There are {_MOST_AT_ONCE} connections to this notebook instance already.")
        self._open[place] += 1
        far: _Far | None = None
        try:
            async with timeout(_HANDSHAKE_S):
                loop = asyncio.get_running_loop()
                transport, far = await loop.create_connection(_Far, sock=await server.connect())
                transport.write(head)
                answer = await far.answered
        except (OSError, TimeoutError):
            answer = b""
        except BaseException:
            self._close(place, far)
            raise
        status = _status_of(answer)
        if status == 101 and far is not None:
            opened = far
            return Upgraded(
                101, take=lambda connection: self._take(place, connection, opened, seconds_left, may_stay)
            )
        self._close(place, far)
        if status is None:
            return told(502, "The notebook's server does not answer.")
        return HttpResponse(status)

    def close(self) -> None:
        """Break all of them off."""
        for watch in self._watches:
            watch.cancel()
        for end in list(self._ends):
            end.close()

    def _close(self, place: Place, far: TunnelEnd | None) -> None:
        self._open[place] -= 1
        if not self._open[place]:
            del self._open[place]
        if far is not None:
            far.close()

    def _take(
        self,
        place: Place,
        connection: Connection,
        far: TunnelEnd,
        seconds_left: float,
        may_stay: Callable[[], Awaitable[bool]],
    ) -> None:
        if connection.closing:
            self._close(place, far)
            return
        near = CountedEnd(self._ends, connection.seat)
        near.connection_made(connection.transport)
        connection.transport.set_protocol(near)
        near.pair(far, b"")
        watch = asyncio.create_task(
            self._watch(near, seconds_left, may_stay), name=f"websocket {place.label}"
        )
        self._watches.add(watch)

        def over(task: asyncio.Task[None]) -> None:
            self._watches.discard(task)
            if not task.cancelled() and (error := task.exception()) is not None:
                logger.warning("websocket %s: %r", place.label, error)
            self._close(place, near)

        watch.add_done_callback(over)

    async def _watch(
        self, near: CountedEnd, seconds_left: float, may_stay: Callable[[], Awaitable[bool]]
    ) -> None:
        """Return when it is closed, silent for too long, or may not be open any more."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + seconds_left
        while loop.time() < ends_at:
            with contextlib.suppress(TimeoutError):
                async with timeout(min(_ASK_AGAIN_S, max(0.0, ends_at - loop.time()))):
                    await near.gone.wait()
                return
            if loop.time() - near.quiet_since > _SILENCE_S or not await may_stay():
                return


def _status_of(head: bytes) -> int | None:
    """Return the status of an answer's head, or None where it is none that a client could be told."""
    version, _, rest = head.partition(b" ")
    code = rest[:3]
    if version != b"HTTP/1.1" or len(code) != 3 or not code.isdigit():
        return None
    status = int(code)
    return status if status == 101 or 200 <= status <= 599 else None
