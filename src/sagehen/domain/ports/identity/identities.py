"""Identities: whom an access key proves. Between the front door and IAM."""

from __future__ import annotations

from typing import Protocol

from sagehen.domain.identity import SigningKey


class Identities(Protocol):
    """Finds whom an access key proves; the front door verifies the signature."""

    def signing_key(self, access_key_id: str) -> SigningKey | None:
        """Return the key, or None where there is none of that id. Synchronous: memory or one read."""
        ...
