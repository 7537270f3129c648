"""Joining: a machine becomes a node."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from sagehen.cluster.authority import certificates
from sagehen.cluster.authority.requests import request_for
from sagehen.cluster.authority.tokens import Token
from sagehen.cluster.links.contexts import node_context, unproven_context
from sagehen.cluster.links.dialling import dial
from sagehen.cluster.links.identity import NodeIdentity
from sagehen.cluster.streams import StreamRefused, receive_all

_MOST_BYTES = 64 * 1024


class JoinRefused(Exception):
    """The machine has not become a node; the message is shown to the person as it is."""


async def join(host: str, port: int, token: str, folder: Path, *, timeout_s: float = 20.0) -> NodeIdentity:
    """Become a node, and keep that in a folder.

    First the platform is asked for its authority, by a connection that proves nothing; the token says which
    key that has to have. Only then, by a connection that it vouches for, the token is sent.

    Args:
        host: Of the platform.
        port: Of its door for nodes.
        token: As a person typed it.
        folder: Where the identity is kept; one that is there is replaced.
        timeout_s: For each of the two connections.

    Raises:
        BadToken: The text is no token.
        JoinRefused: The platform does not take it, or it is not the platform.
        OSError, TimeoutError: Nobody answers there.
    """
    from cryptography import x509

    read = Token.read(token)
    answer = await _ask(host, port, unproven_context(), "authority", {}, timeout_s, proven=False)
    authority = str(answer.get("authority", ""))
    try:
        pin = certificates.pin(x509.load_pem_x509_certificate(authority.encode("utf-8", "replace")))
    except ValueError:
        raise JoinRefused(f"{host}:{port} is no platform's door for nodes") from None
    if pin != read.pin:
        raise JoinRefused(f"{host}:{port} is not the platform that gave this token: its key is another")
    key = certificates.new_key()
    asked = {"secret": read.secret, "request": request_for(key).decode()}
    answer = await _ask(host, port, node_context(authority), "join", asked, timeout_s)
    try:
        identity = NodeIdentity(
            folder,
            str(answer["name"]),
            str(answer["certificate"]),
            certificates.private_pem(key).decode(),
            authority,
        )
    except KeyError:
        raise JoinRefused(f"{host}:{port} gave no certificate") from None
    identity.write()
    return identity


async def _ask(
    host: str,
    port: int,
    context: ssl.SSLContext,
    kind: str,
    arguments: Mapping[str, Any],
    timeout_s: float,
    *,
    proven: bool = True,
) -> Mapping[str, Any]:
    try:
        link = await dial(host, port, context, {}, timeout_s=timeout_s, proven=proven)
    except ssl.SSLError as error:
        raise JoinRefused(f"{host}:{port} does not speak as a platform: {error.reason or error}") from None
    try:
        stream = await link.open(kind, arguments, timeout_s=timeout_s)
        await stream.finish()
        answer = orjson.loads(await receive_all(stream, _MOST_BYTES))
    except StreamRefused as error:
        raise JoinRefused(str(error)) from None
    except orjson.JSONDecodeError:
        raise JoinRefused(f"{host}:{port} answers no JSON") from None
    finally:
        await link.close()
    if not isinstance(answer, dict):
        raise JoinRefused(f"{host}:{port} answers no object")
    return answer
