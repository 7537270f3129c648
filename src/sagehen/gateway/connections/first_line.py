"""What the first bytes of a connection say: an ordinary request, or one to a proxy."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from sagehen.protocol.identification.host_names import (
    aws_prefix,
    function_url_labels,
    notebook_labels,
    tracking_labels,
)


@dataclass(frozen=True, slots=True)
class ProxyRequest:
    """A request to the front door as a proxy.

    Args:
        tunnel: True for CONNECT, False for `GET http://…`.
        host: Lower case, without brackets.
        port: Where it wants to go.
        head: Bytes to send to that host first: nothing for a tunnel.
        rest: What the client sent behind the head.
        user_agent: What the client calls itself; empty where it does not say.
    """

    tunnel: bool
    host: str
    port: int
    head: bytes
    rest: bytes
    user_agent: str = ""

    @property
    def is_aws(self) -> bool:
        read = (aws_prefix, function_url_labels, notebook_labels, tracking_labels)
        return any(labels(self.host) is not None for labels in read)


class BadProxyRequest(Exception):
    """The head is no valid proxy request."""


def is_proxy_request(data: bytes) -> bool | None:
    """Judge the first bytes; None while there are too few."""
    method, space, target = data[:16384].partition(b" ")
    if not space:
        return None if len(data) < 32 and b"\n" not in data else False
    if method == b"CONNECT":
        return True
    if target.startswith(b"/") or len(target) >= 8:
        return target[:7].lower() == b"http://"
    return None if b"\n" not in target else False


def read_proxy_request(data: bytes) -> ProxyRequest | None:
    """Read the head of a proxy request; None while it is incomplete.

    Raises:
        BadProxyRequest: It is malformed.
    """
    head, blank, rest = data.partition(b"\r\n\r\n")
    if not blank:
        return None
    line, *fields = head.split(b"\r\n")
    parts = line.split(b" ")
    if len(parts) != 3:
        raise BadProxyRequest
    method, target, version = parts
    try:
        if method == b"CONNECT":
            address = urlsplit(f"//{target.decode('ascii')}")
            if not address.hostname or not address.port:
                raise BadProxyRequest
            host = address.hostname.lower().rstrip(".")
            return ProxyRequest(True, host, address.port, b"", rest, _user_agent(fields))
        url = urlsplit(target.decode("ascii"))
        port = url.port or 80
    except ValueError as error:
        raise BadProxyRequest from error
    if not url.hostname:
        raise BadProxyRequest
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    # The next request of this connection may be for another host: ask the server to end it here.
    kept = [
        field
        for field in fields
        if field.partition(b":")[0].strip().lower()
        not in (b"connection", b"proxy-connection", b"proxy-authorization", b"keep-alive")
    ]
    origin = b"\r\n".join(
        [b" ".join((method, path.encode(), version)), *kept, b"Connection: close", b"", b""]
    )
    return ProxyRequest(False, url.hostname.lower().rstrip("."), port, origin, rest)


def _user_agent(fields: list[bytes]) -> str:
    for field in fields:
        name, _, value = field.partition(b":")
        if name.strip().lower() == b"user-agent":
            return value.strip().decode("latin-1")
    return ""
