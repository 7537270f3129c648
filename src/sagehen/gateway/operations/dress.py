"""The dress of an error: the service's own protocol where it is known, a likely one where it is not."""

from __future__ import annotations

from xml.sax.saxutils import escape

import orjson

from sagehen.api.errors import ServiceError
from sagehen.domain.ids import host_id
from sagehen.gateway.operations.table import Called
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.s3.addressing import Target
from sagehen.protocol.errors import IdentificationError
from sagehen.protocol.http import HttpResponse
from sagehen.protocol.writing.request_ids import is_s3
from sagehen.protocol.writing.serialize import serialize_error

_FORM = "application/x-www-form-urlencoded"


def refused(incoming: Incoming, called: Called, error: ServiceError) -> HttpResponse:
    """Write an error of an identified operation."""
    return serialize_error(
        called.identified.service,
        called.identified.protocol,
        error,
        request_id=incoming.request_id,
        query_mode=called.identified.query_mode,
        head=incoming.method == "HEAD",
    )


def unidentified(incoming: Incoming, error: IdentificationError, target: Target) -> HttpResponse:
    """Write the error of a request to a known service, but to no operation of it."""
    if is_s3(error.service):  # which says what of
        kind = "OBJECT" if target.key else "BUCKET" if target.bucket else "SERVICE"
        error.members |= {"Method": incoming.method, "ResourceType": kind}
    return serialize_error(
        error.service,
        error.protocol,
        error,
        request_id=incoming.request_id,
        head=incoming.method == "HEAD",
    )


def undressed(incoming: Incoming, error: ServiceError) -> HttpResponse:
    """Write an error of a request whose service is not known: JSON for those who speak it, else XML."""
    # Three shapes, all documented: JSON's `__type`; the query services' ErrorResponse; S3's Error.
    status = error.status or (400 if error.fault == "client" else 500)
    # S3's own headers for whoever may be its client, the others' for everybody else.
    if incoming.method in ("HEAD", "OPTIONS") or not (_speaks_json(incoming) or _sends_form(incoming)):
        headers = {"x-amz-request-id": incoming.request_id, "x-amz-id-2": host_id(incoming.request_id)}
    else:
        headers = {"x-amzn-RequestId": incoming.request_id, "x-amzn-ErrorType": error.code}
    if incoming.method == "HEAD":
        return HttpResponse(status, headers)
    if _speaks_json(incoming):
        headers["Content-Type"] = "application/x-amz-json-1.1"
        return HttpResponse(status, headers, orjson.dumps({"__type": error.code, "message": error.message}))
    members = "".join(
        f"<{name}>{escape(str(value))}</{name}>"
        for name, value in error.members.items()
        if value is not None and name.replace("-", "").isalnum()
    )
    inner = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>{members}"
    if _sends_form(incoming):
        fault = "Sender" if error.fault == "client" else "Receiver"
        inner = (
            f"<ErrorResponse><Error><Type>{fault}</Type>{inner}</Error>"
            f"<RequestId>{incoming.request_id}</RequestId></ErrorResponse>"
        )
    else:
        inner = (
            f"<Error>{inner}<RequestId>{incoming.request_id}</RequestId>"
            f"<HostId>{host_id(incoming.request_id)}</HostId></Error>"
        )
    headers["Content-Type"] = "application/xml"
    return HttpResponse(status, headers, f'<?xml version="1.0" encoding="UTF-8"?>\n{inner}'.encode())


def _sends_form(incoming: Incoming) -> bool:
    return incoming.headers.get("content-type", "").startswith(_FORM)


def _speaks_json(incoming: Incoming) -> bool:
    """Guess from what the client sent: REST services beside S3 speak JSON but for a few."""
    headers = incoming.headers
    kind, signature = headers.get("content-type", ""), headers.get("authorization", "")
    if "x-amz-target" in headers or "json" in kind:
        return True
    return not kind.startswith(_FORM) and "/aws4_request" in signature and "/s3/" not in signature
