"""Dispatcher: the queue between the HTTP front and the workers."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sagehen.modelserver.answer_stream import AnswerStream
from sagehen.modelserver.front.batch_window import remaining_wait_s
from sagehen.modelserver.messages import Answer, Call, Part
from sagehen.modelserver.sessions.headers import NEW_SESSION, SESSION_ID
from sagehen.modelserver.sessions.workers import WorkerSessions, ended, not_open

QUEUE_FULL = Answer(503, "text/plain", b"The model server's queue is full.")
WORKER_DIED = Answer(503, "text/plain", b"Worker died.")


def timed_out(timeout_s: float) -> Answer:
    """Make the answer to a call whose worker was killed for it."""
    text = f"The handler took longer than {timeout_s:g} s (SAGEMAKER_MODEL_SERVER_TIMEOUT)."
    return Answer(504, "text/plain", text.encode())


class Worker(Protocol):
    """What the dispatcher needs of a worker: it takes one batch at a time."""

    def send(self, calls: list[Call]) -> None:
        """Give it a batch; `Dispatcher.worker_answered` or `worker_lost` follows."""

    def kill(self) -> None:
        """End its process at once; `Dispatcher.worker_lost` follows."""


@dataclass(slots=True, eq=False)
class Pending:
    """A call that waits or is being answered.

    Args:
        session: The session whose worker alone may have it.
        opens: It asks for a new session.
        alone: Its batch died once, so it goes by itself.
    """

    call: Call
    answer: asyncio.Future[Answer]
    arrived: float
    session: str | None = None
    opens: bool = False
    alone: bool = False


@dataclass(slots=True)
class _Batch:
    items: list[Pending]
    timer: asyncio.TimerHandle
    timed_out: bool = field(default=False)
    stream: AnswerStream | None = None


class Dispatcher:
    """Gives calls to idle workers, in order of arrival, in batches where the handler takes them.

    A call of a session waits for the worker that holds it, the others for any. A batch may hold both,
    and calls of several sessions of one worker.

    Args:
        loop: Where everything here runs.
        timeout_s: A worker that is busy longer with one batch is killed.
        queue_limit: Calls beyond this many waiting are refused at once.
        max_wait_s: See batch_window.
        wall: See WorkerSessions.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        timeout_s: float,
        queue_limit: int,
        max_wait_s: float,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.max_batch = 1
        self._loop = loop
        self._timeout_s = timeout_s
        self._queue_limit = queue_limit
        self._max_wait_s = max_wait_s
        self._monotonic = monotonic
        self._waiting: deque[Pending] = deque()
        # Calls of sessions, by the worker that holds them; no empty queues.
        self._bound: dict[Worker, deque[Pending]] = {}
        self._sessions: WorkerSessions[Worker] = WorkerSessions(wall)
        self._idle: list[Worker] = []
        self._busy: dict[Worker, _Batch] = {}
        self._last_batch = 0
        self._window: asyncio.TimerHandle | None = None

    def submit(self, call: Call) -> asyncio.Future[Answer]:
        """Queue a call. Cancelling the future takes it back if no worker has it yet."""
        answer: asyncio.Future[Answer] = self._loop.create_future()
        waiting = len(self._waiting)
        if self._bound:
            waiting += sum(len(queue) for queue in self._bound.values())
        if waiting >= self._queue_limit:
            answer.set_result(QUEUE_FULL)
            return answer
        item = Pending(call, answer, self._monotonic())
        session = call.headers.get(SESSION_ID)
        if session is None:
            self._waiting.append(item)
        elif not self._queue_in_session(item, session):
            answer.set_result(not_open(session))
            return answer
        self._pump()
        return answer

    def _queue_in_session(self, item: Pending, session: str) -> bool:
        """Queue a call that opens or continues a session; False where no worker holds that."""
        if session == NEW_SESSION:
            item.opens = True
            self._waiting.append(item)
            return True
        worker = self._sessions.worker_of(session)
        if worker is None:
            return False
        item.session = session
        self._bound.setdefault(worker, deque()).append(item)
        return True

    # --- told by the worker pool -------------------------------------------------------------

    def worker_ready(self, worker: Worker) -> None:
        """Take in a worker that has loaded its model, or has nothing to do again."""
        self._idle.append(worker)
        self._pump()

    def worker_answered(self, worker: Worker, answers: list[Answer]) -> None:
        """Hand out the answers to a batch, in its order, and give the worker the next one."""
        batch = self._busy.pop(worker)
        batch.timer.cancel()
        for item, answer in zip(batch.items, answers, strict=True):
            if answer.headers:
                answer = self._sessions.note(worker, answer)
            if not item.answer.done():
                item.answer.set_result(answer)
        self._idle.append(worker)
        self._pump()

    def worker_began(self, worker: Worker, answer: Answer) -> None:
        """The answer to its only call begins; the parts come one by one."""
        batch = self._busy[worker]
        batch.stream = answer.stream
        waiting = batch.items[0].answer
        noted = self._sessions.note(worker, answer)
        if answer.stream is not None and (waiting.done() or noted is not answer):
            answer.stream.abandon()  # the caller went away, or gets an error instead
        if not waiting.done():
            waiting.set_result(noted)

    def worker_sent_part(self, worker: Worker, part: Part) -> None:
        """Pass on a piece of the streamed answer that the worker has begun; the last ends its batch."""
        batch = self._busy[worker]
        assert batch.stream is not None
        if part.last is None:
            self._restart_timer(worker)
            batch.stream.part(part.data)
            return
        batch.timer.cancel()
        del self._busy[worker]
        batch.stream.end(part.last)
        self._idle.append(worker)
        self._pump()

    def worker_away(self, worker: Worker) -> None:
        """Send what comes to others: it streams an answer of its own, or a part of that has come."""
        if worker in self._idle:
            self._idle.remove(worker)
        self._restart_timer(worker)

    def worker_back(self, worker: Worker) -> None:
        """That stream has ended: it takes up what it was sent before, or is idle."""
        self._restart_timer(worker)
        if worker not in self._busy:
            self.worker_ready(worker)

    def note(self, worker: Worker, answer: Answer) -> Answer:
        """Take note of the sessions of an answer that a worker gave by itself; return the one to send."""
        return self._sessions.note(worker, answer)

    def worker_lost(self, worker: Worker, had_begun: bool = True) -> None:
        """Fail or requeue what it held: the calls of a batch get a second try, each alone.

        Its sessions are over, and so are the calls that waited for it.

        Args:
            had_begun: False where it died of something else, before it had looked at these.
        """
        if worker in self._idle:
            self._idle.remove(worker)
        self._sessions.worker_lost(worker)
        for item in self._bound.pop(worker, ()):
            _answer(item, not_open(item.session or ""))
        batch = self._busy.pop(worker, None)
        if batch is None:
            return
        batch.timer.cancel()
        if batch.stream is not None:
            batch.stream.end(False)
            return
        again = (len(batch.items) > 1 or not had_begun) and not batch.timed_out
        reason = timed_out(self._timeout_s) if batch.timed_out else WORKER_DIED
        for item in reversed(batch.items):
            if item.session is not None:
                _answer(item, ended(reason, item.session))
            elif again:
                item.alone = True
                self._waiting.appendleft(item)
            else:
                _answer(item, reason)
        self._pump()

    # --- batches -----------------------------------------------------------------------------

    def _pump(self) -> None:
        if self._window is not None:
            self._window.cancel()
            self._window = None
        while self._idle and (worker := self._next_worker()) is not None:
            wait_s = self._wait_s(worker)
            if wait_s > 0:
                self._window = self._loop.call_later(wait_s, self._pump)
                return
            self._idle.remove(worker)
            self._dispatch(worker, self._take_batch(worker))

    def _next_worker(self) -> Worker | None:
        """Return the idle worker whose turn the oldest call is; None where no call can go on."""
        oldest = _first(self._waiting)
        candidates = self._idle
        if self._bound:
            chosen = None
            for worker in [worker for worker in self._idle if worker in self._bound]:
                first = _first(self._bound[worker])
                if first is None:
                    del self._bound[worker]
                elif oldest is None or first.arrived < oldest.arrived:
                    chosen, oldest = worker, first
            if chosen is not None:
                return chosen
            # Any would do: rather one for which no session waits.
            candidates = [worker for worker in self._idle if worker not in self._bound] or self._idle
        if oldest is None:
            return None
        if oldest.opens:
            return min(candidates, key=self._sessions.count)
        return candidates[-1]

    def _wait_s(self, worker: Worker) -> float:
        if self.max_batch == 1:
            return 0.0
        bound = self._bound.get(worker)
        first = _older(self._waiting, bound)[0]
        if first.alone:
            return 0.0
        waiting = len(self._waiting) + (len(bound) if bound else 0)
        age_s = self._monotonic() - first.arrived
        return remaining_wait_s(waiting, age_s, self._last_batch, self.max_batch, self._max_wait_s)

    def _take_batch(self, worker: Worker) -> list[Pending]:
        bound = self._bound.get(worker)
        if self.max_batch == 1 and not bound:
            return [self._waiting.popleft()]  # the common case; `_next_worker` has seen it
        items: list[Pending] = []
        while len(items) < self.max_batch and (queue := _older(self._waiting, bound)):
            if queue[0].alone and items:
                break
            item = queue.popleft()
            if not item.answer.done():
                items.append(item)
                if item.alone:
                    break
        if bound is not None and not bound:
            del self._bound[worker]
        return items

    def _dispatch(self, worker: Worker, items: list[Pending]) -> None:
        self._last_batch = len(items)
        timer = self._loop.call_later(self._timeout_s, self._give_up, worker)
        self._busy[worker] = _Batch(items, timer)
        worker.send([item.call for item in items])

    def _restart_timer(self, worker: Worker) -> None:
        """Count anew: a stream may take longer than one answer, the limit is the time between two parts."""
        if batch := self._busy.get(worker):
            batch.timer.cancel()
            batch.timer = self._loop.call_later(self._timeout_s, self._give_up, worker)

    def _give_up(self, worker: Worker) -> None:
        if batch := self._busy.get(worker):
            batch.timed_out = True
            worker.kill()


def _first(queue: deque[Pending]) -> Pending | None:
    """Return the first call of a queue whose caller is still there."""
    while queue and queue[0].answer.done():
        queue.popleft()
    return queue[0] if queue else None


def _older(one: deque[Pending], other: deque[Pending] | None) -> deque[Pending]:
    """Return the queue whose first call has waited longer."""
    if not other or (one and one[0].arrived <= other[0].arrived):
        return one
    return other


def _answer(item: Pending, answer: Answer) -> None:
    if not item.answer.done():
        item.answer.set_result(answer)
