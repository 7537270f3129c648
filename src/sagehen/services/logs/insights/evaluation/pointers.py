"""`@ptr`: where an event lies, as an opaque text. GetLogRecord finds it by that."""

from __future__ import annotations

import base64
import binascii
import struct

from sagehen.services.logs.insights.evaluation.row import Row

_FORM = struct.Struct(">Bqqq")
_VERSION = 1


def pointer(row: Row) -> str | None:
    """Return an event's; None for a group of events."""
    if row.source is None:
        return None
    packed = _FORM.pack(_VERSION, row.source.stream_id, row.at_ms, row.sequence)
    return base64.b64encode(packed).decode()


def pointed(text: str) -> tuple[int, int, int] | None:
    """Return (stream id, time in ms, sequence) of a pointer; None where it is none of ours."""
    try:
        version, *place = _FORM.unpack(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error, struct.error):
        return None
    return (place[0], place[1], place[2]) if version == _VERSION else None
