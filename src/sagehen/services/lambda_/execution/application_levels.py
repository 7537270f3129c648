"""ApplicationLogLevel: which of a function's own lines are kept. Pure.

A line that is a JSON object tells its level; one without a level that is known, or without a time that
RFC 3339 allows, has INFO. What goes through the logging of a managed runtime was left out by the runtime
already.

Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
"""

from __future__ import annotations

import json
from datetime import datetime

_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
# Python's logging spells two of them in its own way.
_OTHER_NAMES = {"WARNING": "WARN", "CRITICAL": "FATAL"}
# From memory: what managed runtimes call it. Documented is that several names do.
_TIMES = ("timestamp", "time", "@timestamp")
# Of a longer line nobody looks for the level: what a function prints may not keep the platform busy.
_MOST_CHARACTERS = 65_536


def is_kept(line: str, level: str) -> bool:
    """Tell whether a line is to be kept by a function whose ApplicationLogLevel is `level`."""
    return _LEVELS.index(level_of(line)) >= _LEVELS.index(level)


def level_of(line: str) -> str:
    """Return the level of a printed line."""
    if not line.startswith("{") or '"level"' not in line or len(line) > _MOST_CHARACTERS:
        return "INFO"
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return "INFO"
    level = document.get("level")
    if not isinstance(level, str) or not any(_is_time(document.get(name)) for name in _TIMES):
        return "INFO"
    level = _OTHER_NAMES.get(level.upper(), level.upper())
    return level if level in _LEVELS else "INFO"


def _is_time(value: object) -> bool:
    if not isinstance(value, str) or len(value) > 64:
        return False
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
