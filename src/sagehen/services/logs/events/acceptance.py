"""Which events of a PutLogEvents batch are taken. Pure: the time is passed in.

Documented: API_PutLogEvents, the constraints of a batch. The wording of the refusals is from memory.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.events.event import event_bytes

_MAX_BATCH_BYTES = 1_048_576
_MINUTE_MS = 60_000
_DAY_MS = 24 * 60 * _MINUTE_MS
_TOO_NEW_MS = 120 * _MINUTE_MS
_TOO_OLD_MS = 14 * _DAY_MS


def accept(
    events: Sequence[Mapping[str, Any]], now_ms: int, retention_days: int | None
) -> tuple[list[tuple[int, str]], dict[str, int]]:
    """Return the events to store, and `rejectedLogEventsInfo` ({} where all are taken).

    Indexes are AWS's: `...EndIndex` is exclusive, `...StartIndex` inclusive.

    Raises:
        InvalidParameterException: The batch as a whole is refused: too large, out of order, or
            over more than 24 hours.
    """
    times = [int(event["timestamp"]) for event in events]
    size = sum(event_bytes(event["message"]) for event in events)
    if size > _MAX_BATCH_BYTES:
        raise InvalidParameterException(f"Upload too large: {size} bytes exceeds limit of {_MAX_BATCH_BYTES}")
    if any(later < earlier for earlier, later in itertools.pairwise(times)):
        raise InvalidParameterException(
            "Log events in a single PutLogEvents request must be in chronological order."
        )
    if times[-1] - times[0] > _DAY_MS:
        raise InvalidParameterException(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        )
    too_old = sum(at_ms < now_ms - _TOO_OLD_MS for at_ms in times)
    expired = sum(at_ms < now_ms - retention_days * _DAY_MS for at_ms in times) if retention_days else 0
    too_new = sum(at_ms > now_ms + _TOO_NEW_MS for at_ms in times)
    rejected = {}
    if too_old:
        rejected["tooOldLogEventEndIndex"] = too_old
    if expired:
        rejected["expiredLogEventEndIndex"] = expired
    if too_new:
        rejected["tooNewLogEventStartIndex"] = len(times) - too_new
    # In order of time the rejected ones are the head and the tail.
    taken = events[max(too_old, expired) : len(times) - too_new]
    return [(int(event["timestamp"]), event["message"]) for event in taken], rejected
