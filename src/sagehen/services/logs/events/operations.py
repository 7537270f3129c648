"""Log events: putting, getting, filtering."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.domain.clock import Clock, epoch_ms
from sagehen.services.logs.access import on_stream
from sagehen.services.logs.errors import no_such_stream
from sagehen.services.logs.events.acceptance import accept
from sagehen.services.logs.events.event import FOREVER_MS, Position
from sagehen.services.logs.events.page import backward_token, forward_token, get_position, outline, paged
from sagehen.services.logs.events.records import EventRecords
from sagehen.services.logs.groups.records import Group, GroupRecords
from sagehen.services.logs.groups.requested import requested_group
from sagehen.services.logs.streams.records import Stream, StreamRecords
from sagehen.store.database import Database, Transaction


class LogEvents:
    """PutLogEvents and GetLogEvents.

    Args:
        on_stored: Called when events were stored.
    """

    def __init__(
        self,
        groups: GroupRecords,
        streams: StreamRecords,
        events: EventRecords,
        database: Database,
        clock: Clock,
        on_stored: Callable[[], None],
    ) -> None:
        self._on_stored = on_stored
        self._groups = groups
        self._streams = streams
        self._events = events
        self._database = database
        self._clock = clock

    @operation("PutLogEvents", access=on_stream)
    async def put_log_events(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Events are on the disk when this answers; filters see them soon after."""
        group = requested_group(self._groups, context.scope, request)
        stream = self._stream(group, request)
        now_ms = epoch_ms(self._clock.now())
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
            # Documented: sequence tokens are ignored. 56 digits are what clients of the time were used to.
            "nextSequenceToken": f"{stream.id:056d}",
            "rejectedLogEventsInfo": rejected or None,
        }

    @operation("GetLogEvents", access=on_stream)
    async def get_log_events(self, context: RequestContext, request: Request) -> Reply:
        """A page of at most 1 MB; the token of an empty page stays good for what comes later."""
        group = requested_group(self._groups, context.scope, request)
        stream = self._stream(group, request)
        return paged(await asyncio.to_thread(self._get, stream, request))

    def _get(self, stream: Stream, request: Request) -> dict[str, Any]:
        start_ms = request.get("startTime") or 0
        end_ms = request.get("endTime")  # exclusive here, inclusive in FilterLogEvents
        end_ms = FOREVER_MS if end_ms is None else end_ms
        limit = request.get("limit") or 10_000  # documented: the default, and the most
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
            "events": [outline(event) for event in found],
            "nextForwardToken": forward_token(last),
            "nextBackwardToken": backward_token(first),
        }

    def _stream(self, group: Group, request: Request) -> Stream:
        stream = self._streams.stream(group.id, request["logStreamName"])
        if stream is None:
            raise no_such_stream()
        return stream
