"""Dispatcher: the queue between the HTTP front and the workers."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sagehen.modelserver.answer_stream import AnswerStream
from sagehen.modelserver.batch_window import remaining_wait_s
from sagehen.modelserver.messages import Answer, Call, Part

QUEUE_FULL = Answer(503, "text/plain", b"The model server's queue is full.")
WORKER_DIED = Answer(503, "text/plain", b"Worker died.")


class Worker(Protocol):
    """What the dispatcher needs of a worker: it takes one batch at a time."""

    def send(self, calls: list[Call]) -> None: ...

    def kill(self) -> None: ...


@dataclass(slots=True, eq=False)
class Pending:
    """A call that waits or is being answered. `alone`: its batch died once, so it goes by itself."""

    call: Call
    answer: asyncio.Future[Answer]
    arrived: float
    alone: bool = False


@dataclass(slots=True)
class _Batch:
    items: list[Pending]
    timer: asyncio.TimerHandle
    timed_out: bool = field(default=False)
    stream: AnswerStream | None = None


class Dispatcher:
    """Gives calls to idle workers, in order of arrival, in batches where the handler takes them.

    Args:
        loop: Where everything here runs.
        timeout_s: A worker that is busy longer with one batch is killed.
        queue_limit: Calls beyond this many waiting are refused at once.
        max_wait_s: See batch_window.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        timeout_s: float,
        queue_limit: int,
        max_wait_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.max_batch = 1
        self._loop = loop
        self._timeout_s = timeout_s
        self._queue_limit = queue_limit
        self._max_wait_s = max_wait_s
        self._monotonic = monotonic
        self._waiting: deque[Pending] = deque()
        self._idle: list[Worker] = []
        self._busy: dict[Worker, _Batch] = {}
        self._last_batch = 0
        self._window: asyncio.TimerHandle | None = None

    def submit(self, call: Call) -> asyncio.Future[Answer]:
        """Queue a call. Cancelling the future takes it back if no worker has it yet."""
        answer: asyncio.Future[Answer] = self._loop.create_future()
        if len(self._waiting) >= self._queue_limit:
            answer.set_result(QUEUE_FULL)
            return answer
        self._waiting.append(Pending(call, answer, self._monotonic()))
        self._pump()
        return answer

    # --- told by the worker pool -------------------------------------------------------------

    def worker_ready(self, worker: Worker) -> None:
        self._idle.append(worker)
        self._pump()

    def worker_answered(self, worker: Worker, answers: list[Answer]) -> None:
        batch = self._busy.pop(worker)
        batch.timer.cancel()
        for item, answer in zip(batch.items, answers, strict=True):
            if not item.answer.done():
                item.answer.set_result(answer)
        self._idle.append(worker)
        self._pump()

    def worker_began(self, worker: Worker, answer: Answer) -> None:
        """The answer to its only call begins; the parts come one by one."""
        batch = self._busy[worker]
        batch.stream = answer.stream
        waiting = batch.items[0].answer
        if not waiting.done():
            waiting.set_result(answer)
        elif answer.stream is not None:
            answer.stream.abandon()  # the caller went away

    def worker_sent_part(self, worker: Worker, part: Part) -> None:
        batch = self._busy[worker]
        assert batch.stream is not None
        # A stream may take longer than one answer: the limit is the time between two parts.
        batch.timer.cancel()
        if part.last is None:
            batch.timer = self._loop.call_later(self._timeout_s, self._give_up, worker)
            batch.stream.part(part.data)
            return
        del self._busy[worker]
        batch.stream.end(part.last)
        self._idle.append(worker)
        self._pump()

    def worker_lost(self, worker: Worker) -> None:
        """Fail or requeue what it held: the calls of a batch get a second try, each alone."""
        if worker in self._idle:
            self._idle.remove(worker)
        batch = self._busy.pop(worker, None)
        if batch is None:
            return
        batch.timer.cancel()
        if batch.stream is not None:
            batch.stream.end(False)
            return
        if len(batch.items) > 1 and not batch.timed_out:
            for item in reversed(batch.items):
                item.alone = True
                self._waiting.appendleft(item)
            self._pump()
            return
        reason = WORKER_DIED
        if batch.timed_out:
            text = f"The handler took longer than {self._timeout_s:g} s (SAGEMAKER_MODEL_SERVER_TIMEOUT)."
            reason = Answer(504, "text/plain", text.encode())
        for item in batch.items:
            if not item.answer.done():
                item.answer.set_result(reason)

    # --- batches -----------------------------------------------------------------------------

    def _pump(self) -> None:
        if self._window is not None:
            self._window.cancel()
            self._window = None
        while self._idle and self._waiting:
            while self._waiting and self._waiting[0].answer.done():
                self._waiting.popleft()  # the caller went away
            if not self._waiting:
                return
            wait_s = self._wait_s()
            if wait_s > 0:
                self._window = self._loop.call_later(wait_s, self._pump)
                return
            self._dispatch(self._idle.pop(), self._take_batch())

    def _wait_s(self) -> float:
        if self.max_batch == 1 or self._waiting[0].alone:
            return 0.0
        age_s = self._monotonic() - self._waiting[0].arrived
        return remaining_wait_s(len(self._waiting), age_s, self._last_batch, self.max_batch, self._max_wait_s)

    def _take_batch(self) -> list[Pending]:
        items = [self._waiting.popleft()]
        if items[0].alone:
            return items
        while self._waiting and len(items) < self.max_batch and not self._waiting[0].alone:
            item = self._waiting.popleft()
            if not item.answer.done():
                items.append(item)
        return items

    def _dispatch(self, worker: Worker, items: list[Pending]) -> None:
        self._last_batch = len(items)
        timer = self._loop.call_later(self._timeout_s, self._give_up, worker)
        self._busy[worker] = _Batch(items, timer)
        worker.send([item.call for item in items])

    def _give_up(self, worker: Worker) -> None:
        if batch := self._busy.get(worker):
            batch.timed_out = True
            worker.kill()
