"""The door to S3's websites: which hosts are theirs, and what their requests look like without sockets.

{bucket}.s3-website.localhost[:port]/…             and with a region, and under localhost.localstack.cloud
{bucket}.s3-website-{region}.amazonaws.com/…       through the proxy door, and with a dot
"""

from __future__ import annotations

import logging
from typing import Protocol

from sagehen.domain.access import request_conditions
from sagehen.domain.ids import host_id
from sagehen.domain.ports.storage.buckets import BucketDirectory
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.s3 import cors
from sagehen.protocol.http import HttpResponse
from sagehen.services.s3.website.serving import WebsiteRequest, WebsiteResponse

logger = logging.getLogger("sagehen.gateway")

# From memory: S3's website endpoints answer errors as HTML.
_UNFORESEEN = b"<html><body><h1>500 Internal Server Error</h1></body></html>\n"


class WebsiteAnswers(Protocol):
    """S3's websites."""

    def answer(self, request: WebsiteRequest) -> WebsiteResponse:
        """Answer a request to a bucket that is a website, or is none: then with the 404 that says so."""
        ...


def answer(
    websites: WebsiteAnswers, buckets: BucketDirectory, incoming: Incoming, bucket: str, region: str
) -> HttpResponse:
    """Answer a request to a website. Raises nothing."""
    ids = {"RequestId": incoming.request_id, "HostId": host_id(incoming.request_id)}
    request = WebsiteRequest(
        bucket=bucket,
        method=incoming.method,
        path=incoming.path,
        query=incoming.query,
        headers=incoming.headers,
        host=incoming.host,
        secure=incoming.secure,
        ids=ids,
        environment=request_conditions(
            at=incoming.received_at,
            source_ip=incoming.peer,
            secure=incoming.secure,
            region=buckets.region(bucket) or region,
            user_agent=incoming.headers.get("user-agent"),
            referer=incoming.headers.get("referer"),
        ),
    )
    try:
        answered = websites.answer(request)
    except Exception:
        logger.exception("request %s: %s %s failed", incoming.request_id, incoming.method, incoming.path)
        answered = WebsiteResponse(500, {"Content-Type": "text/html"}, _UNFORESEEN)
    headers = {**answered.headers, "x-amz-request-id": ids["RequestId"], "x-amz-id-2": ids["HostId"]}
    if "origin" in incoming.headers:
        headers |= cors.response_headers(incoming, buckets, bucket)
    return HttpResponse(answered.status, headers, answered.body)
