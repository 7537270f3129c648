"""Probes: a request that works, with one more member of the model in it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from botocore.model import OperationModel, Shape

Path = tuple[str, ...]

# Tried in turn where a shape has a pattern.
_TEXTS = (
    "probe", "probe-1", "Probe1", "1", "10", "true", "a.b", "/probe/", "s3://probe/x", "https://probe/x",
    "arn:aws:iam::123456789012:role/probe", "arn:aws:lambda:us-east-1:123456789012:function:probe",
    "arn:aws:sns:us-east-1:123456789012:probe", "arn:aws:kms:us-east-1:123456789012:key/probe",
    "arn:aws:sagemaker:us-east-1:123456789012:endpoint/probe", "123456789012", "subnet-12345678",
    "sg-12345678", "$LATEST", "12345678-1234-1234-1234-123456789012", "AKIAIOSFODNN7EXAMPLE", "123456",
    "us-east-1", "/mnt/probe", "probe@example.com", "2026-11-28", "AAAA",
)  # fmt: skip
_DEEPEST = 3
# By lower-case name of a member: what leads to something that is there.
Known = Mapping[str, Sequence[Any]]


def probes(
    operation: OperationModel, base: dict[str, Any], known: Known
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield (path of a member, the base with that member), for every member that the base has not."""
    if operation.input_shape is not None:
        yield from _below(operation.input_shape, base, (), base, known, 0)


def _below(
    shape: Shape, held: Any, path: Path, base: dict[str, Any], known: Known, depth: int
) -> Iterator[tuple[Path, dict[str, Any]]]:
    if depth > _DEEPEST:
        return
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            inside = held.get(name) if isinstance(held, dict) else None
            if inside is None:
                inside = value_of(member, name, known)
                if inside is None:
                    continue
                yield (*path, name), placed(base, (*path, name), inside)
            outer = placed(base, (*path, name), inside)
            yield from _below(member, inside, (*path, name), outer, known, depth + 1)
    elif shape.type_name == "list":
        first = held[0] if isinstance(held, list) and held else None
        yield from _below(shape.member, first, (*path, "[]"), base, known, depth + 1)


def placed(base: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """Return a copy of the base with a value at a path; `[]` is the first item of a list."""
    changed = copy.deepcopy(base) if not _has_stream(base) else dict(base)
    node: Any = changed
    for step, following in pairwise(path):
        if step == "[]":
            node = node[0]
        else:
            node = node.setdefault(step, [] if following == "[]" else {})
    if path[-1] == "[]":
        node[:1] = [value]
    else:
        node[path[-1]] = value
    return changed


def _has_stream(base: dict[str, Any]) -> bool:
    return any(hasattr(value, "read") for value in base.values())


def value_of(shape: Shape, name: str, known: Known, depth: int = 0) -> Any:
    """Return a small valid value of a shape, or None where there is none without recursion."""
    if depth > 6:
        return None
    kind = shape.type_name
    for value in known.get(name.lower(), ()):
        if isinstance(value, _TYPES.get(kind, ())) and not isinstance(value, bool):
            return value
    if kind == "structure":
        # An empty structure would not be sent at all by the query protocol.
        chosen = shape.required_members or list(shape.members)[:1]
        filled = {member: value_of(shape.members[member], member, known, depth + 1) for member in chosen}
        return None if any(value is None for value in filled.values()) else filled
    if kind == "list":
        item = value_of(shape.member, name, known, depth + 1)
        least = max(1, int(shape.metadata.get("min", 1)))
        return None if item is None else [item] * least
    if kind == "map":
        key = value_of(shape.key, "", known, depth + 1)
        value = value_of(shape.value, "", known, depth + 1)
        return None if key is None or value is None else {key: value}
    if kind == "boolean":
        return True
    if kind in ("integer", "long", "float", "double"):
        return max(1, int(shape.metadata.get("min", 1)))
    if kind == "timestamp":
        return datetime.now(UTC) + timedelta(days=1)
    if kind == "blob":
        return b"probe"
    return _text(shape)


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "blob": (bytes,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "float": (int, float),
}


def _text(shape: Shape) -> str | None:
    if shape.enum:
        return str(shape.enum[0])
    least, most = int(shape.metadata.get("min", 0)), int(shape.metadata.get("max", 1 << 20))
    pattern = shape.metadata.get("pattern")
    for text in (*_TEXTS, "p" * max(least, 1), "1" * max(least, 1)):
        if not least <= len(text) <= most:
            continue
        try:
            if pattern is None or re.fullmatch(pattern, text):
                return text
        except re.error:
            return text
    return None
