"""What decisions about jobs of every kind answer with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Step(Enum):
    """How far one of a job's three works is."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Prepare:
    """Bring in everything that the containers need."""


@dataclass(frozen=True, slots=True)
class Launch:
    """Start one container per instance, all together."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before something happens, or before `until`."""

    until: datetime | None = None
