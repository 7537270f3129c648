"""rest-json and rest-xml: members in the path, the query, headers and the body.

Sources: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html,
https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from sagehen.api.bounded.xml_text import MAX_ELEMENTS
from sagehen.api.errors import ServiceError
from sagehen.protocol.errors import InvalidArgument, MalformedXML, SerializationException
from sagehen.protocol.http import HttpRequest
from sagehen.protocol.models.description import Operation, Shape
from sagehen.protocol.reading.json_values import json_readers, load_json
from sagehen.protocol.reading.text_values import text_reader
from sagehen.protocol.reading.xml_values import load_xml, xml_readers

_LIST_ITEM = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^,]*))\s*(?:,|$)')
# `Mon, 16 Dec 2019 23:48:18 GMT`, or anything without a comma.
_DATE_ITEM = re.compile(r"\s*[A-Za-z]{3,9},[^,]*|[^,]+")
# Elements of the widest documents: 10,000 parts with a checksum of each kind, 1,000 rules with their filters.
_WIDE = {
    "CompleteMultipartUpload": 130_000,
    "PutBucketLifecycleConfiguration": 60_000,
    "PutBucketLifecycle": 60_000,
    "PutBucketReplication": 60_000,
}

Setter = Callable[[HttpRequest, Mapping[str, str], Mapping[str, list[str]], dict[str, Any]], None]


def rest_parser(
    operation: Operation, protocol: str
) -> Callable[[HttpRequest, Mapping[str, str]], dict[str, Any]]:
    """Return what reads a request of an operation that has input, from its path, query, headers and body.

    Raises (when called):
        InvalidArgument: Of rest-xml: a value in path, query or headers that its type does not have.
        SerializationException: Of rest-json: the same, or a body that is no document.
        MalformedXML: A body that is no document, or is wider than any that AWS takes.
    """
    shape = operation.input
    assert shape is not None
    error: type[ServiceError] = InvalidArgument if protocol == "rest-xml" else SerializationException
    taken = {pair.partition("=")[0] for pair in operation.request_uri.partition("?")[2].split("&")}
    taken |= {m.wire_name or name for name, m in shape.members.items() if m.location == "querystring"}
    setters = [
        _setter(name, member, error, frozenset(taken))
        for name, member in shape.members.items()
        if member.location not in (None, "header")
    ]
    by_header = {
        (member.wire_name or name).lower(): _setter(name, member, error, frozenset(taken))
        for name, member in shape.members.items()
        if member.location == "header"
    }
    read_body = _body_reader(operation, shape, protocol)

    def parse(request: HttpRequest, path_parameters: Mapping[str, str]) -> dict[str, Any]:
        query: dict[str, list[str]] = {}
        for name, value in parse_qsl(request.query, keep_blank_values=True):
            query.setdefault(name, []).append(value)
        result: dict[str, Any] = {}
        # An operation has dozens of header members and a request a few of these headers.
        for lowered in request.headers.keys() & by_header.keys():
            by_header[lowered](request, path_parameters, query, result)
        for setter in setters:
            setter(request, path_parameters, query, result)
        read_body(request, result)
        return result

    return parse


def _setter(name: str, shape: Shape, error: type[ServiceError], taken: frozenset[str]) -> Setter:
    wire = shape.wire_name or name
    if shape.location == "headers":
        return _header_map(name, (name if shape.wire_name is None else shape.wire_name).lower())
    if shape.location == "querystring" and shape.type == "map":
        return _query_map(name, taken, multiple=shape.value.type == "list")
    lowered, location = wire.lower(), shape.location
    first = shape.type != "list"
    read = _list_reader(shape, lowered) if shape.type == "list" else _scalar_reader(shape)

    def set_member(
        request: HttpRequest,
        path_parameters: Mapping[str, str],
        query: Mapping[str, list[str]],
        result: dict[str, Any],
    ) -> None:
        raw: str | list[str] | None
        if location == "header":
            raw = request.headers.get(lowered)
        elif location == "uri":
            raw = path_parameters.get(wire)
        else:
            found = query.get(wire)
            raw = found[0] if found and first else found
        if raw is not None:
            try:
                result[name] = read(raw)
            except ValueError:
                raise error(f"Invalid value for {wire}: {str(raw)[:100]}") from None

    return set_member


def _scalar_reader(shape: Shape) -> Callable[[Any], Any]:
    if shape.traits.get("jsonvalue") and shape.location == "header":
        return lambda raw: json.loads(base64.b64decode(raw))
    return text_reader(shape)


def _list_reader(shape: Shape, wire: str) -> Callable[[Any], Any]:
    read = text_reader(shape.member)
    if shape.location == "header":
        split = _split_dates if shape.member.type == "timestamp" else _split
        return lambda raw: [read(item) for item in split(raw)]
    return lambda raw: [read(item) for item in raw]


def _split(raw: str) -> list[str]:
    """Split a header's list at its commas; items with commas are quoted."""
    items = []
    for matched in _LIST_ITEM.finditer(raw):
        if matched.end() == matched.start():
            break
        quoted = matched[1]
        items.append(quoted.replace('\\"', '"') if quoted is not None else matched[2].rstrip())
    return items


