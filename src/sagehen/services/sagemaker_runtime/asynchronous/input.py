"""The input of an asynchronous request: brought whole where it is small, else streamed to the instance."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import Objects
from sagehen.services.sagemaker_runtime.asynchronous.outcome import Failed
from sagehen.serving.body import Body, StreamedBody

# Documented: Asynchronous inference, "payload sizes up to 1 GB".
MOST_BYTES = 2**30
_HELD_BYTES = 1024 * 1024


async def input_of(objects: Objects, principal: Principal, bucket: str, key: str) -> Body:
    """Return an object as a body.

    Raises:
        NoSuchObject, AccessDenied.
        Failed: It is too large.
    """
    found, content = await objects.read(principal, bucket, key)
    if found.size <= _HELD_BYTES:
        return b"".join([piece async for piece in content])
    await _close(content)
    if found.size > MOST_BYTES:  # the words are ours
        raise Failed(f"The request's payload has {found.size} bytes; it may have {MOST_BYTES}.")

    async def again() -> AsyncIterator[bytes]:
        return (await objects.read(principal, bucket, key))[1]

    return StreamedBody(found.size, again)


async def _close(content: AsyncIterator[bytes]) -> None:
    close = getattr(content, "aclose", None)
    if close is not None:
        with contextlib.suppress(RuntimeError):
            await close()
