"""What is imported: material that a key of KMS's wrapped, taken out and looked at. Not for the event loop.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
"""

from __future__ import annotations

from typing import Any

from sagehen.services.kms.errors import IncorrectKeyMaterialException, InvalidCiphertextException
from sagehen.services.kms.keys.key import Key
from sagehen.services.kms.keys.material import SYMMETRIC_BYTES, checked_private_key, curve
from sagehen.services.kms.keys.specs import CURVES, MAC_BYTES, RSA_BITS, SYMMETRIC

# RSA_AES_KEY_WRAP: an AES key wrapped by RSA, then the material wrapped by that (RFC 5649).
WRAPPINGS = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256")


def unwrapped_material(key: Key, algorithm: str, private: Any, wrapped: bytes) -> bytes:
    """Return the material that was wrapped, if it is what the key's spec needs.

    Raises:
        InvalidCiphertextException, IncorrectKeyMaterialException.
    """
    try:
        secret = _unwrapped(algorithm, private, wrapped)
    except ValueError:
        raise InvalidCiphertextException from None
    _check(key, secret)
    return secret


def _check(key: Key, secret: bytes) -> None:
    """Check that material is what the key's spec needs.

    Raises:
        IncorrectKeyMaterialException.
    """
    wanted = SYMMETRIC_BYTES if key.spec == SYMMETRIC else MAC_BYTES.get(key.spec)
    if wanted is not None:
        if len(secret) != wanted:
            raise IncorrectKeyMaterialException(f"The key material must have {wanted} bytes.")
        return
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        private = checked_private_key(secret)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise IncorrectKeyMaterialException("The key material is no private key in PKCS #8.") from None
    name = getattr(getattr(private, "curve", None), "name", None)
    fits = getattr(private, "key_size", None) == RSA_BITS.get(key.spec) if key.spec in RSA_BITS else False
    if key.spec in CURVES:
        fits = name == curve(key.spec).name
    if not fits:
        raise IncorrectKeyMaterialException(f"The key material is not of spec {key.spec}.")


def _unwrapped(algorithm: str, private: Any, wrapped: bytes) -> bytes:
    """Return the material that was wrapped.

    Raises:
        ValueError: It was not, or not so.
    """
    from cryptography.hazmat.primitives import hashes, keywrap
    from cryptography.hazmat.primitives.asymmetric import padding

    # SHA-1 is AWS's own choice of algorithms.
    digest: Any = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()  # noqa: S303
    oaep = padding.OAEP(padding.MGF1(digest), digest, None)
    if algorithm.startswith("RSAES"):
        plain: bytes = private.decrypt(wrapped, oaep)
        return plain
    size = private.key_size // 8
    try:
        return keywrap.aes_key_unwrap_with_padding(private.decrypt(wrapped[:size], oaep), wrapped[size:])
    except keywrap.InvalidUnwrap:
        raise ValueError("not wrapped by that key") from None
