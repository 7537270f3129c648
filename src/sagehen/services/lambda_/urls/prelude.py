"""The metadata in front of a streamed answer: JSON, eight NUL bytes, and then the body.

Source: https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html (HttpResponseStream)
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from sagehen.services.lambda_.urls.messages import Headers
from sagehen.services.lambda_.urls.response import Malformed, head_of

CONTENT_TYPE = "application/vnd.awslambda.http-integration-response"
_END = bytes(8)
# AWS names no limit: no client takes that much of headers.
_MOST_BYTES = 128 * 1024


async def read_prelude(pieces: AsyncIterator[bytes]) -> tuple[int, Headers, bytes]:
    """Read status, headers, and what of the body came with them.

    Raises:
        Malformed: It is no JSON object, does not end, or says what makes no sense.
    """
    held = b""
    async for piece in pieces:
        held += piece
        head, end, body = held.partition(_END)
        if end:
            return *head_of(head), body
        if len(held) > _MOST_BYTES:
            break
    raise Malformed
