"""The access log of a stage: one line per request in the owner's own format."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from sagehen.domain.arn import Arn
from sagehen.domain.ports.observing.log_sink import LogSink
from sagehen.domain.scope import Scope
from sagehen.services.apigateway.snapshot.stages import AccessLog

_NAME = r"context((?:\.\w[\w-]*)+)"
_HOLE = re.compile(rf"\$(?:\{{{_NAME}\}}|{_NAME})")
# As long as one event of CloudWatch Logs may be; a format may name what a client sent any number of times.
_MAX_LINE = 256 * 1024
Part = str | tuple[str, ...]


@lru_cache(maxsize=256)
def _parts(text: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    position = 0
    for hole in _HOLE.finditer(text):
        parts += (text[position : hole.start()], tuple((hole.group(1) or hole.group(2))[1:].split(".")))
        position = hole.end()
    return (*parts, text[position:])


def line_of(text: str, context: dict[str, Any]) -> str:
    """Return a line: `$context.x` replaced, `-` for what is not there. No line breaks of a client's.

    It ends at `_MAX_LINE` characters.
    """
    pieces: list[str] = []
    room = _MAX_LINE
    for part in _parts(text):
        room -= len(pieces[-1]) if pieces else 0
        if room < 0:
            break
        if isinstance(part, str):
            pieces.append(part)
            continue
        value: Any = context
        for name in part:
            value = value.get(name) if isinstance(value, dict) else None
        # Documented: Set up CloudWatch logging: a variable without a value is a dash.
        pieces.append("-" if value is None or isinstance(value, dict) else _text(value))
    return "".join(pieces)[:_MAX_LINE]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace("\r", "\\r").replace("\n", "\\n")


def write(sink: LogSink, log: AccessLog, stream: str, at_ms: int, context: dict[str, Any]) -> None:
    """Send one line to the configured log group; destinations of other kinds get none."""
    place = _group(log.destination_arn)
    if place is not None:
        sink.write(*place, stream, [(at_ms, line_of(log.format, context))])


@lru_cache(maxsize=256)
def _group(arn_text: str) -> tuple[Scope, str] | None:
    try:
        arn = Arn.parse(arn_text)
    except ValueError:
        return None
    kind, _, rest = arn.resource.partition(":")
    if arn.service != "logs" or kind != "log-group":
        return None
    return Scope(arn.account_id, arn.region), rest.removesuffix(":*")
