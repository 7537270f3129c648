"""Inputs that nobody means well: drawn from the model, then bent."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.protocol.models.description import Operation, Shape
from tests.protocol.shapes import _Values

# What other requests of the run make: only behind a name that exists does a handler do its work.
KNOWN = (
    "stress-bucket",
    "stress",
    "/stress",
    "arn:aws:iam::123456789012:role/stress",
    "us-east-1",
    "$default",
)
CONTROL = "\x01\x00\x7f\x1b\r\n"
TEXTS = (
    "",
    " ",
    "*" * 40,
    "a" * 2000,
    "a" * 70_000,
    "\u202e\U0001f9a4é\ufffe",
    f"a{CONTROL}b",
    "../../etc/passwd",
    "%00%01%zz",
    "[" * 5000,
    '{"a":' * 1000,
    "(a|aa)+[bc]",
    "${aws:username}",
    "'; DROP TABLE x;--",
    "null",
    "-1",
    "9" * 400,
    "1e999",
    "arn:aws:::::::::",
    "https://[::1",
    "<a>&b;</a>",
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
)


class Hostile(_Values):
    """Draws a structure as the model has it, less what is required, and with texts of all kinds.

    Args:
        source: Of all chance.
        known: Values by lower-case member name that lead to what exists.
    """

    def __init__(self, source: random.Random, known: Mapping[str, Sequence[Any]]) -> None:
        super().__init__(source)
        self.malice = source.choice((0.0, 0.0, 0.02, 0.1, 0.4))
        self.fullness = source.choice((0.0, 0.1, 0.3, 1.0))
        self._known = known

    def structure(self, shape: Shape, depth: int) -> dict[str, Any]:
        chosen = super().structure(shape, depth)
        for name, value in chosen.items():
            fitting = self._known.get(name.lower(), ())
            if fitting and isinstance(value, str | int | bytes) and self.source.random() > self.malice:
                chosen[name] = self.source.choice(fitting)
            elif fitting and isinstance(value, list) and self.source.random() < 0.5:
                chosen[name] = list(fitting)
        return {name: value for name, value in chosen.items() if self.source.random() > self.malice / 2}

    def string(self, shape: Shape) -> str:
        if self.source.random() < self.malice:
            return self.source.choice(TEXTS)
        if "enum" not in shape.traits and self.source.random() < 0.7:
            return self.source.choice(KNOWN)
        return super().string(shape)

    def integer(self, shape: Shape) -> int:
        low, high = int(shape.traits.get("min", 0)), int(shape.traits.get("max", 100))
        return (
            self.source.randint(low, high) if self.source.random() > self.malice else super().integer(shape)
        )


def drawn(operation: Operation, source: random.Random, known: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Draw the input of an operation; deletions mostly miss, or little would be left to the others."""
    if operation.name.startswith(("Delete", "Remove", "Detach", "Abort")) and source.random() < 0.8:
        known = {}
    return Hostile(source, known).structure(operation.input, 0) if operation.input else {}


def bent(body: bytes, source: random.Random) -> bytes:
    """Return a body with one of its nodes replaced, or with bytes that are no document at all."""
    if source.random() < 0.1:
        return source.choice(
            (b"", b"\xff\xfe", b"[" * 50_000, b'{"a":' * 50_000, b"<a>" * 5000, body[: len(body) // 2])
        )
    try:
        document = json.loads(body)
    except ValueError:
        return _scrambled(body, source)
    for _ in range(source.randint(1, 3)):
        document = _replaced(document, source)
    return json.dumps(document).encode()


def _scrambled(body: bytes, source: random.Random) -> bytes:
    if not body or source.random() < 0.5:
        return body
    at = source.randrange(len(body))
    return (
        body[:at] + source.choice(TEXTS).encode("utf-8", "replace")[:200] + body[at + source.randint(0, 9) :]
    )


def _value(source: random.Random) -> Any:
    deep: Any = None
    if source.random() < 0.1:
        for _ in range(source.choice((30, 300, 900))):
            deep = [deep] if source.random() < 0.5 else {"a": deep}
        return deep
    return source.choice((None, True, 0, -1, 2**63, 1e300, [], {}, [None], {"a": None}, [{}], [[]], *TEXTS))


def _replaced(node: Any, source: random.Random) -> Any:
    """Return a tree with a node on a random way down replaced."""
    if not isinstance(node, dict | list) or not node or source.random() < 0.15:
        return _value(source)
    if isinstance(node, list):
        at = source.randrange(len(node))
        return [_replaced(item, source) if index == at else item for index, item in enumerate(node)]
    name = source.choice(list(node))
    return {key: _replaced(item, source) if key == name else item for key, item in node.items()}
