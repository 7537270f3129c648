"""serialize_error: how each protocol carries an error.

Source: the error sections of Smithy's protocols, such as https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
import orjson

from sagehen.api.errors import ServiceError
from sagehen.domain.ids import host_id
from sagehen.protocol.http import HttpResponse
from sagehen.protocol.models.description import ServiceDescription, Shape
from sagehen.protocol.writing.json_values import cbor_writers, json_writers
from sagehen.protocol.writing.request_ids import is_s3, request_id_headers
from sagehen.protocol.writing.rest_response import header_writer
from sagehen.protocol.writing.xml_values import DECLARATION, escape, namespace_of, xml_writers


def serialize_error(
    service: ServiceDescription,
    protocol: str,
    error: ServiceError,
    *,
    request_id: str,
    query_mode: bool = False,
    head: bool = False,
) -> HttpResponse:
    """Write an error as the protocol carries it.

    Status: the error's own, else the model's, else 400 for the client's fault and 500 for ours.

    Args:
        service: Its model tells code, status and members of modelled errors.
        protocol: Of the request.
        error: `code`, `message` and `members` are what the client sees.
        request_id: In headers and, for XML, in the body.
        query_mode: Add `x-amzn-query-error`.
        head: Answer without a body.
    """
    wire = _WireError.of(service, error)
    response = HttpResponse(wire.status, {**wire.headers, **error.headers})
    if protocol in ("json", "rest-json", "smithy-rpc-v2-cbor"):
        _tree_body(service, protocol, wire, response)
        if query_mode or (protocol != "rest-json" and service.query_compatible):
            response.headers["x-amzn-query-error"] = f"{wire.query_code};{wire.fault}"
    else:
        _xml_body(service, protocol, wire, request_id, response)
    response.headers.update(request_id_headers(service, request_id))
    if head or wire.status == 304:
        response.body = b""
    return response


@dataclass(frozen=True, slots=True)
class _WireError:
    """An error with what the model adds to it.

    Args:
        name: The shape's name, which the JSON and CBOR protocols send.
        query_code: The code of the query protocols and S3, where it differs (`NoSuchEntity`).
        fault: `Sender` or `Receiver`.
        members: In the body; the text among them under the name that the shape gives it.
    """

    name: str
    query_code: str
    message: str
    status: int
    fault: str
    shape: Shape | None
    members: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(service: ServiceDescription, error: ServiceError) -> _WireError:
        shape = service.errors.get(error.code)
        traits = shape.traits if shape else {}
        modelled = traits.get("error", {})
        server = error.fault == "server" or bool(traits.get("fault"))
        members = {key: value for key, value in error.members.items() if value is not None}
        headers: dict[str, str] = {}
        for name, member in shape.members.items() if shape else ():
            if member.location is not None and name in members:
                header_writer(name, member)(members.pop(name), headers)
        return _WireError(
            name=shape.name if shape else error.code,
            query_code=modelled.get("code", error.code),
            message=error.message,
            status=error.status or modelled.get("httpStatusCode") or (500 if server else 400),
            fault="Receiver" if server else "Sender",
            shape=shape,
            members=members,
            headers=headers,
        )

    def tree(self) -> dict[str, Any]:
        """The members of the shape, with the text where there is one (AWS leaves it out else: recorded)."""
        if not self.message:
            return dict(self.members)
        names = self.shape.members if self.shape else ()
        message_name = next((name for name in names if name.lower() == "message"), "message")
        return {message_name: self.message, **self.members}


def _tree_body(service: ServiceDescription, protocol: str, wire: _WireError, response: HttpResponse) -> None:
    tree = wire.tree()
    if protocol == "smithy-rpc-v2-cbor":
        if wire.shape:
            tree = cbor_writers(service).writer(wire.shape)(tree)
        tree = {"__type": wire.name, **({"message": wire.message} if wire.message else {}), **tree}
        response.body = cbor2.dumps(tree, datetime_as_timestamp=True)
        response.headers |= {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        return
    if wire.shape:
        written = json_writers(service).writer(wire.shape)(tree)
        # A shape without a member for the text still tells it.
        tree = written if any(key.lower() == "message" for key in written) else tree | written
    if protocol == "rest-json":
        response.headers |= {"Content-Type": "application/json", "x-amzn-ErrorType": wire.name}
    else:
        version = service.metadata.get("jsonVersion", "1.0")
        response.headers["Content-Type"] = f"application/x-amz-json-{version}"
        tree = {"__type": wire.name, **tree}
    response.body = orjson.dumps(tree, default=str)


def _xml_body(
    service: ServiceDescription,
    protocol: str,
    wire: _WireError,
    request_id: str,
    response: HttpResponse,
) -> None:
    code = escape(wire.query_code)
    message = f"<Message>{escape(wire.message)}</Message>" if wire.message else ""
    details = _xml_members(service, wire)
    if protocol == "ec2":
        text = (
            f"<Response><Errors><Error><Code>{code}</Code>{message}{details}</Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    elif is_s3(service):
        # S3's is there also where it is empty (recorded).
        text = (
            f"<Error><Code>{code}</Code>{message or '<Message/>'}{details}"
            f"<RequestId>{request_id}</RequestId>"
            f"<HostId>{host_id(request_id)}</HostId></Error>"
        )
    else:
        namespace = namespace_of(service.metadata.get("xmlNamespace"))
        text = (
            f"<ErrorResponse{namespace}><Error><Type>{wire.fault}</Type><Code>{code}</Code>"
            f"{message}{details}</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    response.headers["Content-Type"] = "application/xml" if protocol == "rest-xml" else "text/xml"
    response.body = (DECLARATION + text).encode()


def _xml_members(service: ServiceDescription, wire: _WireError) -> str:
    """The further members: as the shape writes them, or as plain text (S3's `<BucketName>`)."""
    parts: list[str] = []
    known = wire.shape.members if wire.shape else {}
    for name, value in wire.members.items():
        if name in known:
            xml_writers(service).writer(known[name])(value, known[name].wire_name or name, parts)
        else:
            parts.append(f"<{name}>{escape(str(value))}</{name}>")
    return "".join(parts)
