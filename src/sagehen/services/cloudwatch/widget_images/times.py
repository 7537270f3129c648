"""Times of widgets: absolute ones, and those relative to now as ISO 8601 durations (`-PT3H`)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from sagehen.services.cloudwatch.widget_images.checks import invalid

_DURATION = re.compile(
    r"(?P<sign>[-+]?)P(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,5})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?:(?P<hours>\d{1,7})H)?(?:(?P<minutes>\d{1,8})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.ASCII,
)
_ZONE = re.compile(r"([-+])(\d\d):?(\d\d)", re.ASCII)
# Longer than anything is kept (455 days).
_LONGEST = timedelta(days=3660)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(text: str, path: str, now: datetime) -> datetime:
    """Return the time that a text names.

    Raises:
        ValidationError: It names none, or one before 1970 or ten years ahead.
    """
    found = _DURATION.fullmatch(text)
    try:
        if found is not None:
            at = now + _length(found)
        else:
            at = datetime.fromisoformat(text)
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
            at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        invalid(path, "Should be a time such as 2018-04-25T12:00:00.000Z or -PT3H")
    if not _EPOCH <= at <= now + _LONGEST:
        invalid(path, "Should be a time between 1970 and ten years from now")
    return at


def _length(found: re.Match[str]) -> timedelta:
    parts = {name: int(digits) for name, digits in found.groupdict().items() if name != "sign" and digits}
    if not parts:
        raise ValueError
    # Months and years as the console's buttons mean them: 30 and 365 days (from memory).
    days = 365 * parts.pop("years", 0) + 30 * parts.pop("months", 0)
    length = timedelta(days=days) + timedelta(**parts)
    return -length if found["sign"] == "-" else length


def checked_range(start: datetime, end: datetime, path: str) -> None:
    """Refuse a range that is none.

    Raises:
        ValidationError.
    """
    if start >= end:
        invalid(path, "start should be before end")
    if end - start > _LONGEST:
        invalid(path, "The range is longer than ten years")


def offset_s(text: str, path: str) -> int:
    """Return the offset from UTC of a time zone, in seconds: `+0130`.

    Raises:
        ValidationError: It is written otherwise.
    """
    found = _ZONE.fullmatch(text)
    if found is None or int(found[2]) > 14 or int(found[3]) > 59:
        invalid(path, "Should be an offset from UTC such as +0130")
    seconds = 3600 * int(found[2]) + 60 * int(found[3])
    return -seconds if found[1] == "-" else seconds
