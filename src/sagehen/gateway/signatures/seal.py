"""Seal: what a verified signature promises of the body."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seal:
    """The promise of a verified signature about the body.

    Args:
        content: A SHA-256 in hexadecimal, or one of AWS's words (`UNSIGNED-PAYLOAD`, `STREAMING-…`).
        key: Signing key, for chunk signatures.
        timestamp: Of the request's signature.
        scope: Of the request's signature.
        signature: The request's own: the seed of the chunks' chain.
    """

    content: str
    key: bytes = b""
    timestamp: str = ""
    scope: str = ""
    signature: str = ""

    @property
    def is_hash(self) -> bool:
        return len(self.content) == 64
