"""GetLogRecord and GetLogGroupFields: what queries would find in events."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import islice
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.domain.clock import Clock, epoch_ms
from sagehen.domain.scope import Scope
from sagehen.services.logs.access import on_group
from sagehen.services.logs.errors import InvalidParameterException, ResourceNotFoundException
from sagehen.services.logs.events.event import Position
from sagehen.services.logs.events.records import EventRecords
from sagehen.services.logs.groups.records import Group, GroupRecords
from sagehen.services.logs.groups.requested import requested_group
from sagehen.services.logs.insights.evaluation.discovery import flat
from sagehen.services.logs.insights.evaluation.lambda_lines import NAMES as LAMBDA_NAMES
from sagehen.services.logs.insights.evaluation.pointers import pointed, pointer
from sagehen.services.logs.insights.evaluation.row import Row
from sagehen.services.logs.insights.evaluation.values import text
from sagehen.services.logs.insights.queries.scanning import Scanner
from sagehen.services.logs.streams.records import StreamRecords

_MINUTE_MS = 60_000
# Ours: of a group with more events in a quarter of an hour, the newest so many are looked at, with so much
# text and so many fields in them.
_SAMPLE = 5000
_SAMPLE_BYTES = 16 * 1024 * 1024
_SAMPLE_FIELDS = 10_000


class LogRecords:
    """Events by their pointers, and the fields of a group's events."""

    def __init__(
        self,
        groups: GroupRecords,
        streams: StreamRecords,
        events: EventRecords,
        scanner: Scanner,
        clock: Clock,
    ) -> None:
        self._groups = groups
        self._streams = streams
        self._events = events
        self._scanner = scanner
        self._clock = clock

    @operation("GetLogRecord")
    async def get_log_record(self, context: RequestContext, request: Request) -> Reply:
        """Every field of the event that an `@ptr` points to.

        Raises:
            InvalidParameterException: It is none of ours.
            ResourceNotFoundException: The event is gone, or another account's.
        """
        place = pointed(request["logRecordPointer"])
        if place is None:  # from memory
            raise InvalidParameterException("The specified logRecordPointer is invalid.")
        # In a thread: an event may be a megabyte of JSON.
        record = await asyncio.to_thread(self._found, context.scope, place)
        if record is None:  # from memory
            raise ResourceNotFoundException("The specified log record does not exist.")
        return Reply({"logRecord": record}, is_large=True)

    def _found(self, scope: Scope, place: tuple[int, int, int]) -> dict[str, str] | None:
        row = self._row(scope, *place)
        return None if row is None else _record(row)

    def _row(self, scope: Scope, stream_id: int, at_ms: int, sequence: int) -> Row | None:
        group_name = self._streams.group_name(scope, stream_id)
        group = None if group_name is None else self._groups.group(scope, group_name)
        if group is None:
            return None
        message = self._events.message(stream_id, Position(at_ms, sequence))
        source = self._scanner.source(scope, group, stream_id)
        return None if message is None or source is None else Row(source, at_ms, sequence, message)

    @operation("GetLogGroupFields", access=on_group)
    async def get_log_group_fields(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Fields of the events of a quarter of an hour, and in how many of a hundred events each is.

        Raises:
            ResourceNotFoundException, InvalidParameterException.
        """
        group = requested_group(self._groups, context.scope, request)
        now_ms = epoch_ms(self._clock.now())
        around_s = request.get("time")
        # Documented: 8 minutes before and after a time, else the last 15 minutes.
        if around_s is None:
            start_ms, end_ms = now_ms - 15 * _MINUTE_MS, now_ms
        else:
            around_ms = min(around_s * 1000, 2**60)
            start_ms, end_ms = around_ms - 8 * _MINUTE_MS, around_ms + 8 * _MINUTE_MS
        fields = await asyncio.to_thread(self._fields, context.scope, group, start_ms, end_ms)
        return {"logGroupFields": fields}

    def _fields(self, scope: Scope, group: Group, start_ms: int, end_ms: int) -> list[dict[str, Any]]:
        counts: Counter[str] = Counter()
        total = size = 0
        for row in islice(self._scanner.rows(scope, [group], start_ms, end_ms, in_order=True), _SAMPLE):
            total += 1
            size += len(row.message)
            for name in _record(row):
                if name != "@ptr" and (name in counts or len(counts) < _SAMPLE_FIELDS):
                    counts[name] += 1
            if size > _SAMPLE_BYTES:
                break
        in_order = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        return [{"name": name, "percent": count * 100 // total} for name, count in in_order]


def _record(row: Row) -> dict[str, str]:
    """Times are in ms since the epoch (recorded), unlike in the results of queries."""
    source = row.source
    assert source is not None
    record = {
        "@ptr": pointer(row),
        "@message": row.message,
        "@timestamp": str(row.at_ms),
        "@ingestionTime": str(row.sequence >> 20),
        "@logStream": source.stream,
        "@log": source.log,
        **{name: text(row.lambda_field(name)) for name in sorted(LAMBDA_NAMES)},
        **{name: text(value) for name, value in flat(row.document or {})},
    }
    return {name: value for name, value in record.items() if value is not None}
