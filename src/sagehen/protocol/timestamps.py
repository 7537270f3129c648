"""The three ways AWS writes a moment: ISO 8601, RFC 822 dates, epoch seconds.

Source: https://smithy.io/2.0/spec/protocol-traits.html#timestampformat-trait
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime


def read_timestamp(value: str | int | float) -> datetime:
    """Read any of the formats; all services accept all of them in requests.

    Raises:
        ValueError: Not a timestamp.
    """
    if isinstance(value, str):
        text = value.strip()
        try:
            return _aware(datetime.fromisoformat(text))
        except ValueError:
            pass
        try:
            value = float(text)
        except ValueError:
            try:
                return _aware(parsedate_to_datetime(text))
            except (TypeError, IndexError):  # what email.utils makes of odd input
                raise ValueError("not a timestamp") from None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError):
        raise ValueError("timestamp out of range") from None


def iso8601(moment: datetime) -> str:
    """`2026-01-01T00:00:00Z`, with milliseconds where there are any."""
    moment = moment.astimezone(UTC)
    text = f"{moment:%Y-%m-%dT%H:%M:%S}"
    milliseconds = moment.microsecond // 1000
    return f"{text}.{milliseconds:03d}Z" if milliseconds else f"{text}Z"


def rfc822(moment: datetime) -> str:
    """`Thu, 01 Jan 2026 00:00:00 GMT`: the format has no fractions."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)


def epoch_seconds(moment: datetime) -> int | float:
    """Seconds with milliseconds, as AWS's JSON services send them."""
    milliseconds = round(moment.timestamp() * 1000)
    return milliseconds // 1000 if milliseconds % 1000 == 0 else milliseconds / 1000


def write_timestamp(moment: datetime, form: str) -> str:
    """Write a timestamp as the model's `timestampFormat` says."""
    if form == "iso8601_ms":
        moment = moment.astimezone(UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
    if form.lower() == "rfc822":
        return rfc822(moment)
    if form.lower() == "unixtimestamp":
        return str(epoch_seconds(moment))
    return iso8601(moment)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
