"""A JSON document of another machine's, read once within bounds: for issuers and their keys."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import h11

from sagehen.domain.addresses import address_of
from sagehen.domain.metadata_services import is_metadata_service
from sagehen.domain.timeouts import timeout
from sagehen.services.iam.federation.oidc_providers import is_usable_url

# Of everything: the name, the connection, the handshake, the headers and the body.
TIMEOUT_S = 5.0
# Discovery documents and sets of keys have a few kB.
_MAX_BYTES = 256 * 1024
_PIECE_BYTES = 64 * 1024


class Unreadable(Exception):
    """There is no such document, or not within the bounds; the message says why."""


async def read_document(url: Any, *, may_be_here: bool) -> tuple[dict[str, Any], bool]:
    """Return the JSON object at a URL, and whether it lies on this machine.

    Redirects are not followed: they could lead anywhere. The address that was looked at is the one
    that is connected to, and no cloud's metadata service is ever asked.

    Args:
        url: Foreign text, or no text at all.
        may_be_here: Whether this machine's loopback may be asked.

    Raises:
        Unreadable
    """
    if not isinstance(url, str) or not is_usable_url(url):
        raise Unreadable("not a URL of an issuer")
    try:
        async with timeout(TIMEOUT_S):
            return await _read(url, may_be_here)
    except TimeoutError:
        raise Unreadable(f"no answer within {TIMEOUT_S:.0f} s") from None
    except (OSError, UnicodeError, ValueError, RecursionError, h11.ProtocolError) as error:
        raise Unreadable(str(error)) from error


async def _read(url: str, may_be_here: bool) -> tuple[dict[str, Any], bool]:
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [address_of(str(each[4][0])) for each in found]
    here = any(ip.is_loopback or ip.is_unspecified for ip in addresses)
    if any(is_metadata_service(ip) or ip.is_multicast for ip in addresses):
        raise Unreadable("link-local and multicast addresses are closed")
    if here and not may_be_here:
        raise Unreadable("this machine is not asked on behalf of another")
    tls: dict[str, Any] = {}
    if secure:
        import ssl

        tls = {"ssl": await asyncio.to_thread(ssl.create_default_context), "server_hostname": host}
    failure: OSError | None = None
    for each in found:
        try:
            reader, writer = await asyncio.open_connection(
                str(each[4][0]), port, family=each[0], flags=socket.AI_NUMERICHOST, **tls
            )
        except OSError as error:
            failure = error
            continue
        try:
            return await _ask(reader, writer, parts.netloc, parts.path or "/"), here
        finally:
            writer.transport.abort()
    raise failure or OSError("no address")


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, target: str
) -> dict[str, Any]:
    connection = h11.Connection(h11.CLIENT)
    fields = [("Host", host), ("Accept", "application/json"), ("Connection", "close")]
    writer.write(connection.send(h11.Request(method="GET", target=target, headers=fields)))
    writer.write(connection.send(h11.EndOfMessage()))
    body = bytearray()
    while not isinstance(event := connection.next_event(), h11.EndOfMessage):
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_PIECE_BYTES))
        elif isinstance(event, h11.Response) and event.status_code != 200:
            raise Unreadable(f"it answers {event.status_code}")
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.ConnectionClosed):
            raise Unreadable("it broke off")
        if len(body) > _MAX_BYTES:
            raise Unreadable(f"it is longer than {_MAX_BYTES} bytes")
    document = json.loads(bytes(body))
    if not isinstance(document, dict):
        raise Unreadable("it is no object")
    return document
