"""Writers: Python values to a JSON or CBOR tree, one closure per shape."""

from __future__ import annotations

import base64
import functools
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sagehen.protocol.models.description import ServiceDescription, Shape
from sagehen.protocol.timestamps import epoch_seconds, iso8601, rfc822

Writer = Callable[[Any], Any]


class JsonWriters:
    """Compiles writers for one service and keeps them; the mirror image of JsonReaders."""

    def __init__(self) -> None:
        self._writers: dict[Shape, Writer] = {}

    def writer(self, shape: Shape) -> Writer:
        """Return the writer of a shape, compiled once; a None is left out, as is what the model has not."""
        found = self._writers.get(shape)
        if found is None:
            make: Callable[[Shape], Writer] = getattr(self, f"_make_{shape.type}", self._make_plain)
            found = make(shape)
            self._writers[shape] = found
        return found

    def wire_name(self, name: str, shape: Shape) -> str:
        """Return the key of a member: its `locationName`, which JSON services rarely have."""
        return shape.wire_name or name

    def _make_structure(self, shape: Shape) -> Writer:
        if shape.traits.get("document"):
            return lambda value: value
        fields: dict[str, tuple[str, Writer]] = {}

        def write(value: Mapping[str, Any]) -> dict[str, Any]:
            # Keys that the model does not have are records' own: a summary may be made of a record.
            result = {}
            for key, item in value.items():
                if item is not None and (field := fields.get(key)) is not None:
                    result[field[0]] = field[1](item)
            return result

        self._writers[shape] = write
        for name, member in shape.members.items():
            if member.location is None:
                fields[name] = (self.wire_name(name, member), self.writer(member))
        return write

    def _make_list(self, shape: Shape) -> Writer:
        item_writer = self.writer(shape.member)
        return lambda value: [item_writer(item) for item in value if item is not None]

    def _make_map(self, shape: Shape) -> Writer:
        value_writer = self.writer(shape.value)
        # A key without a value is said to be there: API Gateway's empty mapping templates (recorded).
        return lambda value: {
            str(key): None if item is None else value_writer(item) for key, item in value.items()
        }

    def _make_plain(self, shape: Shape) -> Writer:
        return lambda value: value

    def _make_float(self, shape: Shape) -> Writer:
        def write(value: float) -> float | str:
            if math.isfinite(value):
                return float(value)
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"

        return write

    _make_double = _make_float

    def _make_timestamp(self, shape: Shape) -> Writer:
        form = shape.traits.get("timestampFormat", "unixTimestamp").lower()
        write = {"iso8601": iso8601, "rfc822": rfc822}.get(form, epoch_seconds)
        return lambda value: write(value) if isinstance(value, datetime) else value

    def _make_blob(self, shape: Shape) -> Writer:
        return lambda value: base64.b64encode(value).decode()


class CborWriters(JsonWriters):
    """The writers of JSON, but for what CBOR can say by itself; names are the members' own."""

    def wire_name(self, name: str, shape: Shape) -> str:
        """Return the member's own name: rpc-v2-cbor knows no other."""
        return name

    def _make_float(self, shape: Shape) -> Writer:
        return float

    _make_double = _make_float

    def _make_timestamp(self, shape: Shape) -> Writer:
        return lambda value: value  # the encoder writes tag 1

    def _make_blob(self, shape: Shape) -> Writer:
        return bytes


@functools.cache
def json_writers(service: ServiceDescription) -> JsonWriters:
    """Return the writers of a service, the same for all its operations."""
    return JsonWriters()


@functools.cache
def cbor_writers(service: ServiceDescription) -> CborWriters:
    """Return the writers of a service, the same for all its operations."""
    return CborWriters()
