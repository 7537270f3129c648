"""Compressed request bodies: botocore sends larger PutMetricData calls so, and signs what it sends."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from sagehen.gateway.requests.body import RequestEntityTooLarge
from sagehen.gateway.requests.refusals import Refusal


def decompressed(headers: Mapping[str, str], content: bytes, limit: int) -> tuple[Mapping[str, str], bytes]:
    """Undo `Content-Encoding: gzip` of a body held in memory.

    Args:
        headers: Of the request.
        content: As sent.
        limit: Bytes that it may grow to: a small body can stand for gigabytes.

    Raises:
        RequestEntityTooLarge: It grows beyond `limit`.
        Refusal: It is not gzip.
    """
    if headers.get("content-encoding", "").strip().lower() != "gzip":
        return headers, content
    # Documented: AWS SDKs reference, "Request compression": gzip is the only algorithm, from 10,240 bytes on.
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = inflater.decompress(content, limit + 1)
    except zlib.error as error:
        raise Refusal("InvalidContentEncoding", "The body is not valid gzip.", 400) from error
    if len(plain) > limit:
        raise RequestEntityTooLarge(limit)
    if not inflater.eof:
        raise Refusal("InvalidContentEncoding", "The body is not valid gzip.", 400)
    kept = {name: value for name, value in headers.items() if name != "content-encoding"}
    return kept, plain
