"""One way of drawing for every shape: values that the model can hold and the wire can carry."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sagehen.protocol.models.description import Shape

# Beyond this many scalars an example only fills in what is required.
_SCALARS = 150
_DEPTH = 6
_FEW = 3  # sparse ones and a full one
_HEADER = string.ascii_letters + string.digits + "-_.:/+=~ "
_LIST_HEADER = string.ascii_letters + string.digits
_TEXT = string.ascii_letters + string.digits + " -_./:+=&<>\"'%{}[]#?,;\n\t" + "éß→字😀"


def for_a_few(shape: Shape | None, check: Callable[[dict[str, Any]], None]) -> None:
    """Run a check on a few structures, the same ones each time.

    With seeds of its own: for three examples that are never shrunk, hypothesis's engine takes four times
    as long as what is checked, and there are some 4,500 operations and errors.
    """
    for seed in range(_FEW):
        check(_Values(random.Random(seed)).structure(shape, 0) if shape else {})


class _Values:
    def __init__(self, source: random.Random) -> None:
        self.source = source
        self.fullness = source.choice((0.3, 1.0))
        self.scalars = 0

    def structure(self, shape: Shape, depth: int) -> dict[str, Any]:
        names = list(shape.members)
        if shape.traits.get("union"):
            names = [self.source.choice(names)] if depth < _DEPTH else names[:1]
        chosen = {}
        for name in names:
            member = shape.members[name]
            if member.is_event_stream:
                continue
            wanted = name in shape.required or shape.traits.get("union") or name == shape.payload
            wanted = wanted or member.location == "statusCode"  # every answer has one
            room = depth < _DEPTH and self.scalars < _SCALARS
            if wanted or (room and self.source.random() < self.fullness):
                chosen[name] = self.value(member, depth + 1)
        return chosen

    def value(self, shape: Shape, depth: int) -> Any:
        if shape.type == "structure":
            if shape.traits.get("document"):
                return {"any": [1, "thing"]}
            return self.structure(shape, depth)
        if shape.type == "list":
            return [self.value(shape.member, depth + 1) for _ in range(self.size(depth))]
        if shape.type == "map":
            where = shape.location
            keys = [self.key(shape.key, where) for _ in range(self.size(depth))]
            return {key: self.value_at(shape.value, where, depth) for key in keys}
        self.scalars += 1
        return getattr(self, shape.type, self.string)(shape)

    def size(self, depth: int) -> int:
        return self.source.randint(0, 2) if depth < _DEPTH else 0

    def key(self, shape: Shape, where: str | None) -> str:
        if where == "headers":  # names of headers are case-insensitive
            return self.text(string.ascii_lowercase)
        return str(self.value(shape, 0)) or "k"

    def value_at(self, shape: Shape, where: str | None, depth: int) -> Any:
        return self.text(_HEADER).strip() or "v" if where == "headers" else self.value(shape, depth + 1)

    def string(self, shape: Shape) -> str:
        if "enum" in shape.traits:
            return str(self.source.choice(shape.traits["enum"]))
        if shape.name == "Expires":  # free text to S3, but a date to botocore
            return "Thu, 01 Dec 1994 16:00:00 GMT"
        if shape.traits.get("hostLabel"):
            return self.text(string.ascii_lowercase)
        if shape.location == "header":
            return self.text(_HEADER).strip() or "v"
        if shape.location == "uri":
            return self.text(_TEXT) or "v"
        return self.text(_TEXT)

    def text(self, alphabet: str) -> str:
        return "".join(self.source.choices(alphabet, k=self.source.randint(1, 12)))

    def boolean(self, shape: Shape) -> bool:
        return self.source.random() < 0.5

    def integer(self, shape: Shape) -> int:
        if shape.location == "statusCode":
            return self.source.choice((200, 202))
        return self.source.choice((0, 1, -1, 2**31 - 1, -(2**31), self.source.randint(0, 10**6)))

    def long(self, shape: Shape) -> int:
        return self.source.choice((0, -1, 2**63 - 1, -(2**63), self.source.randint(0, 10**12)))

    def float(self, shape: Shape) -> float:
        return self.source.randint(-(10**4), 10**4) / 8  # exact in 32 bits too

    double = float

    def timestamp(self, shape: Shape) -> datetime:
        moment = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=self.source.randint(0, 10**9))
        # RFC 822 has no fractions, and botocore drops them from all headers.
        whole = shape.location == "header" or str(shape.traits.get("timestampFormat")).lower() == "rfc822"
        return moment if whole else moment.replace(microsecond=1000 * self.source.randint(0, 999))

    def blob(self, shape: Shape) -> bytes:
        return self.source.randbytes(self.source.randint(0, 20))


def pruned(value: Any) -> Any:
    """Drop empty lists, maps and structures: most wire formats cannot tell them from absent ones."""
    if isinstance(value, dict):
        kept = {key: pruned(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in ({}, [])}
    if isinstance(value, list):
        return [item for item in map(pruned, value) if item not in ({}, [])]
    return value
