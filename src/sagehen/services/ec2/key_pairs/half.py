"""PublicHalf: what is kept of a key pair."""

from __future__ import annotations

from dataclasses import dataclass

RSA, ED25519 = "rsa", "ed25519"


@dataclass(frozen=True, slots=True)
class PublicHalf:
    """What is kept of a pair.

    Args:
        type: `rsa` or `ed25519`.
        line: As in `authorized_keys`, without a comment.
        fingerprint: As AWS shows it.
    """

    type: str
    line: str
    fingerprint: str
