"""Moments as documents have them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(told: datetime | str | None) -> datetime | None:
    """Return a moment that an operation answers, which some write as ISO 8601 themselves."""
    return datetime.fromisoformat(told) if isinstance(told, str) else told


def iso(moment: datetime) -> str:
    """Return a moment in UTC with milliseconds, as `Date.parse` reads it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
