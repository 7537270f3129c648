"""Log events: putting, getting, filtering."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.services.logs.access import on_group, on_stream
from sagehen.services.logs.errors import InvalidParameterException, no_such_stream
from sagehen.services.logs.events.acceptance import accept
from sagehen.services.logs.events.merge import merged
from sagehen.services.logs.events.page import (
    PageSize,
    backward_token,
    forward_token,
    get_position,
)
from sagehen.services.logs.events.records import FOREVER_MS, Event, EventRecords, Position
from sagehen.services.logs.groups.records import Group, LogRecords, Span, Stream
from sagehen.services.logs.patterns.pattern import parse_filter_pattern
from sagehen.services.logs.streams.operations import requested_group
from sagehen.store.database import Database, Transaction

# How many events one FilterLogEvents call looks at. A call that finds nothing in them answers an
# empty page with a token, as AWS does: a search of a huge group is many short calls.
_SCAN_LIMIT = 50_000
# ... and how much text, however long they are: 0.2 s of processor time in a thread. So many short ones cost
# 0.4 s, and 1 s where each is parsed as JSON (measured).
_SCAN_BYTES = 32 * 1024 * 1024


class LogEvents:
    """PutLogEvents, GetLogEvents, FilterLogEvents.

    Args:
        on_stored: Called when events were stored.
    """

    def __init__(
        self,
        records: LogRecords,
        events: EventRecords,
        database: Database,
        clock: Clock,
        on_stored: Callable[[], None],
    ) -> None:
        self._on_stored = on_stored
        self._records = records
        self._events = events
        self._database = database
        self._clock = clock

    @operation("PutLogEvents", access=on_stream)
    async def put_log_events(self, context: RequestContext, request: Request) -> dict[str, Any]:
        group = requested_group(self._records, context.scope, request)
        stream = self._stream(group, request)
        now_ms = int(self._clock.now().timestamp() * 1000)
        accepted, rejected = accept(request["logEvents"], now_ms, group.retention_days)

        def insert(tx: Transaction) -> None:
            # Group or stream may have gone while this write stood in the queue.
            if tx.execute("SELECT 1 FROM log_streams WHERE id = ?", (stream.id,)).fetchone() is None:
                raise no_such_stream()
            self._events.insert(tx, group.id, stream.id, accepted, now_ms)

        if accepted:
            await self._database.write(insert)
            self._on_stored()
        return {
            "nextSequenceToken": f"{stream.id:056d}",  # accepted whatever it is, as AWS does since 2023
            "rejectedLogEventsInfo": rejected or None,
        }

    @operation("GetLogEvents", access=on_stream)
    async def get_log_events(self, context: RequestContext, request: Request) -> dict[str, Any]:
        group = requested_group(self._records, context.scope, request)
        stream = self._stream(group, request)
        return await asyncio.to_thread(self._get, stream, request)

    def _get(self, stream: Stream, request: Request) -> dict[str, Any]:
        start_ms = request.get("startTime") or 0
        end_ms = request.get("endTime")  # exclusive here, inclusive in FilterLogEvents
        end_ms = FOREVER_MS if end_ms is None else end_ms
        limit = request.get("limit") or 10_000
        forward, position = get_position(
            request.get("nextToken"), bool(request.get("startFromHead")), start_ms, end_ms
        )
        if forward:
            found = self._events.after(stream.id, position, end_ms, limit)
        else:
            found = self._events.before(stream.id, position, start_ms, limit)[::-1]
        if found:
            first, last = found[0].position, found[-1].position
        elif forward:  # nothing new: the same token, which stays good for what comes later
            first, last = Position(position.at_ms, position.sequence + 1), position
        else:
            first, last = position, Position(position.at_ms, position.sequence - 1)
        return {
            "events": [_outline(event) for event in found],
            "nextForwardToken": forward_token(last),
            "nextBackwardToken": backward_token(first),
        }

    @operation("FilterLogEvents", access=on_group)
    async def filter_log_events(self, context: RequestContext, request: Request) -> dict[str, Any]:
        group = requested_group(self._records, context.scope, request)
        if request.get("logStreamNames") and request.get("logStreamNamePrefix"):
            raise InvalidParameterException("logStreamNames and logStreamNamePrefix are mutually exclusive.")
        return await asyncio.to_thread(self._filter, group, request)

    def _filter(self, group: Group, request: Request) -> dict[str, Any]:
        matches = parse_filter_pattern(request.get("filterPattern") or "")
        limit = request.get("limit") or 10_000
        start_ms = request.get("startTime") or 0
        end_ms = request.get("endTime")
        end_ms = FOREVER_MS if end_ms is None else end_ms + 1
        forward, position = get_position(
            request.get("nextToken"), request.get("startFromHead") is not False, start_ms, end_ms
        )
        bound_ms = end_ms if forward else start_ms
        merging = merged(
            self._events,
            self._spans(group, request, position, bound_ms, forward),
            position,
            bound_ms,
            descending=not forward,
        )
        found: list[Event] = []
        size = PageSize()
        seen: Event | None = None
        exhausted, scanned_bytes = False, 0
        for _ in range(_SCAN_LIMIT):
            seen = next(merging, None)
            if seen is None:
                exhausted = True
                break
            scanned_bytes += len(seen.message)
            if matches(seen.message):
                if not size.takes(seen):
                    seen = found[-1]
                    break
                found.append(seen)
                if len(found) == limit:
                    exhausted = next(merging, None) is None
                    break
            if scanned_bytes >= _SCAN_BYTES:
                break
        names = self._records.stream_names({event.stream_id for event in found})
        token = None
        if not exhausted and seen is not None:
            token = forward_token(seen.position) if forward else backward_token(seen.position)
        return {
            "events": [
                {
                    "logStreamName": names[event.stream_id],
                    **_outline(event),
                    "eventId": event.id,
                }
                for event in found
                if event.stream_id in names  # it may have been deleted meanwhile
            ],
            "searchedLogStreams": [],  # always empty on AWS since June 2019
            "nextToken": token,
        }

    def _spans(
        self, group: Group, request: Request, position: Position, bound_ms: int, forward: bool
    ) -> Iterator[Span]:
        """Return the wanted streams that can hold events between `position` and the bound.

        Raises:
            ResourceNotFoundException: There is none of those that are named.
        """
        names = request.get("logStreamNames")
        if names and not any(self._records.stream(group.id, name) for name in names):
            raise no_such_stream()
        first_ms, last_ms = (position.at_ms, bound_ms - 1) if forward else (bound_ms, position.at_ms)
        return self._records.spans(
            group.id,
            prefix=request.get("logStreamNamePrefix") or "",
            names=names or None,
            first_ms=first_ms,
            last_ms=last_ms,
            descending=not forward,
        )

    def _stream(self, group: Group, request: Request) -> Stream:
        stream = self._records.stream(group.id, request["logStreamName"])
        if stream is None:
            raise no_such_stream()
        return stream


def _outline(event: Event) -> dict[str, Any]:
    return {
        "timestamp": event.position.at_ms,
        "message": event.message,
        "ingestionTime": event.ingested_ms,
    }
