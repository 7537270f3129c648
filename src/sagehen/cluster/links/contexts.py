"""TLS contexts of links, and what a peer's certificate says of it."""

from __future__ import annotations

import ssl
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sagehen.cluster.authority.requests import PLATFORM, node_of


def platform_context(authority_pem: str) -> ssl.SSLContext:
    """Return the platform's: a node proves itself, and who has no certificate yet may ask to join."""
    context = _context(ssl.PROTOCOL_TLS_SERVER)
    context.load_verify_locations(cadata=authority_pem)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def node_context(authority_pem: str) -> ssl.SSLContext:
    """Return a node's: the platform proves itself by its authority; its name is no host's (`is_platform`)."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=authority_pem)
    return context


def unproven_context() -> ssl.SSLContext:
    """Return one that believes anybody, to ask for the authority that a token's pin then judges."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def show(context: ssl.SSLContext, certificate_pem: bytes, key_pem: bytes, folder: Path) -> None:
    """Have a context show a certificate; also one that is in use, whose next handshakes then do.

    ssl reads files only: the key lies in `folder` for this moment, readable by us alone.
    """
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".pem") as file:
        file.write(key_pem + certificate_pem)
        file.flush()
        context.load_cert_chain(file.name)


def peer_node(shown: Any) -> tuple[str, datetime] | None:
    """Return which node a verified certificate is, and until when; None where none was shown, or no node's.

    Args:
        shown: As `getpeercert()` returns it.
    """
    names = [node for node in map(node_of, _uris(shown)) if node is not None]
    if len(names) != 1:
        return None
    return names[0], datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)


def is_platform(shown: Any) -> bool:
    """Tell whether a verified certificate is the platform's own."""
    return PLATFORM in _uris(shown)


def _uris(shown: Any) -> list[str]:
    return [value for kind, value in (shown or {}).get("subjectAltName", ()) if kind == "URI"]


def _context(protocol: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["sagehen-link/1"])
    return context
