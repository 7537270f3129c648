"""Smithy's rpc-v2-cbor: one CBOR map in the body.

Source: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import cbor2

from sagehen.api.bounded.budget import BudgetSpent, spend
from sagehen.protocol.errors import SerializationException
from sagehen.protocol.http import HttpRequest
from sagehen.protocol.models.description import Operation, ServiceDescription, Shape
from sagehen.protocol.reading.json_values import JsonReaders, Reader
from sagehen.protocol.timestamps import read_timestamp


def cbor_parser(
    operation: Operation, protocol: str
) -> Callable[[HttpRequest, Mapping[str, str]], dict[str, Any]]:
    """Return what reads a request of an operation that has input; an empty body is an empty map.

    Raises (when called):
        SerializationException: Not CBOR, not a map, or too wide; a member of another type.
    """
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


def _refuse_tag(decoder: Any, tag: Any = None) -> Any:
    raise ValueError("a tag that has no meaning here")


# Smithy's protocol knows one tag, for timestamps. The library knows patterns, fractions, addresses, MIME
# messages, numbers of any size: parsers that nobody asked for.
_TAGS = {
    tag: _refuse_tag
    for tag in (
        0,
        2,
        3,
        4,
        5,
        25,
        28,
        29,
        30,
        35,
        36,
        37,
        52,
        54,
        100,
        256,
        258,
        260,
        261,
        1004,
        43000,
        55799,
    )
}
# Deeper than any shape of a request.
_MAX_DEPTH = 100


# AWS's own limit on the one service that has it is 1 MB; in this protocol lists of a byte each cost most.
_MAX_BYTES = 2 << 20


class _Pieces(io.BytesIO):
    """A body that is read 4 kB at a time: between two, other threads get their turn, and a budget ends."""

    def read(self, size: int | None = -1, /) -> bytes:
        spend(_PIECE_STEPS)
        return super().read(size)


# A look at the clock for each piece: it may hold 4,096 values.
_PIECE_STEPS = 32


def _load(body: bytes) -> Any:
    if len(body) > _MAX_BYTES:
        raise SerializationException("The request is too large")
    # Untrusted: cbor2 raises its own errors, but also what datetime raises.
    try:
        return cbor2.CBORDecoder(
            _Pieces(body),
            max_depth=_MAX_DEPTH,
            # Keys of our choice have no hashes of the client's choice: 100,000 integers of one hash took
            # a minute, with the interpreter's lock held.
            strict_hashable_types=True,
            semantic_decoders=_TAGS,
            tag_hook=_refuse_tag,
        ).decode()
    except BudgetSpent:
        raise
    except Exception:
        raise SerializationException("Could not parse request body as CBOR") from None
