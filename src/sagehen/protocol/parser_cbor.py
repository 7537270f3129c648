"""Smithy's rpc-v2-cbor: one CBOR map in the body."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import cbor2

from sagehen.protocol.errors import SerializationException
from sagehen.protocol.http import HttpRequest
from sagehen.protocol.model import Operation, ServiceDescription, Shape
from sagehen.protocol.readers_json import JsonReaders, Reader
from sagehen.protocol.timestamps import read_timestamp


def cbor_parser(
    operation: Operation, protocol: str
) -> Callable[[HttpRequest, Mapping[str, str]], dict[str, Any]]:
    assert operation.input is not None
    read = _cbor_readers(operation.service).reader(operation.input)

    def parse(request: HttpRequest, path_parameters: Mapping[str, str]) -> dict[str, Any]:
        assert isinstance(request.body, bytes)
        result: dict[str, Any] = read(_load(request.body)) if request.body else {}
        return result

    return parse


class _CborReaders(JsonReaders):
    """The readers of JSON, but for what CBOR can say by itself."""

    def _make_blob(self, shape: Shape) -> Reader:
        def read(value: Any) -> bytes:
            if type(value) is not bytes:
                raise SerializationException("Expected a byte string")
            return value

        return read

    def _make_timestamp(self, shape: Shape) -> Reader:
        def read(value: Any) -> datetime:
            if isinstance(value, datetime):
                return value.astimezone(UTC)
            if type(value) is int or type(value) is float:
                try:
                    return read_timestamp(value)
                except ValueError:
                    pass
            raise SerializationException("Unable to parse date")

        return read


@functools.cache
def _cbor_readers(service: ServiceDescription) -> _CborReaders:
    return _CborReaders()


def _load(body: bytes) -> Any:
    # Untrusted: cbor2 raises its own errors, but also what datetime, Decimal and re raise.
    try:
        return cbor2.CBORDecoder(io.BytesIO(body)).decode()
    except Exception:
        raise SerializationException("Could not parse request body as CBOR") from None
