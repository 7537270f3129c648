"""Fields that are discovered in JSON events: `a.b.0.c`.

Documented: CloudWatch Logs User Guide, "Supported logs and discovered fields", Fields in JSON logs. AWS
discovers 200 fields of an event at the most, here it is all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.services.logs.insights.evaluation.values import Value

UNREAD = object()
_DECODER = json.JSONDecoder()
_MISSING = object()
# A path's steps; the names of members may hold dots, so that there are several ways to read one.
_MOST_STEPS = 30
# Ours. Each path repeats the names above it: 1,000 below a name of half a megabyte would be 500 MB.
_MOST_FLAT = 1000
_LONGEST_PATH = 1024


def document_of(message: str, *, embedded: bool) -> dict[str, Any] | None:
    """Return the object that an event is.

    Args:
        embedded: It may stand behind other text, and before more.
    """
    start = message.find("{")
    if start < 0 or (not embedded and message[:start].strip()):
        return None
    try:
        document = read_json(message[start:] if start else message)
    except NotJson:
        return _first_object(message, start) if embedded else None
    return document if isinstance(document, dict) else None


def _first_object(message: str, start: int) -> dict[str, Any] | None:
    try:
        end = _DECODER.raw_decode(message, start)[1]
        document = read_json(message[start:end])
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def discovered(document: dict[str, Any], name: str) -> Value:
    """Return the value at a path; None where there is none, or an object or a list."""
    steps = name.split(".")
    if len(steps) > _MOST_STEPS:
        return None
    found = _at(document, steps)
    return None if found is _MISSING or isinstance(found, dict | list) else found


def _at(node: Any, steps: list[str]) -> Any:
    """Members whose names hold dots are met too: each way is gone, the longest names first."""
    if not steps:
        return node
    if isinstance(node, dict):
        for count in range(len(steps), 0, -1):
            name = ".".join(steps[:count])
            if name in node:
                found = _at(node[name], steps[count:])
                if found is not _MISSING and found is not None:
                    return found
        return _MISSING
    if isinstance(node, list) and steps[0].isdigit() and len(steps[0]) < 9 and int(steps[0]) < len(node):
        return _at(node[int(steps[0])], steps[1:])
    return _MISSING


def flat(document: dict[str, Any]) -> Iterator[tuple[str, Value]]:
    """Yield the paths and values of an object, 1,000 at the most; names that begin with `@` get one more.

    What has a path of more than 1,024 characters is left out.
    """
    left = _MOST_FLAT
    stack: list[tuple[str, Any]] = [("", document)]
    while stack and left:
        path, node = stack.pop()
        if len(path) > _LONGEST_PATH:
            continue
        if isinstance(node, dict | list):
            inner = list(node.items() if isinstance(node, dict) else enumerate(node))[:_MOST_FLAT]
            stack += [(f"{path}.{name}" if path else str(name), child) for name, child in reversed(inner)]
        elif node is not None:
            left -= 1
            yield (f"@{path}" if path.startswith("@") else path), node
