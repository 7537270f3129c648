"""Documents in JSON that users send inside of requests: policies, schemas, definitions, dashboards."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    import msgspec

# Deeper than any document that AWS's own limits let make sense, and shallow enough that a recursive walk
# of three frames per level stays far below the interpreter's 1,000.
MAX_DEPTH = 100


# Commas and opening brackets outside of strings. The parser holds the interpreter's lock: 32 MB of
# `[],` took 6 s. The largest request of AWS's, 1,000 metrics with 150 values and their counts, has 310,000.
MAX_SEPARATORS = 400_000
_SLICE = 1 << 16
# One without an end reaches to the end: tried from each quote, it would take the square of the time.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
# Only of texts this short, with so few quotes, are strings told from the rest: some 30 ms at the most. The
# largest request that is one string, a log event or a policy in JSON, has 1 MiB (documented: PutLogEvents).
_STRINGS_BYTES = 1 << 21
_STRINGS_QUOTES = 250_000
# A text of so many bytes is parsed in some milliseconds, whatever it holds.
_SMALL_BYTES = 1 << 16


class NotJson(ValueError):
    """A text is no JSON, or nested beyond `MAX_DEPTH`. The message says which."""


def read_json(text: str | bytes) -> Any:
    """Parse a document.

    Unlike the standard library's parser it knows no NaN, no half of a surrogate pair and no integers
    beyond 64 bits (they become floats): what it returns can be written again by every writer.

    Raises:
        NotJson: See there.
    """
    try:
        check_width(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
        document = orjson.loads(text)
    except ValueError as error:
        raise NotJson(str(error)) from None
    # As many opening brackets as levels at the most: nearly every text is judged by two counts.
    if isinstance(text, str):
        opened = text.count("[") + text.count("{")
    else:
        opened = text.count(b"[") + text.count(b"{")
    if opened > MAX_DEPTH:
        check_depth(document)
    return document


def require_json(text: bytes) -> None:
    """Check that a text is JSON without making anything of it: 6 MB of `[],` take 0.07 s, to parse them 3 s.

    Half a surrogate pair and a byte order mark, which other readers know, are taken in small texts alone.

    Raises:
        NotJson: It is none, or is nested deeper than the interpreter goes.
    """
    try:
        _syntax().decode(text)
        text.decode()
    except RecursionError as error:
        raise NotJson(str(error)) from None
    except ValueError as error:
        if len(text) > _SMALL_BYTES:
            raise NotJson(str(error)) from None
    else:
        return
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None


@cache
def _syntax() -> msgspec.json.Decoder[msgspec.Raw]:
    import msgspec  # 10 ms that a start can do without

    return msgspec.json.Decoder(msgspec.Raw)


def check_width(text: bytes) -> None:
    """Refuse a text that may hold more than `MAX_SEPARATORS` values, before any is made.

    Raises:
        NotJson: It may.
    """
    if len(text) <= MAX_SEPARATORS or _separators(text) <= MAX_SEPARATORS:
        return
    if len(text) > _STRINGS_BYTES or text.count(b'"') > _STRINGS_QUOTES:
        raise NotJson("it holds too many values")
    if _separators(_STRING.sub(b"", text)) > MAX_SEPARATORS:
        raise NotJson("it holds too many values")


def _separators(text: bytes) -> int:
    """Count commas and opening brackets, as far as one beyond the bound."""
    found = 0
    for start in range(0, len(text), _SLICE):
        piece = text[start : start + _SLICE]
        found += piece.count(b",") + piece.count(b"[") + piece.count(b"{")
        if found > MAX_SEPARATORS:
            break
    return found


def check_depth(document: Any, limit: int = MAX_DEPTH) -> None:
    """Refuse a tree of lists and dictionaries that is deeper than `limit`; itself without recursion.

    Raises:
        NotJson: It is.
    """
    level = [document]
    for _ in range(limit):
        level = [inner for node in level if isinstance(node, dict | list) for inner in _children(node)]
        if not level:
            return
    raise NotJson(f"nested deeper than {limit} levels")


def _children(node: dict[Any, Any] | list[Any]) -> list[Any]:
    inner = node.values() if isinstance(node, dict) else node
    return [child for child in inner if isinstance(child, dict | list)]
