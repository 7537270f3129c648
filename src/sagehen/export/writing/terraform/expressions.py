"""Expressions: values as HCL writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sagehen.export.graph.names import snake
from sagehen.export.graph.values import Package, Place, PolicyDocument, Ref, Setting, Text

_PLACES = {
    Place.REGION: "data.aws_region.current.name",
    Place.ACCOUNT: "data.aws_caller_identity.current.account_id",
}


def expression(value: Any, spoken: Callable[[Ref], str], depth: int = 0) -> str:
    """Return a value as an expression.

    Args:
        spoken: What refers to an attribute of another resource.
        depth: How far its lines are indented.
    """
    if isinstance(value, PolicyDocument):
        return f"jsonencode({expression({**value}, spoken, depth)})"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Text):
        inner = "".join(
            escaped(part) if isinstance(part, str) else f"${{{expression(part, spoken)}}}"
            for part in value.parts
        )
        return f'"{inner}"'
    if isinstance(value, Setting):
        return f"var.{snake(value.name)}"
    if isinstance(value, Place):
        return _PLACES[value]
    if isinstance(value, Ref):
        return spoken(value)
    if isinstance(value, Package):
        return f'"${{path.module}}/{escaped(value.file)}"'
    return _collection(value, spoken, depth)


def _collection(value: Any, spoken: Callable[[Ref], str], depth: int) -> str:
    inner = "  " * (depth + 1)
    if isinstance(value, Mapping):
        if not value:
            return "{}"
        items = [
            f"{inner}{_key(name, spoken)} = {expression(one, spoken, depth + 1)}\n"
            for name, one in value.items()
        ]
        return "{\n" + "".join(items) + "  " * depth + "}"
    assert isinstance(value, list), f"{type(value).__name__} is no value"
    every = [expression(one, spoken, depth + 1) for one in value]
    short = f"[{', '.join(every)}]"
    if len(short) <= 90 and "\n" not in short:
        return short
    return "[\n" + "".join(f"{inner}{one},\n" for one in every) + "  " * depth + "]"


def _key(name: Any, spoken: Callable[[Ref], str]) -> str:
    return quoted(name) if isinstance(name, str) else f"({expression(name, spoken)})"


def quoted(text: str) -> str:
    """Return a text in quotes: nothing in it is a template's."""
    return f'"{escaped(text)}"'


def escaped(text: str) -> str:
    """Return what stands between quotes (documented: Strings and Templates)."""
    told = "".join(
        {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
        or (char if char.isprintable() else _code(char))
        for char in text
    )
    return told.replace("${", "$${").replace("%{", "%%{")


def _code(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
