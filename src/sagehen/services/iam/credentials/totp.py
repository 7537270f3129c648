"""Time-based one-time passwords as authenticator apps make them. Pure.

Source: RFC 6238, with AWS's choice of 30 s steps, SHA-1 and six digits.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct

STEP_S = 30
DIGITS = 6


def code_at(seed: str, step: int) -> str:
    """Return the six digits of a step (seconds since the epoch / 30) for a base32 seed."""
    key = base64.b32decode(seed + "=" * (-len(seed) % 8))
    digest = hmac.digest(key, struct.pack(">Q", step), hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def find_step(seed: str, code: str, around: int, reach: int, *, after: int = -1) -> int | None:
    """Return the step at most `reach` away from `around`, and later than `after`, that has this code.

    The nearest comes first; every candidate is compared in constant time.
    """
    for step in sorted(range(around - reach, around + reach + 1), key=lambda step: abs(step - around)):
        if step > max(after, -1) and hmac.compare_digest(code_at(seed, step), code):
            return step
    return None


def find_pair(seed: str, first: str, second: str, around: int, reach: int) -> int | None:
    """Return the step of `second` if the two codes follow one another, as enabling a device asks for."""
    for step in sorted(range(around - reach, around + reach + 1), key=lambda step: abs(step - around)):
        if step < 1:
            continue
        matches = hmac.compare_digest(code_at(seed, step - 1), first)
        if hmac.compare_digest(code_at(seed, step), second) and matches:
            return step
    return None
