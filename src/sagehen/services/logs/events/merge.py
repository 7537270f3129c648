"""The events of many streams in one order of time.

A stream is opened when the turn of its first event comes, and closed behind its last: a function's group has
a stream for each instance that there ever was, and few of the same time.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from sagehen.services.logs.events.event import Ahead, Event, Position
from sagehen.services.logs.events.records import EventRecords
from sagehen.services.logs.streams.records import Span

# What all open streams hold ahead of their turn; each at least one event of up to _LEAST_BYTES.
_HELD_BYTES = 4 * 1024 * 1024
_LEAST_BYTES = 256

_Head = tuple[tuple[int, int], int, Ahead, Iterator[Ahead]]


def merged(
    records: EventRecords, spans: Iterator[Span], position: Position, bound_ms: int, *, descending: bool
) -> Iterator[Event]:
    """Yield events from `position` on.

    Args:
        spans: The streams, in order of their first event that is wanted (their last when descending).
        bound_ms: The exclusive end when ascending, and the inclusive start when descending.
    """
    sign = -1 if descending else 1
    heads: list[_Head] = []

    def most_bytes() -> int:
        return max(_LEAST_BYTES, _HELD_BYTES // (len(heads) + 1))

    def advance(stream_id: int, events: Iterator[Ahead]) -> None:
        ahead = next(events, None)
        if ahead is not None:
            key = (sign * ahead.position.at_ms, sign * ahead.position.sequence)  # of one event alone
            heapq.heappush(heads, (key, stream_id, ahead, events))

    try:
        following = next(spans, None)
        while heads or following is not None:
            while following is not None and (not heads or sign * following.edge_ms <= heads[0][0][0]):
                stream_id = following.stream_id
                advance(
                    stream_id,
                    records.walk(stream_id, position, bound_ms, descending=descending, most_bytes=most_bytes),
                )
                following = next(spans, None)
            if not heads:
                return
            _, stream_id, ahead, events = heapq.heappop(heads)
            message = ahead.message
            if message is None:
                message = records.message(stream_id, ahead.position)
            if message is not None:
                yield Event(stream_id, ahead.position, message)
            advance(stream_id, events)
    finally:
        heads.clear()  # they hold each other through `most_bytes`, with all that was read ahead
