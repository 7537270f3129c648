"""Readers: a decoded JSON tree to Python values, one closure per shape."""

from __future__ import annotations

import base64
import binascii
import functools
import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson

from sagehen.api.bounded.json_text import check_width
from sagehen.protocol.errors import SerializationException
from sagehen.protocol.models.description import ServiceDescription, Shape
from sagehen.protocol.timestamps import read_timestamp

Reader = Callable[[Any], Any]

# Smithy: what JSON has no number for is written as text.
_FLOATS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_INTEGER_BITS = {"byte": 7, "short": 15, "integer": 31, "long": 63}
# AWS's services are Java's, and say so when a value does not fit (seen in public reports).
_JAVA_NAMES = {"integer": "an Integer", "long": "a Long", "float": "a Float", "double": "a Double"}


class JsonReaders:
    """Compiles readers for one service and keeps them.

    A structure's reader is stored before its members' readers are made, so that recursive shapes end.
    """

    def __init__(self) -> None:
        self._readers: dict[Shape, Reader] = {}

    def reader(self, shape: Shape) -> Reader:
        """Return the reader of a shape, compiled once; it raises SerializationException."""
        found = self._readers.get(shape)
        if found is None:
            make: Callable[[Shape], Reader] = getattr(self, f"_make_{shape.type}", self._make_string)
            found = make(shape)
            self._readers[shape] = found
        return found

    def wire_name(self, name: str, shape: Shape) -> str:
        """Return the key of a member: its `locationName`, which JSON services rarely have."""
        return shape.wire_name or name

    def _make_structure(self, shape: Shape) -> Reader:
        if shape.traits.get("document"):
            return lambda value: value
        fields: dict[str, tuple[str, Reader]] = {}

        def read(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                raise SerializationException(_unexpected(value))
            result = {}
            for key, item in value.items():
                if item is not None and (field := fields.get(key)) is not None:
                    result[field[0]] = field[1](item)
            return result

        self._readers[shape] = read
        for name, member in shape.members.items():
            if member.location is None:
                fields[self.wire_name(name, member)] = (name, self.reader(member))
        return read

    def _make_list(self, shape: Shape) -> Reader:
        item_reader = self.reader(shape.member)

        def read(value: Any) -> list[Any]:
            if type(value) is not list:
                raise SerializationException(_unexpected(value))
            # Nulls stay, for validation to refuse them by their index.
            return [None if item is None else item_reader(item) for item in value]

        return read

    def _make_map(self, shape: Shape) -> Reader:
        value_reader = self.reader(shape.value)

        def read(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                raise SerializationException(_unexpected(value))
            return {key: None if item is None else value_reader(item) for key, item in value.items()}

        return read

    def _make_string(self, shape: Shape) -> Reader:
        def read(value: Any) -> str:
            if type(value) is not str:
                raise SerializationException(_cannot_convert(value, "a String"))
            return value

        return read

    def _make_boolean(self, shape: Shape) -> Reader:
        def read(value: Any) -> bool:
            if type(value) is not bool:
                raise SerializationException(_cannot_convert(value, "a Boolean"))
            return value

        return read

    def _make_integer(self, shape: Shape) -> Reader:
        limit = 1 << _INTEGER_BITS[shape.type]
        java_name = _JAVA_NAMES[shape.type]

        def read(value: Any) -> int:
            # 2.0 is an integer to AWS, and to JavaScript there is no other kind.
            number = int(value) if type(value) is float and value.is_integer() else value
            if type(number) is not int or not -limit <= number < limit:
                raise SerializationException(_cannot_convert(value, java_name))
            return number

        return read

    _make_long = _make_integer

    def _make_float(self, shape: Shape) -> Reader:
        java_name = _JAVA_NAMES[shape.type]

        def read(value: Any) -> float:
            if type(value) is float or type(value) is int:
                return float(value)
            if type(value) is str and value in _FLOATS:
                return _FLOATS[value]
            raise SerializationException(_cannot_convert(value, java_name))

        return read

    _make_double = _make_float

    def _make_timestamp(self, shape: Shape) -> Reader:
        def read(value: Any) -> datetime:
            if type(value) not in (int, float, str):
                raise SerializationException(_unexpected(value))
            try:
                return read_timestamp(value)
            except ValueError:
                raise SerializationException("Unable to parse date") from None

        return read

    def _make_blob(self, shape: Shape) -> Reader:
        def read(value: Any) -> bytes:
            if type(value) is not str:
                raise SerializationException(_cannot_convert(value, "a Blob"))
            try:
                return base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError):
                raise SerializationException("Unable to decode base64 blob") from None

        return read


@functools.cache
def json_readers(service: ServiceDescription) -> JsonReaders:
    """Return the readers of a service, the same for all its operations."""
    return JsonReaders()


def load_json(body: bytes) -> Any:
    """Decode a body.

    Raises:
        SerializationException: Not JSON, not UTF-8, or nested or wide beyond reason.
    """
    try:
        check_width(body)
        return orjson.loads(body)
    except ValueError:
        raise SerializationException("Could not parse request body into json") from None


def _cannot_convert(value: Any, java_name: str) -> str:
    if isinstance(value, list | dict):
        return _unexpected(value)
    token = {bool: str(value).upper() + "_VALUE", str: "STRING_VALUE", int: "NUMBER_VALUE"}
    return f"{token.get(type(value), 'DECIMAL_VALUE')} can not be converted to {java_name}"


def _unexpected(value: Any) -> str:
    if isinstance(value, list):
        return "Start of list found where not expected"
    if isinstance(value, dict):
        return "Start of structure or map found where not expected"
    return "Unexpected token in JSON input"
