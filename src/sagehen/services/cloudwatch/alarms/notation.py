"""Times and JSON as CloudWatch's alarms write them. Pure."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any


def milliseconds(moment: datetime) -> int:
    """Return a moment in ms since the epoch, to the nearest."""
    return round(moment.timestamp() * 1000)


def moment_of(at_ms: int) -> datetime:
    """Return the moment, in UTC, of a time in ms since the epoch."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def stamp(at_ms: int) -> str:
    """Return a time as alarms' JSON has it: `2026-11-22T17:00:00.000+0000`.

    Documented: CloudWatch User Guide, "Lambda function actions" (the sample event).
    """
    return f"{moment_of(at_ms):%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}+0000"


def compact(value: Any) -> str:
    """Write JSON as AWS does: no spaces, no escapes beyond the needed."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
