"""Members and enums of a value that is not a request yet: what of it no request could have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagehen.api.bounded.budget import spend
from sagehen.protocol.models.catalog import Catalog
from sagehen.protocol.models.description import Shape


class RequestModels:
    """Implements the port `RequestModels`.

    Args:
        catalog: Has the services that are asked about.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def fault(
        self, service: str, operation: str, value: Any, is_free: Callable[[Any], bool]
    ) -> tuple[str, ...] | None:
        """See `RequestModels.fault`."""
        shape = self._catalog.service(service).operation(operation).input
        return None if shape is None else _fault(shape, "", value, is_free)


def _fault(shape: Shape, name: str, value: Any, is_free: Callable[[Any], bool]) -> tuple[str, ...] | None:
    spend()
    if value is None or is_free(value):
        return None
    inner: list[tuple[Shape, str, Any]] = []
    if shape.type == "structure" and isinstance(value, dict):
        for member, one in value.items():
            if member not in shape.members:
                return (member,)
            inner.append((shape.members[member], member, one))
    elif shape.type == "map" and isinstance(value, dict):
        inner = [(shape.value, name, one) for one in value.values()]
    elif shape.type == "list" and isinstance(value, list):
        inner = [(shape.member, name, one) for one in value]
    elif shape.type == "string" and isinstance(value, str):
        values = shape.traits.get("enum")
        return (shape.name, value, *values) if values and value not in values else None
    return next((fault for one in inner if (fault := _fault(*one, is_free))), None)
