"""Compressed bodies, where an API has a minimum size for them.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gzip-compression-decompression.html
"""

from __future__ import annotations

import zlib
from dataclasses import replace

from sagehen.services.apigateway.data_plane.failures import GatewayFailure
from sagehen.services.apigateway.data_plane.messages.message import MAX_BODY_BYTES, ApiRequest, ApiResponse

_GZIP, _DEFLATE = 31, 15  # zlib's window bits for either wrapping
_WINDOWS = {"gzip": _GZIP, "deflate": _DEFLATE}


def decompressed(request: ApiRequest) -> ApiRequest:
    """Return the request as methods see it: without its Content-Encoding.

    Raises:
        GatewayFailure: The body is not what its encoding says, or larger than the limit.
    """
    encoding = (request.header("content-encoding") or "").strip().lower()
    # Documented: Content encodings that API Gateway supports: deflate, gzip, identity.
    if not request.body or encoding not in _WINDOWS:
        return request
    stream = zlib.decompressobj(_WINDOWS[encoding])
    try:
        body = stream.decompress(request.body, MAX_BODY_BYTES + 1)
    except zlib.error:
        raise GatewayFailure("BAD_REQUEST_BODY", "Could not decompress the request body") from None
    if len(body) > MAX_BODY_BYTES:
        raise GatewayFailure("REQUEST_TOO_LARGE")
    if not stream.eof:
        raise GatewayFailure("BAD_REQUEST_BODY", "Could not decompress the request body")
    headers = tuple(pair for pair in request.headers if pair[0].lower() != "content-encoding")
    return replace(request, body=body, headers=headers)


def compress(response: ApiResponse, accepted: str | None) -> None:
    """Compress an answer in the first way that the client takes."""
    if response.header("content-encoding") is not None:
        return
    # From memory: in the client's order, whatever weights it gives.
    for name in (part.partition(";")[0].strip().lower() for part in (accepted or "").split(",")):
        if name in _WINDOWS:
            stream = zlib.compressobj(6, zlib.DEFLATED, _WINDOWS[name])
            response.body = stream.compress(response.body) + stream.flush()
            response.headers.append(("Content-Encoding", name))
            return
