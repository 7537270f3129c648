"""rest-json and rest-xml responses: members in the status, headers and the body.

Source: https://smithy.io/2.0/spec/http-bindings.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from sagehen.protocol.http import HttpResponse
from sagehen.protocol.models.description import Operation, Shape
from sagehen.protocol.writing.event_stream import encode_events
from sagehen.protocol.writing.json_values import json_writers
from sagehen.protocol.writing.xml_values import DECLARATION, Parts, namespace_of, scalar_text, xml_writers

HeaderWriter = Callable[[Any, dict[str, str]], None]
BodyWriter = Callable[[Mapping[str, Any], HttpResponse], None]

# S3's since 2006; SDKs of other languages look for it.
_S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
# Root elements as S3 sends them: botocore's model lost them, clients of other languages check them.
_ROOTS = {
    "CompleteMultipartUploadOutput": "CompleteMultipartUploadResult",
    "CreateMultipartUploadOutput": "InitiateMultipartUploadResult",
    "CreateSessionOutput": "CreateSessionResult",
    "DeleteObjectsOutput": "DeleteResult",
    "GetBucketAccelerateConfigurationOutput": "AccelerateConfiguration",
    "GetBucketAclOutput": "AccessControlPolicy",
    "GetBucketCorsOutput": "CORSConfiguration",
    "GetBucketLifecycleConfigurationOutput": "LifecycleConfiguration",
    "GetBucketLifecycleOutput": "LifecycleConfiguration",
    "GetBucketLoggingOutput": "BucketLoggingStatus",
    "GetBucketRequestPaymentOutput": "RequestPaymentConfiguration",
    "GetBucketTaggingOutput": "Tagging",
    "GetBucketVersioningOutput": "VersioningConfiguration",
    "GetBucketWebsiteOutput": "WebsiteConfiguration",
    "GetObjectAclOutput": "AccessControlPolicy",
    "GetObjectAttributesOutput": "GetObjectAttributesResponse",
    "GetObjectTaggingOutput": "Tagging",
    "ListBucketsOutput": "ListAllMyBucketsResult",
    "ListDirectoryBucketsOutput": "ListAllMyDirectoryBucketsResult",
    "ListMultipartUploadsOutput": "ListMultipartUploadsResult",
    "ListObjectVersionsOutput": "ListVersionsResult",
    "ListObjectsOutput": "ListBucketResult",
    "ListObjectsV2Output": "ListBucketResult",
    "ListPartsOutput": "ListPartsResult",
}


def rest_serializer(operation: Operation, protocol: str) -> Callable[[Mapping[str, Any], str], HttpResponse]:
    """Return what writes the answers of an operation, from its result and the request's id."""
    shape = operation.output
    if shape is None:
        return lambda result, request_id: HttpResponse(operation.response_code)
    headers: list[tuple[str, HeaderWriter]] = []
    status_member = None
    for name, member in shape.members.items():
        if member.location == "statusCode":
            status_member = name
        elif member.location is not None:
            headers.append((name, header_writer(name, member)))
    write_body = _body_writer(operation, shape, protocol)

    def write(result: Mapping[str, Any], request_id: str) -> HttpResponse:
        response = HttpResponse(operation.response_code)
        for name, write_header in headers:
            if (value := result.get(name)) is not None:
                write_header(value, response.headers)
        if status_member is not None and result.get(status_member) is not None:
            response.status = int(result[status_member])
        write_body(result, response)
        return response

    return write


def header_writer(name: str, shape: Shape) -> HeaderWriter:
    """Return what puts a member into headers; also for errors (`Retry-After`)."""
    wire = shape.wire_name or name
    if shape.location == "headers":
        prefix = name if shape.wire_name is None else shape.wire_name  # '' is a prefix too

        def write_map(value: Mapping[str, Any], headers: dict[str, str]) -> None:
            for key, item in value.items():
                if item is not None:
                    headers[prefix + key] = _clean(str(item))

        return write_map
    text = scalar_text(shape, default_timestamp="rfc822")
    if shape.traits.get("jsonvalue"):
        text = _json_text
    elif shape.type == "list":
        item_text = scalar_text(shape.member, default_timestamp="rfc822")
        quoted = shape.member.type == "string"

        def text(value: Any) -> str:
            return ", ".join(_quote(item_text(item)) if quoted else item_text(item) for item in value)

    def write(value: Any, headers: dict[str, str]) -> None:
        headers[wire] = _clean(text(value))

    return write


