"""What a plan answers when there is nothing to do now; all else is followed by another look."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before something changes, or before `until` (monotonic)."""

    until: float | None = None


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do before somebody asks for something."""
