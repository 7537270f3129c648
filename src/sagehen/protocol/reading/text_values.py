"""Scalars from text: headers, paths, query strings, forms and XML all write them alike."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from sagehen.protocol.models.description import Shape
from sagehen.protocol.timestamps import read_timestamp

TextReader = Callable[[str], Any]


def text_reader(shape: Shape) -> TextReader:
    """Return what reads a scalar shape from text; it raises ValueError for what it cannot read."""
    return _READERS.get(shape.type, str)


def _boolean(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in ("true", "1"):
        return True
    if lowered in ("false", "0"):
        return False
    raise ValueError(text)


def _integer(text: str) -> int:
    # int() takes underscores and digits of any script, and time quadratic in the length.
    if len(text) > 20 or "_" in text or not text.isascii():
        raise ValueError(text)
    return int(text)


def _blob(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error


_READERS: dict[str, TextReader] = {
    "boolean": _boolean,
    "integer": _integer,
    "long": _integer,
    "float": float,
    "double": float,
    "timestamp": read_timestamp,
    "blob": _blob,
}
