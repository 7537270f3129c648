"""What a browser's upload is answered with, as its form wants it.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html (success_action_redirect, _status)
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from xml.sax.saxutils import escape

from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.s3.addressing import Target
from sagehen.protocol.http import HttpResponse


def form_answer(
    incoming: Incoming, fields: Mapping[str, str], target: Target, key: str, stored: HttpResponse
) -> HttpResponse:
    """Answer a browser's upload as its form wants it: a redirect, 200, 201 with XML, or 204."""
    lower = {name.lower(): value for name, value in stored.headers.items()}
    etag = lower.get("etag", "")
    scheme = "https" if incoming.secure else "http"
    base = f"{scheme}://{incoming.host}" + ("" if target.virtual_host else f"/{target.bucket}")
    location = f"{base}/{quote(key, safe='~')}"
    kept = {
        name: value
        for name, value in stored.headers.items()
        if name.lower() not in ("content-length", "content-type")
    }
    # Documented: a URL that cannot be read counts as none; `redirect` is the older name of the field.
    redirect = fields.get("success_action_redirect") or fields.get("redirect")
    if redirect and urlsplit(redirect).scheme in ("http", "https") and "\n" not in redirect:
        parts = urlsplit(redirect)
        query = urlencode([*parse_qsl(parts.query), ("bucket", target.bucket), ("key", key), ("etag", etag)])
        return HttpResponse(303, {**kept, "Location": parts._replace(query=query).geturl()})
    kept["Location"] = location
    # Documented: 200, 201 or 204; any other value counts as 204.
    status = fields.get("success_action_status", "204")
    if status == "201":
        document = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>'
            f"<Location>{escape(location)}</Location><Bucket>{escape(target.bucket)}</Bucket>"
            f"<Key>{escape(key)}</Key><ETag>{escape(etag)}</ETag></PostResponse>"
        )
        return HttpResponse(201, {**kept, "Content-Type": "application/xml"}, document.encode())
    return HttpResponse(200 if status == "200" else 204, kept)
