"""What only the platform itself knows of what it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LoggedError:
    """A line of the platform's log. `at` is the machine's time, UTC."""

    at: datetime
    level: str
    logger: str
    message: str


@dataclass(frozen=True, slots=True)
class Doing:
    """What only the platform itself knows.

    Args:
        version: Sagehen's.
        began: When it started, by the machine's clock.
        time_scale: Seconds of its clock in one of the machine's.
        sandboxes: How code is kept apart, in a sentence.
        connections: How many are open, and how many may be.
        errors: Of the last hour, the latest first.
    """

    version: str
    began: datetime
    time_scale: float
    sandboxes: str
    connections: tuple[int, int]
    errors: Sequence[LoggedError]
