"""EventSearch: FilterLogEvents."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.services.logs.access import on_group
from sagehen.services.logs.errors import InvalidParameterException, no_such_stream
from sagehen.services.logs.events.event import FOREVER_MS, Event, Position
from sagehen.services.logs.events.merge import merged
from sagehen.services.logs.events.page import (
    PageSize,
    backward_token,
    forward_token,
    get_position,
    outline,
    paged,
)
from sagehen.services.logs.events.records import EventRecords
from sagehen.services.logs.groups.records import Group, GroupRecords
from sagehen.services.logs.groups.requested import requested_group
from sagehen.services.logs.patterns.pattern import parse_filter_pattern
from sagehen.services.logs.streams.records import Span, StreamRecords

# How many events one FilterLogEvents call looks at. A call that finds nothing in them answers an
# empty page with a token, as AWS does: a search of a huge group is many short calls.
_SCAN_LIMIT = 50_000
# ... and how much text, however long they are: 0.2 s of processor time in a thread. So many short ones cost
# 0.4 s, and 1 s where each is parsed as JSON (measured).
_SCAN_BYTES = 32 * 1024 * 1024


class EventSearch:
    """FilterLogEvents: the events of a group, or of some of its streams, in one order of time."""

    def __init__(self, groups: GroupRecords, streams: StreamRecords, events: EventRecords) -> None:
        self._groups = groups
        self._streams = streams
        self._events = events

    @operation("FilterLogEvents", access=on_group)
    async def filter_log_events(self, context: RequestContext, request: Request) -> Reply:
        """A page of what matches among the next 50,000 events or 32 MB; it may be empty and have a token."""
        group = requested_group(self._groups, context.scope, request)
        if request.get("logStreamNames") and request.get("logStreamNamePrefix"):
            # Documented (API_FilterLogEvents); the wording is from memory.
            raise InvalidParameterException("logStreamNames and logStreamNamePrefix are mutually exclusive.")
        return paged(await asyncio.to_thread(self._filter, group, request))

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
        names = self._streams.stream_names({event.stream_id for event in found})
        token = None
        if not exhausted and seen is not None:
            token = forward_token(seen.position) if forward else backward_token(seen.position)
        return {
            "events": [
                {
                    "logStreamName": names[event.stream_id],
                    **outline(event),
                    "eventId": event.id,
                }
                for event in found
                if event.stream_id in names  # it may have been deleted meanwhile
            ],
            "searchedLogStreams": [],  # documented: always empty since June 2019
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
        if names and not any(self._streams.stream(group.id, name) for name in names):
            raise no_such_stream()
        first_ms, last_ms = (position.at_ms, bound_ms - 1) if forward else (bound_ms, position.at_ms)
        return self._streams.spans(
            group.id,
            prefix=request.get("logStreamNamePrefix") or "",
            names=names or None,
            first_ms=first_ms,
            last_ms=last_ms,
            descending=not forward,
        )
