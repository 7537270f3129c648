"""Bodies of requests, whole and bounded."""

from __future__ import annotations

from typing import Any

from sagehen.services.sagemaker_runtime.errors import ValidationError


async def whole_body(body: Any, most_bytes: int) -> bytes:
    """Return a request's body, which may still be coming.

    Raises:
        ValidationError: It is too long; where its length is announced, before it is read.
    """
    if isinstance(body, (bytes, bytearray)):
        whole = bytes(body)
    elif body is None:
        whole = b""
    else:
        if body.length is not None and body.length > most_bytes:
            raise _too_long(most_bytes)
        whole = await body.read(most_bytes)
    if len(whole) > most_bytes:
        raise _too_long(most_bytes)
    return whole


def _too_long(most_bytes: int) -> ValidationError:
    # The payload itself is not repeated in the text, as AWS leaves sensitive values out.
    return ValidationError(
        "1 validation error detected: Value at 'body' failed to satisfy constraint: "
        f"Member must have length less than or equal to {most_bytes}"
    )
