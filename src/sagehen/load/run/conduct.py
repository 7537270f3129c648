"""A run from its first request to its last answer."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sagehen.load.measured.tally import Tally
from sagehen.load.outgoing.order import Order
from sagehen.load.run.senders import SenderFailed, Senders
from sagehen.load.run.watch import Watch

_SHOW_S = 0.5
# After a timeout every answer is either there or given up; what is silent longer hangs.
_GRACE_S = 10.0
# More would be drawn by nobody.
_LOOKS = 600


@dataclass(slots=True)
class Progress:
    """How far a run is.

    Attributes:
        duration: Seconds that it sends, or has sent where it was interrupted.
        elapsed: Seconds since its beginning.
        tallies: By the number of the stretch.
        whole: The sum of them.
        in_flight: Requests under way.
        interrupted: Whether somebody ended it before its time.
        began: In UTC.
    """

    duration: float
    elapsed: float = 0.0
    tallies: dict[int, Tally] = field(default_factory=dict)
    whole: Tally = field(default_factory=Tally)
    in_flight: int = 0
    interrupted: bool = False
    began: datetime = field(default_factory=lambda: datetime.now(UTC))


class Run:
    """One run.

    Args:
        order: What is sent.
        duration: Seconds.
        watch: Is asked meanwhile.
        show: Called twice a second.
    """

    def __init__(self, order: Order, duration: float, watch: Watch, show: Callable[[Progress], None]) -> None:
        self.progress = Progress(duration)
        self._order = order
        self._watch = watch
        self._show = show
        self._in_flight: dict[int, int] = {}
        self._senders = Senders(order, self._told)
        self._interrupts = 0
        self._begin = 0.0

    async def conduct(self) -> Progress:
        """Send, wait, and return what was counted. Ctrl-C ends the sending, a second one the waiting.

        Raises:
            SenderFailed: It could not begin, or a sender has died.
        """
        with self._interruptible():
            try:
                self._begin = await self._senders.start()
                self.progress.began = datetime.now(UTC)
                await self._until_done()
            except SenderFailed:
                if not self.progress.interrupted:
                    raise
            finally:
                if self._begin:
                    self.progress.elapsed = max(0.0, time.monotonic() - self._begin)
                await self._senders.end()
        return self.progress

    async def _until_done(self) -> None:
        finishing = asyncio.create_task(self._senders.finish())
        looking = asyncio.create_task(self._look())
        deadline = self._begin + self.progress.duration + self._order.timeout + _GRACE_S
        try:
            while not finishing.done() and self._interrupts < 2 and time.monotonic() < deadline:
                await asyncio.wait([finishing], timeout=_SHOW_S)
                self.progress.elapsed = max(0.0, time.monotonic() - self._begin)
                self._show(self.progress)
            if finishing.done():
                await finishing
        finally:
            looking.cancel()
            finishing.cancel()
            await asyncio.gather(looking, finishing, return_exceptions=True)

    async def _look(self) -> None:
        """Ask about the target: once a second, in long runs less often."""
        from botocore.exceptions import BotoCoreError, ClientError

        pause = max(1.0, self.progress.duration / _LOOKS)
        while True:
            await asyncio.sleep(pause)
            # What cannot be asked now may be asked the next time: AWS throttles too.
            with contextlib.suppress(BotoCoreError, ClientError):
                await asyncio.to_thread(self._watch.look, time.monotonic() - self._begin)

    def _told(self, number: int, line: dict[str, Any]) -> None:
        for slot, packed in line.get("tallies", ()):
            tally = Tally.unpacked(packed)
            self.progress.whole.add(tally)
            self.progress.tallies.setdefault(slot, Tally()).add(tally)
        self._in_flight[number] = line.get("in_flight", 0)
        self.progress.in_flight = sum(self._in_flight.values())

    @contextlib.contextmanager
    def _interruptible(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGINT)

    def _interrupt(self) -> None:
        self._interrupts += 1
        if not self.progress.interrupted and self._begin:
            # Rates are of the time in which requests were due.
            sending = max(time.monotonic() - self._begin, 0.001)
            self.progress.duration = min(self.progress.duration, sending)
        self.progress.interrupted = True
        self._senders.stop()
