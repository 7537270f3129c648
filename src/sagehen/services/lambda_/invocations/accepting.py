"""What takes events that are answered before they run: the queue, seen from below."""

from __future__ import annotations

from typing import Protocol

from sagehen.services.lambda_.names import FunctionReference


class Accepting(Protocol):
    """Takes events; implemented by `queue.loop`."""

    async def accept(
        self,
        reference: FunctionReference,
        request_id: str,
        payload: bytes,
        client_context: str | None = None,
        trace_header: str | None = None,
    ) -> None:
        """Take an event; it survives everything once this returns."""
        ...
