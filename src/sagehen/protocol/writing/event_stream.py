"""application/vnd.amazon.eventstream: framed messages with checksums, for streamed results.

A frame is: total length, headers length, CRC32 of these 8 bytes, headers, payload, CRC32 of all
before it. Source: https://smithy.io/2.0/aws/amazon-eventstream.html
"""

from __future__ import annotations

import binascii
import struct
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson

from sagehen.api.errors import InternalFailure, ServiceError
from sagehen.api.streams import Streamed
from sagehen.protocol.http import HttpResponse
from sagehen.protocol.models.description import Shape
from sagehen.protocol.writing.json_values import json_writers
from sagehen.protocol.writing.xml_values import xml_writers

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_STRING = 7  # header value type


def encode_message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Frame one message."""
    encoded = b""
    for name, value in headers.items():
        raw = value.encode()
        encoded += struct.pack("!B", len(name)) + name.encode()
        encoded += struct.pack("!BH", _STRING, len(raw)) + raw
    prelude = struct.pack("!II", 16 + len(encoded) + len(payload), len(encoded))
    message = prelude + struct.pack("!I", binascii.crc32(prelude)) + encoded + payload
    return message + struct.pack("!I", binascii.crc32(message))


def encode_event(stream: Shape, protocol: str, event: Mapping[str, Any]) -> bytes:
    """Frame one event: a mapping of one member of the stream, such as `{"PayloadPart": {...}}`."""
    (name, value), *_ = event.items()
    shape = stream.members[name]
    headers = {":message-type": "event", ":event-type": name}
    payload = b""
    body: dict[str, Any] = {}
    for key, member in shape.members.items():
        item = value.get(key)
        if item is None:
            continue
        if member.traits.get("eventheader"):
            headers[key] = str(item)
        elif member.traits.get("eventpayload") and member.type in ("blob", "string"):
            headers[":content-type"] = "application/octet-stream" if member.type == "blob" else "text/plain"
            payload = item.encode() if isinstance(item, str) else bytes(item)
        elif member.traits.get("eventpayload"):
            headers[":content-type"], payload = _tree(member, protocol, item)
        else:
            body[key] = item
    if body:
        headers[":content-type"], payload = _tree(shape, protocol, body)
    return encode_message(headers, payload)


def encode_error(stream: Shape, error: ServiceError) -> bytes:
    """Frame an error in mid-stream: modelled ones as exceptions, all others as errors."""
    if error.code in stream.members:
        headers = {
            ":message-type": "exception",
            ":exception-type": error.code,
            ":content-type": "application/json",
        }
        writer = json_writers(stream.service).writer(stream.members[error.code])
        # The member for the text is called Message here and message there.
        members = {"Message": error.message, "message": error.message, **error.members}
        return encode_message(headers, orjson.dumps(writer(members)))
    return encode_message(
        {":message-type": "error", ":error-code": error.code, ":error-message": error.message}, b""
    )


def encode_events(stream: Shape, protocol: str, events: Any, response: HttpResponse) -> None:
    """Make a response's body of an asynchronous iterator of events.

    A ServiceError raised while iterating ends the stream with its frame; the status was sent long
    before.
    """
    response.headers["Content-Type"] = CONTENT_TYPE
    response.body = Streamed(_frames(stream, protocol, events))


async def _frames(stream: Shape, protocol: str, events: Any) -> AsyncIterator[bytes]:
    if events is None:
        return
    try:
        async for event in events:
            yield encode_event(stream, protocol, event)
    except ServiceError as error:
        yield encode_error(stream, error)
    except Exception:
        # The client is told before the front door logs it and breaks off.
        yield encode_error(stream, InternalFailure("The request failed in mid-stream."))
        raise


def _tree(shape: Shape, protocol: str, value: Any) -> tuple[str, bytes]:
    if protocol == "rest-xml":
        parts: list[str] = []
        xml_writers(shape.service).writer(shape)(value, shape.name, parts)
        return "text/xml", "".join(parts).encode()
    return "application/json", orjson.dumps(json_writers(shape.service).writer(shape)(value))
