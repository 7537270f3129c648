"""HTTP messages as the protocols see them: no sockets, no ASGI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def response_of(status: int, headers: Iterable[tuple[str, str]], body: ResponseBody) -> HttpResponse:
    """Return a response of headers of which some may have one name.

    What is beyond Latin-1 goes out in UTF-8; `header_lines` leaves out what no header can carry.
    """
    first: dict[str, str] = {}
    more: list[tuple[str, str]] = []
    seen: set[str] = set()
    for name, value in headers:
        try:
            (name + value).encode("latin-1")
        except UnicodeEncodeError:
            value = value.encode("utf-8", "replace").decode("latin-1")
        if name.lower() in seen:
            more.append((name, value))
        else:
            first[name] = value
            seen.add(name.lower())
    return HttpResponse(status, first, body, tuple(more))
