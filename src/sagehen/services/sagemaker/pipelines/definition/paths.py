"""Paths: `A.B[0]['c'].D` into what Describe operations answer, and into property files. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sagehen.api.bounded.budget import spend

_PIECE = re.compile(r"""(?:^|\.)([^.\[\]'"]+)|\[([0-9]{1,6})\]|\['([^']*)'\]|\["([^"]*)"\]""")
_MOST_PIECES = 64
# In lists of SageMaker's that SDKs read by name, what an element's name is: outputs of a processing job by
# OutputName (documented: Pipelines, data dependency); the others are the SDK's PropertiesList, read likewise.
_NAMES = ("OutputName", "InputName", "MetricName", "ChannelName", "ParameterName", "Name")
Piece = str | int


class NoSuchPath(Exception):
    """There is nothing at a path."""


def pieces(path: str) -> tuple[Piece, ...]:
    """Take a path apart.

    Raises:
        ValueError: It is none.
    """
    found: list[Piece] = []
    at = 0
    for match in _PIECE.finditer(path):
        if match.start() != at or len(found) == _MOST_PIECES:
            raise ValueError(path)
        name, index, single, double = match.groups()
        found.append(int(index) if index is not None else name or single or double or "")
        at = match.end()
    if at != len(path) or not found:
        raise ValueError(path)
    return tuple(found)


def follow(value: Any, path: Sequence[Piece]) -> Any:
    """Return what lies at a path.

    Raises:
        NoSuchPath
    """
    for piece in path:
        value = _next(value, piece)
    if value is None:
        raise NoSuchPath
    return value


def _next(value: Any, piece: Piece) -> Any:
    if isinstance(value, dict) and str(piece) in value:
        return value[str(piece)]
    if isinstance(value, list):
        if isinstance(piece, int) and piece < len(value):
            return value[piece]
        for one in value:
            spend()
            if isinstance(one, dict) and any(one.get(name) == piece for name in _NAMES):
                return one
    raise NoSuchPath
