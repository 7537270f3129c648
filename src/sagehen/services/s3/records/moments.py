"""Moments as rows keep them: milliseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def milliseconds(moment: datetime) -> int:
    """Return a moment as rows keep it; what is finer is cut off."""
    return int(moment.timestamp() * 1000)


def moment(ms: int) -> datetime:
    """Return the moment of a row."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def shown_moment(ms: int) -> datetime:
    """Return the second of a moment: S3 shows no finer LastModified."""
    return datetime.fromtimestamp(ms // 1000, UTC)