def _json_text(value: Any) -> str:
    return base64.b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()


def _quote(item: str) -> str:
    return '"' + item.replace('"', '\\"') + '"' if "," in item or '"' in item else item


def _clean(text: str) -> str:
    """Keep header values on one line, and in RFC 2047's encoding beyond Latin-1, as S3 does."""
    if "\r" in text or "\n" in text:
        text = text.replace("\r", " ").replace("\n", " ")
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return _encoded_word(text)
    return text


def _encoded_word(text: str) -> str:
    """Write one encoded word as S3 does: RFC 2047's Q with no more escaped than it asks (recorded), or B
    where most of it is beyond ASCII (from memory: as Java's mail library chooses)."""
    if sum(character.isascii() for character in text) * 2 <= len(text):
        return f"=?UTF-8?B?{base64.b64encode(text.encode('utf-8', 'replace')).decode()}?="
    shown = "".join(
        chr(byte) if 33 <= byte < 127 and byte not in b"=_?" else "_" if byte == 32 else f"={byte:02X}"
        for byte in text.encode("utf-8", "replace")
    )
    return f"=?UTF-8?Q?{shown}?="


def _body_writer(operation: Operation, shape: Shape, protocol: str) -> BodyWriter:
    payload = shape.payload
    if payload:
        target = shape.members[payload]
        if target.is_event_stream:
            return lambda result, response: encode_events(target, protocol, result.get(payload), response)
        if target.type in ("blob", "string"):
            return lambda result, response: _set_payload(result.get(payload), response)
        root = target.wire_name or target.name
        write_target = _xml_body(target, root) if protocol == "rest-xml" else _json_body(target)

        def write_payload(result: Mapping[str, Any], response: HttpResponse) -> None:
            if result.get(payload) is not None:
                write_target(result[payload], response)

        return write_payload
    if all(member.location for member in shape.members.values()):
        return _empty_body(operation, protocol)
    if protocol == "rest-json":
        return _json_body(shape)
    if shape.name == "GetBucketLocationOutput":
        return _bucket_location
    return _xml_body(shape, _ROOTS.get(shape.name, shape.wire_name or shape.name))


def _set_payload(value: Any, response: HttpResponse) -> None:
    response.headers.setdefault("Content-Type", "application/octet-stream")
    if value is not None:
        response.body = value.encode() if isinstance(value, str) else value


def _empty_body(operation: Operation, protocol: str) -> BodyWriter:
    if operation.name == "HeadBucket":  # S3 names a type for the body that it does not send (recorded)
        return lambda result, response: response.headers.__setitem__("Content-Type", "application/xml")
    if protocol == "rest-xml" or operation.response_code == 204:
        return lambda result, response: None
    return lambda result, response: _finish(response, "application/json", b"{}")


def _json_body(shape: Shape) -> BodyWriter:
    write = json_writers(shape.service).writer(shape)
    return lambda result, response: _finish(response, "application/json", orjson.dumps(write(result)))


def _xml_body(shape: Shape, root: str) -> BodyWriter:
    # The namespace of the root: the shape's own, or the service's.
    default = _S3_NAMESPACE if shape.service.name == "s3" else None
    has_own = bool(shape.traits.get("xmlNamespace"))
    namespace = "" if has_own else namespace_of(shape.service.metadata.get("xmlNamespace") or default)
    writers = xml_writers(shape.service)
    write_element, contents, attributes = (
        writers.writer(shape),
        writers.contents(shape),
        writers.attributes(shape),
    )

    def write(result: Mapping[str, Any], response: HttpResponse) -> None:
        parts: Parts = [DECLARATION]
        if has_own:
            write_element(result, root, parts)
        else:
            parts.append(f"<{root}{namespace}{attributes(result)}>")
            contents(result, parts)
            parts.append(f"</{root}>")
        _finish(response, "application/xml", "".join(parts).encode())

    return write


def _bucket_location(result: Mapping[str, Any], response: HttpResponse) -> None:
    """S3's one unwrapped answer: the root itself holds the text (Smithy: s3UnwrappedXmlOutput)."""
    region = result.get("LocationConstraint") or ""
    text = f'{DECLARATION}<LocationConstraint xmlns="{_S3_NAMESPACE}">{region}</LocationConstraint>'
    _finish(response, "application/xml", text.encode())


def _finish(response: HttpResponse, content_type: str, body: bytes) -> None:
    response.headers.setdefault("Content-Type", content_type)
    response.body = body
