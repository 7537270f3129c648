"""Lanes: which connections the front process has lent to which worker."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable
from typing import Protocol

from sagehen.modelserver.lanes.channel import Channel, Lent
from sagehen.modelserver.lanes.page import Work
from sagehen.modelserver.lanes.policy import State, judge
from sagehen.modelserver.messages import Answer, Returned, Why

# How often service times, balance and timeouts are looked at while connections are lent.
TICK_S = 0.1
# More than the platform's router opens; the others' requests go through the front.
_MOST_LANES = 256


class Connection(Protocol):
    """What can be lent. The front has stopped reading from it."""

    @property
    def descriptor(self) -> int: ...

    @property
    def peer(self) -> str: ...

    def take_back(self, returned: Returned) -> None:
        """Go on in the front."""

    def abort(self) -> None:
        """Cut it: nobody can tell where in a request or in an answer it stands."""


class LaneWorker(Protocol):
    """What lends need of a worker."""

    @property
    def channel(self) -> Channel: ...

    def kill(self) -> None:
        """End its process at once; `Lanes.worker_lost` follows."""


class Lanes:
    """Lends connections to the worker that has fewest of them, as long as its calls are quick.

    Args:
        timeout_s: A worker that takes longer for one call is killed.
        timed_out, died: What the caller of that call is answered.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        timeout_s: float,
        timed_out: Answer,
        died: Answer,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._loop = loop
        self._timeout_ns = int(timeout_s * 1e9)
        self._timed_out_answer, self._died_answer = timed_out, died
        self._monotonic = monotonic
        self._lent: dict[LaneWorker, dict[int, Connection]] = {}
        self._ids = itertools.count(1)
        self._state = State()
        self._gone = Work()  # by workers that have ended
        self._next_look = 0.0
        self._forbidden = False
        self._timer: asyncio.TimerHandle | None = None
        self._timed_out: set[LaneWorker] = set()

    # --- the connections' side -----------------------------------------------------------------

    def may_lend(self) -> bool:
        """Tell whether connections are lent now."""
        if self._forbidden or not self._lent:
            return False
        now = self._monotonic()
        if now >= self._next_look:
            self._look(now)
        return self._state.is_open

    def lend(self, connection: Connection) -> bool:
        """Give a connection away; False where no worker can take it."""
        worker, lent = min(self._lent.items(), key=lambda item: len(item[1]))
        if len(lent) >= _MOST_LANES:
            return False
        lane = next(self._ids)
        try:
            worker.channel.lend(Lent(lane, connection.descriptor, connection.peer))
        except OSError:  # as many orders are on their way as may be, or it has died just now
            return False
        lent[lane] = connection
        if self._timer is None:
            self._timer = self._loop.call_later(TICK_S, self._tick)
        return True

    def forbid(self) -> None:
        """Lend nothing from now on, and ask for all that is lent."""
        self._forbidden = True
        self._recall_all()

    # --- told by the worker pool ---------------------------------------------------------------

    def worker_ready(self, worker: LaneWorker) -> None:
        """Take in a worker that has loaded its model."""
        self._lent[worker] = {}

    def returned(self, worker: LaneWorker, returned: Returned) -> None:
        """Pass on a connection that a worker gives back."""
        if connection := self._lent[worker].pop(returned.lane, None):
            connection.take_back(returned)

    def worker_lost(self, worker: LaneWorker) -> bool:
        """Take back what it had; return whether it died in a lane's call.

        The caller of that call gets an answer where all of the request was read and nothing of an answer
        sent; else an answer could be taken for that of another request. Nothing of the others was read.
        """
        lent = self._lent.pop(worker, {})
        page = worker.channel.page
        current, owes = page.lane, page.owes
        self._gone += page.work
        answer = self._timed_out_answer if worker in self._timed_out else self._died_answer
        self._timed_out.discard(worker)
        for lane, connection in lent.items():
            if lane != current:
                connection.take_back(Returned(lane, Why.LOST))
            elif owes:
                connection.take_back(Returned(lane, Why.LOST, answer=answer))
            else:
                connection.abort()
        return current != 0

    # --- from time to time ---------------------------------------------------------------------

    def _tick(self) -> None:
        self._timer = None
        now = self._monotonic()
        for worker in list(self._lent):
            page = worker.channel.page
            if page.lane and time.monotonic_ns() - page.since_ns > self._timeout_ns:
                self._timed_out.add(worker)
                worker.kill()
        self._look(now)
        if not self._state.is_open or self._forbidden:
            self._recall_all()  # again, in case that an order could not be sent
        else:
            self._balance()
        if any(lent or worker.channel.page.lane for worker, lent in self._lent.items()):
            self._timer = self._loop.call_later(TICK_S, self._tick)

    def _look(self, now: float) -> None:
        self._next_look = now + TICK_S
        done = sum((worker.channel.page.work for worker in self._lent), self._gone)
        self._state = judge(self._state, done, now)

    def _balance(self) -> None:
        """Ask for a connection of who has two more than another: its next request goes to the other."""
        fullest = max(self._lent, key=lambda worker: len(self._lent[worker]), default=None)
        if fullest is None:
            return
        lent = self._lent[fullest]
        if len(lent) - min(len(other) for other in self._lent.values()) >= 2:
            self._recall(fullest, next(reversed(lent)))

    def _recall_all(self) -> None:
        for worker, lent in self._lent.items():
            for lane in lent:
                self._recall(worker, lane)

    def _recall(self, worker: LaneWorker, lane: int) -> None:
        with contextlib.suppress(OSError):
            worker.channel.recall(lane)
