"""AsyncQueue: acknowledged events and their attempts. Durable; at least once.

An event is acknowledged once its row is committed, and the row goes only when the event has come
to its end. After a kill -9 an attempt that was under way is made again.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections import Counter
from datetime import UTC, datetime
from typing import Literal

from sagehen.api.errors import ServiceError
from sagehen.domain.background import Background
from sagehen.domain.clock import Clock, wait_for
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.concurrency.records import ConcurrencyRecords
from sagehen.services.lambda_.errors import (
    RecursiveInvocationException,
    ResourceNotFoundException,
    TooManyRequestsException,
)
from sagehen.services.lambda_.invocations.metrics import InvocationMetrics
from sagehen.services.lambda_.invocations.runner import Answer, FunctionRunner
from sagehen.services.lambda_.names import LATEST, FunctionReference
from sagehen.services.lambda_.queue.destinations import Destinations
from sagehen.services.lambda_.queue.pace import QueuePace
from sagehen.services.lambda_.queue.records import EventInvokeConfig, EventRecords, QueuedEvent
from sagehen.services.lambda_.queue.retries import (
    Again,
    End,
    after_fault,
    after_function_error,
    before_attempt,
)

_log = logging.getLogger(__name__)

_Admission = Literal["ran", "throttled", "not tried"]
# Of a qualifier that has no configuration: the time is shown nowhere.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class AsyncQueue:
    """Runs queued events when they are due.

    Args:
        parallel: Attempts of one function at the same time; AWS's own number is not published, and
            a machine gains nothing from more cold starts at once.

    Events whose turn has come wait in order of arrival, each function's by themselves; how many are
    tried at once is `QueuePace`'s. One that is throttled keeps its place.
    """

    def __init__(
        self,
        *,
        records: EventRecords,
        concurrency: ConcurrencyRecords,
        runner: FunctionRunner,
        destinations: Destinations,
        metrics: InvocationMetrics,
        clock: Clock,
        parallel: int = 16,
    ) -> None:
        self._records = records
        self._concurrency = concurrency
        self._runner = runner
        self._destinations = destinations
        self._metrics = metrics
        self._clock = clock
        self._parallel = parallel
        # (due, number, function): payloads stay in the database until their turn comes.
        self._heap: list[tuple[float, int, FunctionReference]] = []
        self._ready: dict[FunctionReference, list[int]] = {}  # heaps
        self._paces: dict[FunctionReference, QueuePace] = {}
        self._running: Counter[FunctionReference] = Counter()
        self._attempts: set[asyncio.Task[None]] = set()
        self._poked = asyncio.Event()
        self._worker = Background("lambda events", self._work)

    # --- in ------------------------------------------------------------------------------------

    async def accept(
        self,
        reference: FunctionReference,
        request_id: str,
        payload: bytes,
        client_context: str | None = None,
        trace_header: str | None = None,
    ) -> None:
        """Take an event; it survives everything once this returns."""
        now = self._clock.now().timestamp()
        event = QueuedEvent(
            reference, request_id, payload, now, now, client_context, trace_header=trace_header
        )
        number = await self._records.add(event)
        self._metrics.queued(reference)
        self._push(now, number, reference)

    def _push(self, due: float, number: int, reference: FunctionReference) -> None:
        heapq.heappush(self._heap, (due, number, reference))
        self._poked.set()

    # --- life ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Take up everything that is queued."""
        self._heap = self._records.waiting()
        heapq.heapify(self._heap)
        self._worker.start()

    async def stop(self) -> None:
        """End attempts under way; their events stay queued."""
        await self._worker.stop()
        attempts = list(self._attempts)
        for attempt in attempts:
            attempt.cancel()
        await asyncio.gather(*attempts, return_exceptions=True)
        self._heap.clear()
        self._ready.clear()
        self._paces.clear()
        self._running.clear()

    async def _work(self) -> None:
        while True:
            self._poked.clear()
            now = self._clock.now().timestamp()
            while self._heap and self._heap[0][0] <= now:
                _, number, reference = heapq.heappop(self._heap)
                heapq.heappush(self._ready.setdefault(reference.qualified(""), []), number)
            for function in list(self._ready):
                self._start_attempts(function, now)
            # Who waits for attempts that run is woken by their ends.
            probes = (self._paces[function].probe_at for function in self._ready)
            wakes = [at for at in probes if at > now] + ([self._heap[0][0]] if self._heap else [])
            await wait_for(self._poked, self._clock, min(wakes) - now if wakes else None)

    def _start_attempts(self, function: FunctionReference, now: float) -> None:
        waiting = self._ready[function]
        pace = self._paces.setdefault(function, QueuePace(self._parallel))
        while waiting and pace.may_start(self._running[function], now):
            self._running[function] += 1
            task = asyncio.create_task(self._attempt(heapq.heappop(waiting), function))
            self._attempts.add(task)
            task.add_done_callback(self._attempts.discard)
        if not waiting:
            del self._ready[function]

    # --- one attempt -----------------------------------------------------------------------------

    def concurrency_freed(self, scope: Scope) -> None:
        """An invocation of the account ended: events that were throttled may have their turn."""
        now = self._clock.now().timestamp()
        for function in self._ready:
            if function.scope == scope:
                self._paces[function].concurrency_freed(now)
                self._poked.set()

    async def _attempt(self, number: int, function: FunctionReference) -> None:
        admission: _Admission = "not tried"
        try:
            event = self._records.get(number)
            if event is not None:
                admission = await self._try(event)
        except Exception:
            _log.exception("an attempt at an event of %s broke down", function.arn)
            # Ours to mend: it is tried again, and not in a tight loop.
            self._push(self._clock.now().timestamp() + 1.0, number, function)
        finally:
            self._running[function] -= 1
            self._note(admission, number, function)
            if not self._running[function]:
                del self._running[function]
                if function not in self._ready:
                    self._paces.pop(function, None)
            self._poked.set()

    def _note(self, admission: _Admission, number: int, function: FunctionReference) -> None:
        pace = self._paces.get(function)
        if pace is None:  # stopped meanwhile
            return
        running, now = self._running[function], self._clock.now().timestamp()
        if admission == "throttled":
            pace.was_throttled(running, now)
            heapq.heappush(self._ready.setdefault(function, []), number)
        elif admission == "ran":
            pace.ran(running, now)

    async def _try(self, event: QueuedEvent) -> _Admission:
        config = self._config(event.reference)
        now = self._clock.now().timestamp()
        reserved = self._concurrency.shares(event.reference.scope).reserved.get(event.reference.name)
        answer: Answer | None = None
        step: Again | End | None = before_attempt(event, config, reserved, now)
        if step is None:
            self._metrics.attempted(event.reference, max(0.0, now - event.accepted_at) * 1000)
            try:
                answer = await self._runner.run(
                    event.reference,
                    event.request_id,
                    event.payload,
                    event.client_context,
                    event.trace_header,
                    until_end=True,
                )
            # The function went meanwhile, and with it where its events could go.
            except ResourceNotFoundException:
                await self._records.settle(event, None)
                self._metrics.dropped(event.reference)
                return "not tried"
            except TooManyRequestsException:
                return "throttled"
            except RecursiveInvocationException:
                step = End("RecursiveInvocation")
            except ServiceError as refused:
                _log.info("event of %s waits: %s", event.reference.arn, refused.message)
                step = after_fault(event, self._clock.now().timestamp())
            else:
                failed = answer.outcome.function_error is not None
                now = self._clock.now().timestamp()
                step = after_function_error(event, config, now) if failed else End("Success")
        await self._take(step, event, config, answer)
        return "not tried" if answer is None else "ran"

    async def _take(
        self, step: Again | End, event: QueuedEvent, config: EventInvokeConfig, answer: Answer | None
    ) -> None:
        if isinstance(step, Again):
            await self._records.postpone(step.event)
            self._push(step.event.due_at, event.number, event.reference)
            return
        if step.condition != "Success":
            self._metrics.dropped(event.reference)
        following = await self._destinations.following(event, config, step.condition, answer)
        number = await self._records.settle(event, following)
        if following is not None and number is not None:
            self._push(following.due_at, number, following.reference)

    def _config(self, reference: FunctionReference) -> EventInvokeConfig:
        """Return the configuration of the qualifier; without one it is `$LATEST`'s."""
        config = self._records.config(reference.qualified(reference.qualifier or LATEST))
        return config or EventInvokeConfig(reference, _NEVER, {})
