"""Tokens of IMDSv2: nothing is kept of them, so that nobody can fill a memory with them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

MOST_S = 21600
_SIGNED = struct.Struct("!d16s")


class Tokens:
    """One machine's. They do not outlive this object."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def make(self, ttl_s: int, now_s: float) -> str:
        """Return one that is good for so long."""
        signed = _SIGNED.pack(now_s + ttl_s, secrets.token_bytes(16))
        return base64.urlsafe_b64encode(signed + self._mac(signed)).decode()

    def left_s(self, token: str, now_s: float) -> int:
        """Return how long one is good yet; 0 for what is none."""
        try:
            content = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return 0
        signed, mac = content[: _SIGNED.size], content[_SIGNED.size :]
        if len(signed) != _SIGNED.size or not hmac.compare_digest(mac, self._mac(signed)):
            return 0
        return max(0, int(_SIGNED.unpack(signed)[0] - now_s))

    def _mac(self, signed: bytes) -> bytes:
        return hmac.digest(self._key, signed, hashlib.sha256)


def ttl_of(text: str | None) -> int | None:
    """Return the seconds that a request asks for; None where it may not."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 5:
        return None
    return int(text) if 1 <= int(text) <= MOST_S else None
