"""serialize: responses, by protocol. Errors are in `errors`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import cbor2
import orjson

from sagehen.api.operation import Reply
from sagehen.protocol.http import HttpResponse
from sagehen.protocol.models.description import Operation
from sagehen.protocol.writing.errors import serialize_error
from sagehen.protocol.writing.json_values import cbor_writers, json_writers
from sagehen.protocol.writing.request_ids import request_id_headers
from sagehen.protocol.writing.rest_response import rest_serializer
from sagehen.protocol.writing.xml_values import DECLARATION, namespace_of, xml_writers

__all__ = ["serialize", "serialize_error", "serializer_of"]

Serializer = Callable[[Mapping[str, Any], str], HttpResponse]


def serialize(
    operation: Operation,
    protocol: str,
    result: Mapping[str, Any] | Reply | None,
    *,
    request_id: str,
) -> HttpResponse:
    """Write an operation's result; a Reply's status and headers win over the model's.

    Args:
        operation: Of the request.
        protocol: Of the request.
        result: What the handler returned. None values are left out.
        request_id: Sent in the header that the protocol has for it, and in query's bodies.
    """
    reply = result if isinstance(result, Reply) else Reply(result or {})
    response = serializer_of(operation, protocol)(reply.result, request_id)
    response.headers.update(request_id_headers(operation.service, request_id))
    if reply.status is not None:
        response.status = reply.status
    response.headers.update(reply.headers)
    if reply.body is not None:
        response.body = reply.body
    if operation.method == "HEAD" or response.status in (204, 304):
        response.body = b""
    return response


@functools.cache
def serializer_of(operation: Operation, protocol: str) -> Serializer:
    """Compile the serializer of an operation: the model is walked once, not per response."""
    makers: dict[str, Callable[[Operation, str], Serializer]] = {
        "json": _json,
        "smithy-rpc-v2-cbor": _cbor,
        "query": _query,
        "ec2": _ec2,
        "rest-json": rest_serializer,
        "rest-xml": rest_serializer,
    }
    return makers[protocol](operation, protocol)


def _json(operation: Operation, protocol: str) -> Serializer:
    content_type = f"application/x-amz-json-{operation.service.metadata.get('jsonVersion', '1.0')}"
    if operation.output is None:  # AWS answers these with nothing at all
        return lambda result, request_id: HttpResponse(200, {"Content-Type": content_type})
    write = json_writers(operation.service).writer(operation.output)
    return lambda result, request_id: HttpResponse(
        200, {"Content-Type": content_type}, orjson.dumps(write(result))
    )


def _cbor(operation: Operation, protocol: str) -> Serializer:
    headers = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
    if operation.output is None:
        return lambda result, request_id: HttpResponse(200, {"smithy-protocol": "rpc-v2-cbor"})
    write = cbor_writers(operation.service).writer(operation.output)
    return lambda result, request_id: HttpResponse(200, dict(headers), dump_cbor(write(result)))


def dump_cbor(tree: Any) -> bytes:
    """Encode a tree; moments become tag 1, seconds since 1970."""
    encoded: bytes = cbor2.dumps(tree, datetime_as_timestamp=True)
    return encoded


def _query(operation: Operation, protocol: str) -> Serializer:
    namespace = namespace_of(operation.service.metadata.get("xmlNamespace"))
    name, wrapper, shape = operation.name, operation.result_wrapper, operation.output
    contents = xml_writers(operation.service).contents(shape) if shape else None

    def write(result: Mapping[str, Any], request_id: str) -> HttpResponse:
        parts = [DECLARATION, f"<{name}Response{namespace}>"]
        if contents is not None:
            if wrapper:
                parts.append(f"<{wrapper}>")
            contents(result, parts)
            if wrapper:
                parts.append(f"</{wrapper}>")
        parts.append(f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>")
        parts.append(f"</{name}Response>")
        return HttpResponse(200, {"Content-Type": "text/xml"}, "".join(parts).encode())

    return write


def _ec2(operation: Operation, protocol: str) -> Serializer:
    namespace = namespace_of(operation.service.metadata.get("xmlNamespace"))
    shape = operation.output
    contents = xml_writers(operation.service).contents(shape) if shape else None

    def write(result: Mapping[str, Any], request_id: str) -> HttpResponse:
        parts = [DECLARATION, f"<{operation.name}Response{namespace}><requestId>{request_id}</requestId>"]
        if contents is not None:
            contents(result, parts)
        else:  # operations without a result say that it was done
            parts.append("<return>true</return>")
        parts.append(f"</{operation.name}Response>")
        return HttpResponse(200, {"Content-Type": "text/xml;charset=UTF-8"}, "".join(parts).encode())

    return write
