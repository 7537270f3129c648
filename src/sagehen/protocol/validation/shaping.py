"""Requests shaped by a model: members whatever their case, scalars whatever their notation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sagehen.domain.ports.calls.shapes import NoSuchMember
from sagehen.protocol.models.catalog import Catalog
from sagehen.protocol.models.description import Shape

_TRUTH = {"true": True, "false": False}


class ModelShapes:
    """Implements the port `Shapes`.

    Args:
        catalog: Has the services that are asked about.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def shaped(
        self, service: str, operation: str, values: Mapping[str, Any], *, beside: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        """See `Shapes.shaped`."""
        shape = self._catalog.service(service).operation(operation).input
        wanted = {name: value for name, value in values.items() if name not in beside}
        if shape is None:
            return {}
        found: dict[str, Any] = _shaped(shape, wanted, "")
        return found

    def members(self, service: str, operation: str) -> frozenset[str]:
        """See `Shapes.members`."""
        shape = self._catalog.service(service).operation(operation).input
        return frozenset(name.lower() for name in shape.members) if shape else frozenset()


def _shaped(shape: Shape, value: Any, path: str) -> Any:
    if shape.type == "structure" and isinstance(value, Mapping):
        return _structure(shape, value, path)
    if shape.type == "map" and isinstance(value, Mapping):
        return {_text(key): _shaped(shape.value, one, f"{path}.{key}") for key, one in value.items()}
    if shape.type == "list":
        every = value if isinstance(value, list) else [value]
        return [_shaped(shape.member, one, f"{path}[{number}]") for number, one in enumerate(every)]
    if shape.type in ("structure", "map") or (isinstance(value, Mapping | list) and shape.type != "string"):
        raise NoSuchMember(f"{path or 'the value'} is not of type {shape.type}")
    try:
        return _SCALARS[shape.type](value)
    except (KeyError, ValueError, TypeError):
        raise NoSuchMember(f"{path}: {value!r} is not of type {shape.type}") from None


def _structure(shape: Shape, value: Mapping[str, Any], path: str) -> dict[str, Any]:
    by_lower = {name.lower(): name for name in shape.members}
    found = {}
    for name, one in value.items():
        member = name if name in shape.members else by_lower.get(name.lower())
        if member is None:
            raise NoSuchMember(f"{path}.{name}".lstrip("."))
        found[member] = _shaped(shape.members[member], one, f"{path}.{name}".lstrip("."))
    return found


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value  # as it is: the platform's own keys of tags are of a kind of their own
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, Mapping | list) else str(value)


def _bool(value: Any) -> bool:
    return value if isinstance(value, bool) else _TRUTH[str(value).lower()]


def _whole(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError
    return int(value)


def _blob(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


_SCALARS: Mapping[str, Callable[[Any], Any]] = {
    "string": _text, "boolean": _bool, "integer": _whole, "long": _whole, "float": float, "double": float,
    "blob": _blob, "timestamp": lambda value: datetime.fromisoformat(str(value).replace("Z", "+00:00")),
    "character": str, "bigdecimal": float,
}  # fmt: skip
