"""A query as it is asked for, and what has become of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sagehen.domain.scope import Scope


class Status(StrEnum):
    """Documented: API_GetQueryResults, status."""

    SCHEDULED = "Scheduled"
    RUNNING = "Running"
    COMPLETE = "Complete"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    TIMEOUT = "Timeout"


UNDONE = (Status.SCHEDULED, Status.RUNNING)


@dataclass(frozen=True, slots=True)
class Query:
    """What StartQuery was asked.

    Args:
        groups: Names.
        start_ms, end_ms: The range, both ends inclusive.
        limit: Rows, where the text does not say.
        asked_by: The ARN of who asks.
    """

    id: str
    scope: Scope
    groups: Sequence[str]
    text: str
    start_ms: int
    end_ms: int
    limit: int
    created_ms: int
    asked_by: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """What was looked at."""

    matched: int = 0
    scanned: int = 0
    scanned_bytes: int = 0
    groups: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far a query is."""

    status: Status
    statistics: Statistics = field(default_factory=Statistics)
    duration_ms: int = 0
