"""Pages of events: their tokens and their size.

A token says a direction and a place: `f/<ms>/<sequence>/s` reads on behind that event, `b/...`
back before it. It names a place, not an offset, so it stays good while events arrive.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sagehen.api.operation import Reply
from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.events.event import FOREVER_MS, PAGE_BYTES, Event, Position, event_bytes

# An event takes 3 us to write (measured).
_WRITTEN_ON_LOOP = 500
_TOKEN = re.compile(r"([fb])/(\d{1,19})/(-?\d{1,20})/s", re.ASCII)


def forward_token(position: Position) -> str:
    """Return the token that reads on behind a place."""
    return f"f/{position.at_ms}/{position.sequence}/s"


def backward_token(position: Position) -> str:
    """Return the token that reads back before a place."""
    return f"b/{position.at_ms}/{position.sequence}/s"


def get_position(token: str | None, from_head: bool, start_ms: int, end_ms: int) -> tuple[bool, Position]:
    """Return (forward?, where to go on).

    A range that begins later than the token's place begins there.

    Raises:
        InvalidParameterException: The token is not ours.
    """
    # Sequences are positive, so (start, -1) is before every event at `start`.
    start, end = Position(start_ms, -1), Position(min(end_ms, FOREVER_MS), -1)
    if not token:
        return (True, start) if from_head else (False, end)
    found = _TOKEN.fullmatch(token)
    if found is None or int(found[2]) > FOREVER_MS or abs(int(found[3])) >= 2**63:
        raise InvalidParameterException("The specified nextToken is invalid.")  # from memory
    position = Position(int(found[2]), int(found[3]))
    return (True, max(start, position)) if found[1] == "f" else (False, min(end, position))


class PageSize:
    """Counts the bytes of a page."""

    def __init__(self) -> None:
        self._bytes = 0

    def takes(self, event: Event) -> bool:
        """Count an event in and tell whether the page holds it; the first one always fits."""
        size = event_bytes(event.message)
        fits = self._bytes == 0 or self._bytes + size <= PAGE_BYTES
        self._bytes += size
        return fits


def paged(answer: Mapping[str, Any]) -> Reply:
    """Return a page as it is answered: one of many events is written beside the event loop."""
    return Reply(answer, is_large=len(answer["events"]) > _WRITTEN_ON_LOOP)


def outline(event: Event) -> dict[str, Any]:
    """Return an event as GetLogEvents and FilterLogEvents show it; the latter adds its stream and id."""
    return {
        "timestamp": event.position.at_ms,
        "message": event.message,
        "ingestionTime": event.ingested_ms,
    }
