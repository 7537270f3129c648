"""What the front door tells of an answered request to a bucket whose requests are logged."""

from __future__ import annotations

from typing import Protocol

from sagehen.domain.ids import host_id
from sagehen.gateway.requests.incoming import Incoming
from sagehen.protocol.http import HttpResponse
from sagehen.services.s3.access_logs.entries import Entry

_READS = ("GetObject", "HeadObject")
_WRITES = ("PutObject", "UploadPart")


class BucketLogs(Protocol):
    """S3's server access logging."""

    def wants(self, bucket: str) -> bool:
        """Tell whether requests to a bucket are logged. Asked of every request: must be quick."""
        ...

    def log(self, entry: Entry) -> None:
        """Take an entry; it reaches the target bucket later."""
        ...


def entry_of(
    incoming: Incoming,
    response: HttpResponse,
    *,
    bucket: str,
    key: str,
    operation: str,
    website: bool,
    requester: str,
    error: str,
    sent_bytes: int,
    took_ms: int,
) -> Entry:
    """Put together what a line says."""
    headers = incoming.headers
    authorization, query = headers.get("authorization", ""), incoming.query
    in_query = not authorization and ("X-Amz-Signature=" in query or "Signature=" in query)
    old = authorization.startswith("AWS ") or (in_query and "X-Amz-Signature=" not in query)
    # Documented: server access log format, "Signature Version" and "Authentication Type".
    signature = ("SigV2" if old else "SigV4") if authorization or in_query else ""
    return Entry(
        bucket=bucket,
        key=key,
        at=incoming.received_at,
        peer=incoming.peer,
        requester=requester,
        request_id=incoming.request_id,
        host_id=host_id(incoming.request_id),
        operation=operation,
        website=website,
        method=incoming.method,
        path=incoming.path,
        query=query,
        status=response.status,
        error=error,
        sent_bytes=sent_bytes,
        object_size=_object_size(incoming, response, operation),
        took_ms=took_ms,
        referer=headers.get("referer", ""),
        user_agent=headers.get("user-agent", ""),
        version_id=response.headers.get("x-amz-version-id", ""),
        signature=signature,
        in_query=in_query,
        host=incoming.host,
        secure=incoming.secure,
    )


def _object_size(incoming: Incoming, response: HttpResponse, operation: str) -> int | None:
    text: str | None = None
    if operation in _READS and response.status < 300:
        text = response.headers.get("Content-Range", "").rpartition("/")[2] or response.headers.get(
            "Content-Length"
        )
    elif operation in _WRITES:
        text = incoming.headers.get("x-amz-decoded-content-length") or incoming.headers.get("content-length")
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else None
