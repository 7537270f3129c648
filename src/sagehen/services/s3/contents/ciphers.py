"""Ciphers: AES-256 in counter mode, so that a range costs what it holds and no size changes.

Counter mode does not notice changed bytes; who can write to the data folder can write to its records too.
AES-GCM in chunks was the runner-up: it would, at the price of a read of whole chunks for every range.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field

# AES-256's own: its key, its block, and the counter that fills a block.
KEY_BYTES = 32
_BLOCK = 16
_COUNTERS = 2 ** (8 * _BLOCK)


def new_iv() -> bytes:
    """Return where a content's counter begins: 128 random bits, one such for each content of a key."""
    return os.urandom(_BLOCK)


@dataclass(frozen=True, slots=True)
class ContentCipher:
    """The keys of one object: one, or two for the double layer of aws:kms:dsse."""

    keys: tuple[bytes, ...] = field(repr=False)

    def turner(self, iv: bytes, offset: int = 0) -> Callable[[bytes], bytes]:
        """Return what encrypts and decrypts consecutive bytes from `offset` of a content on."""
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        blocks, skipped = divmod(offset, _BLOCK)
        counter = ((int.from_bytes(iv, "big") + blocks) % _COUNTERS).to_bytes(_BLOCK, "big")
        layers = [Cipher(algorithms.AES256(key), modes.CTR(counter)).encryptor() for key in self.keys]
        for layer in layers:
            layer.update(bytes(skipped))

        def turn(data: bytes) -> bytes:
            for layer in layers:
                data = layer.update(data)
            return data

        return turn


def derived(secret: bytes, salt: bytes, purpose: str) -> bytes:
    """Return a key of 32 bytes that tells nothing of `secret` nor of other purposes' keys (HKDF-SHA256)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), KEY_BYTES, salt, f"sagehen s3 {purpose}".encode()).derive(secret)
