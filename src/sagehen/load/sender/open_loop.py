"""OpenLoop: sends requests when they are due, whether or not earlier ones were answered."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence

from sagehen.load.measured.tally import Tally
from sagehen.load.sender.answer import fault_of, init_ms
from sagehen.load.sender.connection import Connection
from sagehen.load.sender.timer import Timer

# So many leave before answers are looked at again: what falls behind must not also become deaf.
_MOST_AT_ONCE = 32
# Servers close what is quiet, uvicorn after 5 s: what has waited longer may be gone when the request arrives.
_FRESH_S = 4.0
_SWEEP_S = 0.02
# Of those that are looked through for a timeout; to look through more takes longer than to forget them.
_MOST_STALE = 4096

# Opens a connection for a protocol; OSError where it cannot.
Connect = Callable[[Callable[[], Connection]], Awaitable[None]]


class OpenLoop:
    """One run. Latencies count from when a request was due, in microseconds.

    Args:
        arrivals: When requests are due, in seconds from `begin`, in order.
        request: Returns the pieces of the next one, when it is due.
        connect: Opens a connection for a protocol.
        begin: A moment of `time.monotonic()`.
        slot: Seconds of a stretch that has a tally of its own.
        most_in_flight: What is due beyond is not sent.
        timeout: Seconds from when a request was due.
    """

    def __init__(
        self,
        arrivals: Iterator[float],
        request: Callable[[], Sequence[bytes]],
        connect: Connect,
        *,
        begin: float,
        slot: float,
        most_in_flight: int,
        timeout: float,
    ) -> None:
        self.in_flight = 0
        self.tallies: dict[int, Tally] = {}
        """By the number of the stretch. Whoever takes what is counted leaves an empty dict."""
        self._arrivals = arrivals
        self._request = request
        self._connect = connect
        self._begin = begin
        self._slot = slot
        self._most = most_in_flight
        self._timeout = timeout
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._connecting: dict[asyncio.Task[None], float] = {}
        # In the order in which they were due, which is the one in which they time out.
        self._waiting: deque[tuple[float, Connection | asyncio.Task[None]]] = deque()
        self._next: float | None = None
        self._sent_all = asyncio.Event()
        self._quiet = asyncio.Event()
        self._timer: Timer | None = None

    async def run(self) -> None:
        """Send all, and wait until each has its answer or its time is up."""
        self._timer = Timer(self._send_due)
        sweeping = asyncio.create_task(self._sweep())
        try:
            self._advance()
            self._send_due()
            await self._sent_all.wait()
            if self.in_flight:
                self._quiet.clear()
                await self._quiet.wait()
        finally:
            sweeping.cancel()
            self._timer.close()
            for task in list(self._connecting):
                task.cancel()
            for connection in list(self._open):
                connection.close()
            await asyncio.gather(sweeping, *self._connecting, return_exceptions=True)

    def stop(self) -> None:
        """Send no more; what is under way is still waited for."""
        self._next = None
        self._sent_all.set()

    # --- sending ---------------------------------------------------------------------------

    def _advance(self) -> None:
        offset = next(self._arrivals, None)
        self._next = None if offset is None else self._begin + offset
        if offset is None:
            self._sent_all.set()

    def _send_due(self) -> None:
        assert self._timer is not None
        for _ in range(_MOST_AT_ONCE):
            due = self._next
            if due is None:
                return
            now = time.monotonic()
            if due > now:
                self._timer.set(due)
                return
            self._send(due, now)
            self._advance()
        # The timer fires at once, after what has arrived meanwhile was read.
        self._timer.set(0.0)

    def _send(self, due: float, now: float) -> None:
        tally = self._tally(due)
        tally.due += 1
        tally.lateness.record(int((now - due) * 1e6))
        if self.in_flight >= self._most:
            tally.not_sent += 1
            return
        tally.sent += 1
        self.in_flight += 1
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open and now - connection.since < _FRESH_S:
                connection.send(self._request(), due)
                self._waiting.append((due, connection))
                return
            connection.close()
        task = asyncio.create_task(self._send_anew(due))
        self._connecting[task] = due
        self._waiting.append((due, task))

    async def _send_anew(self, due: float) -> None:
        connection = Connection(self)
        task = asyncio.current_task()
        assert task is not None
        try:
            await self._connect(lambda: connection)
        except asyncio.CancelledError:
            if self._connecting.pop(task, None) is not None:
                self.broken(due, "timeout")
            raise
        except (OSError, ValueError) as error:
            self._connecting.pop(task, None)
            self.broken(due, _why(error))
            return
        self._connecting.pop(task, None)
        if not connection.is_open:
            self.broken(due, "connection lost")
            return
        self._open.add(connection)
        connection.send(self._request(), due)
        self._waiting.append((due, connection))

    async def _sweep(self) -> None:
        """Give up what has waited too long."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            limit = time.monotonic() - self._timeout
            # What was connected late stands behind later ones: it is given up a little late.
            while self._waiting:
                due, waiter = self._waiting[0]
                is_waiting = self._is_waiting(due, waiter)
                if is_waiting and due > limit:
                    break
                self._waiting.popleft()
                if not is_waiting:
                    continue
                if isinstance(waiter, Connection):
                    waiter.give_up("timeout")
                else:
                    waiter.cancel()
            # Behind one that hangs all would stay that were answered meanwhile, for the whole of a timeout.
            if len(self._waiting) > 2 * self._most + _MOST_STALE:
                self._waiting = deque(each for each in self._waiting if self._is_waiting(*each))

    def _is_waiting(self, due: float, waiter: Connection | asyncio.Task[None]) -> bool:
        return waiter.due == due if isinstance(waiter, Connection) else waiter in self._connecting

    # --- told by connections ---------------------------------------------------------------

    def answered(self, due: float, status: int, headers: dict[bytes, bytes], body: bytes) -> None:
        tally = self._tally(due)
        # Nearly all of them: an answer that says nothing about itself.
        if status < 400 and not headers:
            tally.succeeded += 1
            tally.latency.record(int((time.monotonic() - due) * 1e6))
        else:
            self._looked_at(tally, due, status, headers, body)
        self._done()

    def _looked_at(
        self, tally: Tally, due: float, status: int, headers: dict[bytes, bytes], body: bytes
    ) -> None:
        if (cold := init_ms(headers)) is not None:
            tally.cold += 1
            tally.init.record(int(cold * 1000))
        fault = fault_of(status, headers, body)
        if fault is None:
            tally.succeeded += 1
            tally.latency.record(int((time.monotonic() - due) * 1e6))
        else:
            tally.fail(fault.kind, throttled=fault.throttled, first=fault.text)

    def broken(self, due: float, kind: str) -> None:
        tally = self._tally(due)
        tally.fail(kind)
        if kind == "timeout":
            # It took at least so long: percentiles must not look better for those that were given up.
            tally.latency.record(int((time.monotonic() - due) * 1e6))
        self._done()

    def free(self, connection: Connection) -> None:
        connection.since = time.monotonic()
        self._idle.append(connection)

    def lost(self, connection: Connection) -> None:
        self._open.discard(connection)

    def _done(self) -> None:
        self.in_flight -= 1
        if not self.in_flight:
            self._quiet.set()

    def _tally(self, due: float) -> Tally:
        number = int((due - self._begin) / self._slot)
        try:
            return self.tallies[number]
        except KeyError:
            tally = self.tallies[number] = Tally()
            return tally


def _why(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, TimeoutError):
        return "timeout"
    return f"cannot connect: {type(error).__name__}"
