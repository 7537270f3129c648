"""Ciphertexts of symmetric keys: AES-256-GCM with the encryption context as associated data.

    "SK" 1 | material id (32 bytes) | nonce (12) | ciphertext and tag

As on AWS the key need not be named to decrypt, and what an older material encrypted stays readable.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from sagehen.services.kms.errors import InvalidCiphertextException

# The last byte is the version of the form. NIST SP 800-38D: 96 bits of nonce, 128 of tag.
_MAGIC = b"SK\x01"
_ID_BYTES, _NONCE_BYTES, _TAG_BYTES = 32, 12, 16


def sealed(material_id: str, secret: bytes, plaintext: bytes, context: Mapping[str, str]) -> bytes:
    """Return a ciphertext blob."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    box = AESGCM(secret).encrypt(nonce, plaintext, _associated(context))
    return _MAGIC + bytes.fromhex(material_id) + nonce + box


def material_of(blob: bytes) -> str:
    """Return the id of the material that made a blob.

    Raises:
        InvalidCiphertextException: It is none of ours.
    """
    if len(blob) < len(_MAGIC) + _ID_BYTES + _NONCE_BYTES + _TAG_BYTES or not blob.startswith(_MAGIC):
        raise InvalidCiphertextException
    return blob[len(_MAGIC) : len(_MAGIC) + _ID_BYTES].hex()


def opened(secret: bytes, blob: bytes, context: Mapping[str, str]) -> bytes:
    """Return the plaintext of a blob.

    Raises:
        InvalidCiphertextException: Another key, another context, or a changed byte.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    start = len(_MAGIC) + _ID_BYTES
    try:
        return AESGCM(secret).decrypt(
            blob[start : start + _NONCE_BYTES], blob[start + _NONCE_BYTES :], _associated(context)
        )
    # Recorded: no text says which of the three it was.
    except (InvalidTag, ValueError):
        raise InvalidCiphertextException from None


def _associated(context: Mapping[str, str]) -> bytes:
    return json.dumps(dict(sorted(context.items())), ensure_ascii=True, separators=(",", ":")).encode()
