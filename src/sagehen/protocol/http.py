"""HTTP messages as the protocols see them: no sockets, no ASGI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sagehen.api.streams import BodyStream, ResponseBody


@dataclass(slots=True)
class HttpRequest:
    """One request.

    Args:
        method: Upper case.
        path: As sent: still percent-encoded, without the query.
        query: As sent, without `?`.
        headers: Lower-case names; repeated headers joined with `,`.
        body: The whole body, or a stream for operations with a streaming payload.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | BodyStream = b""


@dataclass(slots=True)
class HttpResponse:
    """One response. Header names in the case they are sent with.

    `more_headers`: what cannot be in `headers` beside its namesake (a second Set-Cookie).
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: ResponseBody = b""
    more_headers: tuple[tuple[str, str], ...] = ()
