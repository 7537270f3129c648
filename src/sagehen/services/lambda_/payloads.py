"""Events and answers of functions: their bounds, and whether they are JSON. None is parsed as a whole."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from sagehen.api.bounded.json_text import NotJson, require_json
from sagehen.services.lambda_.errors import (
    InvalidRequestContentException,
    RequestEntityTooLargeException,
)

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
PAYLOAD_BYTES = {"RequestResponse": 6_291_456, "Event": 1_048_576, "DryRun": 6_291_456}
# Payloads up to so much are checked where they are; larger ones would hold up everybody else.
_INLINE_BYTES = 64 * 1024


async def check_payload(payload: bytes, kind: str) -> None:
    """Check an event's size and that it is JSON; none at all is fine.

    Raises:
        RequestEntityTooLargeException, InvalidRequestContentException.
    """
    # Both texts are recorded, the second with the limit of its time.
    limit = PAYLOAD_BYTES[kind]
    if len(payload) > PAYLOAD_BYTES["RequestResponse"]:
        # What the front of Lambda says, whatever the kind; the other text is the queue's.
        raise RequestEntityTooLargeException(
            f"Request must be smaller than {PAYLOAD_BYTES['RequestResponse']} bytes for the InvokeFunction "
            "operation",
            untyped=True,
        )
    if len(payload) > limit:
        raise RequestEntityTooLargeException(
            f"{len(payload)} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
        )
    if not payload:
        return
    try:
        if len(payload) <= _INLINE_BYTES:
            require_json(payload)
        else:
            await asyncio.to_thread(require_json, payload)
    except NotJson as error:
        raise InvalidRequestContentException(
            f"Could not parse request body into json: Could not parse payload into json: {error}"
        ) from None


def as_json(payload: bytes) -> bytes:
    """Return a payload as a value of a document: itself, or as a text where a runtime's answer is no JSON."""
    try:
        require_json(payload)
    except NotJson:
        return json.dumps(payload.decode(errors="replace")).encode()
    return payload


def error_type(document: bytes) -> str:
    """Return the type that a function's error document names."""
    found = small_document(document).get("errorType", "Unhandled")
    return found if isinstance(found, str) else "Unhandled"


def small_document(document: bytes) -> dict[str, Any]:
    """Return the members of an error document; those of a large one, or of none, are nobody's business."""
    try:
        content = json.loads(document) if len(document) <= _INLINE_BYTES else None
    except (ValueError, RecursionError):
        content = None
    return content if isinstance(content, dict) else {}
