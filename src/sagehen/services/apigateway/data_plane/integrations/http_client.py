"""A small HTTP/1.1 client for HTTP integrations: one request, one connection, bounded.

Loopback is open: APIs of this machine's owner may well stand before servers of the same machine, and
before the platform itself (another API, a public object). What the platform's door grants to its own
machine beyond that is kept from integrations by `own_connections`. Link-local addresses (where clouds
keep credentials), multicast and unspecified ones are closed; to code in sandboxes, which must not
reach this machine or its network, all but public addresses of others are.

Redirects are not followed: they go to the client, as AWS passes them on.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

import httptools

from sagehen.domain.addresses import address_of, is_own_address
from sagehen.domain.metadata_services import is_metadata_service
from sagehen.services.apigateway.data_plane.integrations.own_connections import OwnConnections
from sagehen.services.apigateway.data_plane.messages.message import MAX_BODY_BYTES

_MAX_HEADER_BYTES = 64 * 1024
# What this client says about its own connection and body. A mapping that could say it too could hide a
# second request in its body.
_OWN_HEADERS = frozenset(("host", "connection", "content-length", "transfer-encoding", "te"))


class HttpFailed(Exception):
    """The backend could not be reached or did not speak HTTP. The message goes to the log."""


@dataclass(slots=True)
class HttpAnswer:
    """A backend's answer; header names as it spelled them."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


class _Reader:
    """httptools' callbacks."""

    def __init__(self) -> None:
        self.answer = HttpAnswer()
        self.done = False
        self.size = 0
        self._head_bytes = 0
        self._has_head = False
        self._pieces: list[bytes] = []
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        self._parser.feed_data(data)
        if not self._has_head:  # the parser itself would gather a header without end
            self._head_bytes += len(data)
            if self._head_bytes > _MAX_HEADER_BYTES:
                raise HttpFailed("the answer's headers are too large")

    def on_header(self, name: bytes, value: bytes) -> None:
        self.size += len(name) + len(value)
        if self.size > _MAX_HEADER_BYTES:
            raise HttpFailed("the answer's headers are too large")
        self.answer.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        self.size = 0
        self._has_head = True

    def on_body(self, body: bytes) -> None:
        self.size += len(body)
        if self.size > MAX_BODY_BYTES:
            raise HttpFailed("the answer is larger than 10 MB")
        self._pieces.append(body)

    def on_message_complete(self) -> None:
        self.answer.status = self._parser.get_status_code()
        if self.answer.status < 200:  # 100 Continue announces the answer proper
            self.answer = HttpAnswer()
            return
        self.finish()

    def finish(self) -> None:
        self.answer.status = self._parser.get_status_code()
        self.answer.body = b"".join(self._pieces)
        self.done = True


async def send(
    method: str,
    url: str,
    headers: list[tuple[str, str]],
    body: bytes,
    *,
    own: OwnConnections,
    verify: bool = True,
    public_only: bool = False,
) -> HttpAnswer:
    """Send one request and read its answer. Time is the caller's to limit.

    Args:
        method: Upper case.
        url: Absolute, http or https, encoded.
        headers: A Host among them replaces the URL's; those about the connection and the body's
            length are left out.
        own: Told of the connection before anything is sent.
        verify: Whether the certificate is checked.
        public_only: Close loopback and private addresses too.

    Raises:
        HttpFailed: The URL is bad, nobody answers, or the answer is no HTTP.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise HttpFailed("Invalid endpoint address") from None
    if parts.scheme not in ("http", "https") or not host or any(ord(char) <= 32 for char in url):
        raise HttpFailed("Invalid endpoint address")
    context = await asyncio.to_thread(_context, verify) if parts.scheme == "https" else None
    try:
        address = await resolve(host, port, public_only=public_only)
        reader, writer = await asyncio.open_connection(
            address, port, ssl=context, server_hostname=host if context else None
        )
    except OSError as error:
        raise HttpFailed(f"Network error communicating with endpoint: {error}") from None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with own.while_open(writer.get_extra_info("sockname")):
            writer.write(_head(method, target, parts.netloc.rpartition("@")[2], headers, len(body)) + body)
            return await _read(reader, method)
    except (OSError, httptools.HttpParserError) as error:
        raise HttpFailed(f"Network error communicating with endpoint: {error}") from None
    finally:
        writer.close()


async def _read(reader: asyncio.StreamReader, method: str) -> HttpAnswer:
    parser = _Reader()
    while not parser.done:
        data = await reader.read(65536)
        if not data:
            # Without a length the end of the stream is the end of the body.
            if not parser.answer.headers and not parser.size:
                raise HttpFailed("the endpoint closed the connection without an answer")
            parser.finish()
            break
        try:
            parser.feed(data)
        except httptools.HttpParserCallbackError as error:
            raise HttpFailed(str(error.__context__ or error)) from None
        if method == "HEAD" and parser.answer.headers and data.endswith(b"\r\n\r\n"):
            parser.finish()
    return parser.answer


def _head(method: str, target: str, host: str, headers: list[tuple[str, str]], length: int) -> bytes:
    host = next((value for name, value in headers if name.lower() == "host"), host)
    lines = [f"{method} {target} HTTP/1.1", "Connection: close"]
    kept = [pair for pair in headers if pair[0].strip().lower() not in _OWN_HEADERS]
    for name, value in [("Host", host), *kept]:
        if not any(ord(character) < 32 and character != "\t" for character in name + value):
            lines.append(f"{name}: {value}")
    if length or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")


async def resolve(host: str, port: int, *, public_only: bool = False) -> str:
    """Return an address that may be connected to: the one that was checked, not the name again.

    Raises:
        HttpFailed: All addresses of the host are closed.
        OSError: It has none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, address in found:
        ip = address_of(str(address[0]))
        if is_metadata_service(ip) or ip.is_multicast or ip.is_unspecified:
            continue
        # A machine in a data centre may well have a public address, with all its ports behind it.
        if public_only and (not ip.is_global or is_own_address(ip)):
            continue
        return str(address[0])
    raise HttpFailed("Invalid endpoint address: it is closed to integrations")


@lru_cache(maxsize=2)
def _context(verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
