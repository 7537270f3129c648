"""AsyncQueue: takes requests, gives them to instances as these have room, and ends each."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock, SystemClock, epoch_ms
from sagehen.domain.ids import Ids
from sagehen.domain.kept_sessions import KeptSessions
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.services.sagemaker_runtime.asynchronous import metrics as measures
from sagehen.services.sagemaker_runtime.asynchronous.invocation import Invoking
from sagehen.services.sagemaker_runtime.asynchronous.lines import (
    Line,
    instances,
    room,
    variant_for,
    variant_missed,
)
from sagehen.services.sagemaker_runtime.asynchronous.metrics import AsyncMetrics, Measured
from sagehen.services.sagemaker_runtime.asynchronous.outcome import MOST_LOSSES, Failed, Lost, again_in_s
from sagehen.services.sagemaker_runtime.asynchronous.records import AsyncRecords, QueuedRequest
from sagehen.services.sagemaker_runtime.asynchronous.request import AsyncRequest, EndpointKey
from sagehen.services.sagemaker_runtime.errors import ServiceUnavailable
from sagehen.services.sagemaker_runtime.surroundings import Surroundings
from sagehen.serving.directory import EndpointDirectory, ServedEndpoint

_log = logging.getLogger("sagehen.asynchronous")

# Ours. AWS's queue is said to be without end; here it is a table, and inputs that come along stand in it.
MOST_WAITING = 100_000
MOST_INLINE_BYTES = 2**30
# How soon it is seen that an instance came up; requests and answers are seen at once. In the machine's time.
_LOOK_EVERY_S = 0.25
# AWS has a value a minute; alarms read averages of minutes.
_METRICS_EVERY_S = 10.0
_MOST_EXPIRED_AT_ONCE = 50
# The words of errors that no container gave are from memory.
_EXPIRED = "The request has expired: it was in the queue for longer than RequestTTLSeconds."
_GONE = "The endpoint was deleted before the request was processed."


class AsyncQueue:
    """The requests of all asynchronous endpoints.

    Args:
        records: Where requests are.
        directory: Where endpoints are found.
    """

    def __init__(
        self,
        *,
        records: AsyncRecords,
        directory: EndpointDirectory,
        surroundings: Surroundings,
        roles: KeptSessions,
        metrics: AsyncMetrics,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._records = records
        self._directory = directory
        self._logs = surroundings.logs
        self._folder: Path = surroundings.folder / "async-answers"
        self._invoking = Invoking(surroundings, roles, self._folder)
        self._metrics = metrics
        self._clock = clock
        self._ids = ids
        self._lines: dict[EndpointKey, Line] = {}
        self._wake = asyncio.Event()
        self._look_for_expired_at = 0.0
        self._serving = Rounds(
            "async-inference",
            self._go_round,
            SystemClock(),
            _LOOK_EVERY_S,
            tale="serving asynchronous requests",
            wake=self._wake,
        )
        self._measuring = Rounds(
            "async-metrics", self._measure, clock, _METRICS_EVERY_S, tale="measuring asynchronous endpoints"
        )

    # --- its life ----------------------------------------------------------------------------

    async def start(self) -> None:
        """Take up what an earlier life accepted and did not end."""
        await asyncio.to_thread(_make_empty, self._folder)
        for key, number, size in await asyncio.to_thread(self._records.backlogs):
            self._lines[key] = Line(number, size)
        self._serving.start()
        self._measuring.start()

    async def stop(self) -> None:
        """Ask nobody any more; requests stay."""
        await self._measuring.stop()
        await self._serving.stop()
        tasks = [task for line in self._lines.values() for task in line.under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lines.clear()

    # --- requests ----------------------------------------------------------------------------

    async def accept(self, key: EndpointKey, request: AsyncRequest, body: bytes | None) -> None:
        """Store a request; it will end with an answer or an error from here on.

        Raises:
            ServiceUnavailable: Too many wait at the endpoint.
        """
        line = self._lines.setdefault(key, Line())
        size = len(body or b"")
        if line.waiting >= MOST_WAITING or line.inline_bytes + size > MOST_INLINE_BYTES:
            raise ServiceUnavailable("The endpoint's queue is full.")
        line.waiting += 1
        line.inline_bytes += size
        try:
            await self._records.add(key, request, body, self._clock.now().timestamp())
        except BaseException:
            line.waiting -= 1
            line.inline_bytes -= size
            raise
        self._wake.set()

    async def _go_round(self) -> None:
        now = time.monotonic()
        if now >= self._look_for_expired_at and any(line.waiting for line in self._lines.values()):
            self._look_for_expired_at = now + 1.0
            self._end_expired()
        for key, line in list(self._lines.items()):
            endpoint = self._directory.find(key.scope, key.name)
            if line.is_gone(endpoint, key.created_at, now):
                self._end_all(key, line)
                if not line.waiting:
                    del self._lines[key]
            elif endpoint is not None:
                self._serve(key, line, endpoint, now)

    def _serve(self, key: EndpointKey, line: Line, endpoint: ServedEndpoint, now: float) -> None:
        """Give requests to instances for as long as there are both."""
        for _ in range(max(0, room(endpoint, len(line.under_way)))):
            variant = variant_for(endpoint, self._ids.uniform())
            queued = self._next(key, line, now) if variant is not None else None
            if queued is None or variant is None:
                return
            self._begin(line, queued, self._invoke(line, endpoint, variant, queued))

    def _next(self, key: EndpointKey, line: Line, now: float) -> QueuedRequest | None:
        while (sequence := line.due_again(now)) is not None:
            if (queued := self._records.get(sequence)) is not None:
                return queued
        while (queued := self._records.after(key, line.cursor)) is not None:
            line.cursor = queued.sequence
            if queued.sequence not in line.under_way:
                return queued
        return None

    def _end_expired(self) -> None:
        under_way = [sequence for line in self._lines.values() for sequence in line.under_way]
        now = self._clock.now().timestamp()
        for queued in self._records.expired(now, under_way, _MOST_EXPIRED_AT_ONCE):
            key = queued.endpoint
            line = self._lines.setdefault(key, Line(1))
            variant = variant_missed(self._directory.find(key.scope, key.name), self._ids.uniform())
            measured = Measured(waited_s=now - queued.accepted_at, expired=True, failed=True)
            self._begin(line, queued, self._fail(line, variant, queued, Failed(_EXPIRED), measured))

    def _end_all(self, key: EndpointKey, line: Line) -> None:
        """End what waits at an endpoint that is gone: some now, the others in the rounds to come."""
        sequence = 0
        while len(line.under_way) < _MOST_EXPIRED_AT_ONCE:
            queued = self._records.after(key, sequence)
            if queued is None:
                return
            sequence = queued.sequence
            if sequence not in line.under_way:
                self._begin(line, queued, self._fail(line, "", queued, Failed(_GONE), Measured(failed=True)))

    def _begin(self, line: Line, queued: QueuedRequest, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        line.under_way[queued.sequence] = task

        def ended(task: asyncio.Task[None]) -> None:
            line.under_way.pop(queued.sequence, None)
            if not task.cancelled() and (error := task.exception()) is not None:
                _log.error("an asynchronous request is asked again", exc_info=error)
                line.put_back(queued.sequence, time.monotonic() + again_in_s(MOST_LOSSES))
            self._wake.set()

        task.add_done_callback(ended)

    # --- one request -------------------------------------------------------------------------

    async def _invoke(
        self, line: Line, endpoint: ServedEndpoint, variant: str, queued: QueuedRequest
    ) -> None:
        measured = Measured(waited_s=max(0.0, self._clock.now().timestamp() - queued.accepted_at))
        try:
            instance = await self._invoking.invoke(endpoint, variant, queued, measured)
        except Failed as failure:
            measured.failed = True
            await self._fail(line, variant, queued, failure, measured)
        except Lost as lost:
            losses = queued.losses + lost.counts
            if losses >= MOST_LOSSES:
                measured.failed = True
                await self._fail(line, variant, queued, Failed(str(lost)), measured)
                return
            if lost.counts:
                await self._records.note_loss(queued.sequence)
            line.put_back(queued.sequence, time.monotonic() + again_in_s(losses))
        else:
            self._say(queued, f"{variant}/{instance}", "Inference request succeeded.")
            await self._end(line, variant, queued, measured)

    async def _fail(
        self, line: Line, variant: str, queued: QueuedRequest, failure: Failed, measured: Measured
    ) -> None:
        """Write an error where failures go and into the log, and end the request."""
        endpoint = self._directory.find(queued.endpoint.scope, queued.endpoint.name)
        served = endpoint.router.variants.get(variant) if endpoint and endpoint.router else None
        role_arn = served.role_arn if served is not None else queued.request.role_arn
        stream = variant or "AllTraffic"
        self._say(queued, stream, str(failure))
        try:
            await self._invoking.store_error(role_arn, queued, failure)
        except (AccessDenied, NoSuchObject, ServiceError) as error:
            measured.upload_failed = True
            self._say(queued, stream, f"The error cannot be stored: {error}")
        await self._end(line, variant, queued, measured)

    async def _end(self, line: Line, variant: str, queued: QueuedRequest, measured: Measured) -> None:
        await self._records.remove(queued.sequence)
        line.waiting -= 1
        line.inline_bytes -= len(queued.body or b"")
        measured.whole_s = max(0.0, self._clock.now().timestamp() - queued.accepted_at)
        endpoint = queued.endpoint
        if variant:
            self._metrics.record(endpoint.scope, measures.processed(endpoint.name, variant, measured))

    def _say(self, queued: QueuedRequest, stream: str, text: str) -> None:
        """Add a line to the data log. Recorded: awsdocs/amazon-sagemaker-developer-guide issue 203."""
        now = self._clock.now()
        moment = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}"
        line = f"{moment}:[sagemaker logs] [{queued.request.inference_id}] {text}"
        group = f"/aws/sagemaker/Endpoints/{queued.endpoint.name}"
        self._logs.write(queued.endpoint.scope, group, f"{stream}/data-log", [(epoch_ms(now), line)])

    # --- metrics -----------------------------------------------------------------------------

    async def _measure(self) -> None:
        now = self._clock.now().timestamp()
        for scope, endpoint in list(self._directory.served()):
            if endpoint.asynchronous is None or endpoint.router is None:
                continue
            key = EndpointKey(scope, endpoint.name, endpoint.created_at)
            line = self._lines.get(key, Line())
            oldest_at = self._records.oldest_at(key) if line.waiting else None
            age_s = None if oldest_at is None else max(0.0, now - oldest_at)
            there = sum(instances(endpoint).values())
            self._metrics.record(scope, measures.backlog(endpoint.name, line.waiting, there, age_s))


def _make_empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