def _split_dates(raw: str) -> list[str]:
    """Split a header's list of moments: an HTTP date has a comma of its own."""
    return [item.strip() for item in _DATE_ITEM.findall(raw) if item.strip()]


def _header_map(name: str, prefix: str) -> Setter:
    def set_member(
        request: HttpRequest,
        path_parameters: Mapping[str, str],
        query: Mapping[str, list[str]],
        result: dict[str, Any],
    ) -> None:
        found = {
            key[len(prefix) :]: value for key, value in request.headers.items() if key.startswith(prefix)
        }
        if found:
            result[name] = found

    return set_member


def _query_map(name: str, taken: frozenset[str], *, multiple: bool) -> Setter:
    """All query parameters that are neither the route's nor another member's."""

    def set_member(
        request: HttpRequest,
        path_parameters: Mapping[str, str],
        query: Mapping[str, list[str]],
        result: dict[str, Any],
    ) -> None:
        found = {key: values if multiple else values[0] for key, values in query.items() if key not in taken}
        if found:
            result[name] = found

    return set_member


def _body_reader(
    operation: Operation, shape: Shape, protocol: str
) -> Callable[[HttpRequest, dict[str, Any]], None]:
    payload = shape.payload
    target = shape.members[payload] if payload else shape
    if payload and (target.type == "blob" or target.is_event_stream):
        return lambda request, result: result.__setitem__(payload, request.body)
    if payload and target.type == "string":
        return lambda request, result: _set_text(payload, request, result)
    if not payload and all(member.location for member in shape.members.values()):
        return lambda request, result: None
    read_json = json_readers(operation.service).reader(target)
    read_xml = xml_readers(operation.service).reader(target)
    elements = _WIDE.get(operation.name, MAX_ELEMENTS)

    def read(request: HttpRequest, result: dict[str, Any]) -> None:
        assert isinstance(request.body, bytes), "only blob payloads may be streams"
        if not request.body:
            return
        if protocol == "rest-xml":
            root = load_xml(request.body, elements)
            if payload and root.tag.rpartition("}")[2] != target.element_name(payload):
                raise MalformedXML()  # read, it would be an empty document of the right kind
            value = read_xml([root])
        else:
            value = read_json(load_json(request.body))
        if payload:
            result[payload] = value
        else:
            result.update(value)

    return read


def _set_text(payload: str, request: HttpRequest, result: dict[str, Any]) -> None:
    assert isinstance(request.body, bytes)
    if request.body:
        try:
            result[payload] = request.body.decode()
        except UnicodeDecodeError:
            raise SerializationException("The body is not UTF-8.") from None
