"""One line per request, and a hook for whoever counts them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger("sagehen.access")


@dataclass(frozen=True, slots=True)
class Served:
    """One answered request.

    Args:
        request_id: As in the answer's headers.
        peer: The client's address.
        method: HTTP method.
        path: Without the query, which may hold signatures.
        service: botocore's name; '' where the request never got that far.
        operation: AWS's name, or ''.
        principal: ARN of who asked, or ''.
        status: Of the answer.
        sent_bytes: Of the answer's body.
        duration_us: From the last header read to the last byte handed to the socket.
    """

    request_id: str
    peer: str
    method: str
    path: str
    service: str
    operation: str
    principal: str
    status: int
    sent_bytes: int
    duration_us: int


AccessHook = Callable[[Served], None]


def write(served: Served) -> None:
    """Write the line, if anybody listens at this level."""
    if logger.isEnabledFor(logging.DEBUG) or (served.status >= 500 and logger.isEnabledFor(logging.INFO)):
        level = logging.INFO if served.status >= 500 else logging.DEBUG
        called = f"{served.service}.{served.operation}" if served.operation else "-"
        logger.log(
            level,
            "%s %s %s %s %s %d %d B %d us %s",
            served.peer,
            served.method,
            served.path,
            called,
            served.principal or "-",
            served.status,
            served.sent_bytes,
            served.duration_us,
            served.request_id,
        )
