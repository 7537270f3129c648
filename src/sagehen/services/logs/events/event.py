"""Events and their places. Pure.

An event's key is (stream, time, sequence). `sequence` is `arrival in ms << 20 | counter`: unique,
ordered by arrival within one millisecond of event time, and it tells the ingestion time without a
column of its own. 2^20 events per millisecond of arrival are beyond what one writer takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sagehen.domain.scope import Scope

COUNTER_BITS = 20
# Documented (API_PutLogEvents): what AWS adds to each event's bytes when it limits.
EVENT_OVERHEAD_BYTES = 26
# Documented (API_GetLogEvents): at most 1 MB of events at once.
PAGE_BYTES = 1024 * 1024
# The end of time for open ranges: greater than every key.
FOREVER_MS = 2**62

EventPairs = Sequence[tuple[int, str]]
StreamKey = tuple[Scope, str, str]


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a stream or group: between the events with smaller and those with greater keys."""

    at_ms: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it is stored, with the id and the time of arrival that its place tells."""

    stream_id: int
    position: Position
    message: str

    @property
    def ingested_ms(self) -> int:
        return self.position.sequence >> COUNTER_BITS

    @property
    def id(self) -> str:
        return f"{self.position.at_ms:020d}{self.position.sequence:036d}"


@dataclass(frozen=True, slots=True)
class Ahead:
    """An event whose turn comes later. `message`: None where it is too long to be held until then."""

    position: Position
    message: str | None


def event_bytes(message: str) -> int:
    """Return what an event counts for."""
    return len(message.encode("utf-8", "replace")) + EVENT_OVERHEAD_BYTES
