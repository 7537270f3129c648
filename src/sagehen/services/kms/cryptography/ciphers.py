"""Ciphers: what one key encrypts and decrypts, symmetric or RSA. Pure but for the records that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.kms.cryptography import ciphertext
from sagehen.services.kms.errors import (
    IncorrectKeyException,
    InvalidCiphertextException,
    InvalidKeyUsageException,
)
from sagehen.services.kms.keys.key import Key
from sagehen.services.kms.keys.material import private_key
from sagehen.services.kms.keys.records import KeyRecords
from sagehen.services.kms.keys.specs import SYMMETRIC, algorithms


def require_algorithm(key: Key, algorithm: str) -> str:
    """Check that a key knows an algorithm.

    Raises:
        InvalidKeyUsageException.
    """
    # From memory. Recorded of codes: `Algorithm … is incompatible with key spec …`.
    if algorithm not in algorithms(key.spec, key.usage):
        raise InvalidKeyUsageException(f"Algorithm {algorithm} and key spec {key.spec} are incompatible.")
    return algorithm


class Ciphers:
    """Encrypts and decrypts with keys that were found, allowed and enabled."""

    def __init__(self, records: KeyRecords) -> None:
        self._records = records

    def secret(self, key: Key) -> bytes:
        """Return a key's current material."""
        found = self._records.material(key.material_id or "")
        assert found is not None, "an enabled key has material"
        return found[1].secret

    def encrypt(self, key: Key, plaintext: bytes, context: Mapping[str, str], algorithm: str) -> bytes:
        """Return the ciphertext.

        Raises:
            InvalidKeyUsageException: The key does not know the algorithm.
            ValidationException: Too much for RSA, or a context where none can be.
        """
        require_algorithm(key, algorithm)
        if key.spec == SYMMETRIC:
            return ciphertext.sealed(key.material_id or "", self.secret(key), plaintext, context)
        _require_no_context(context)
        public = private_key(self.secret(key)).public_key()
        try:
            sealed: bytes = public.encrypt(plaintext, _oaep(algorithm))
        except ValueError:
            # Recorded, with the numbers of every RSA key spec.
            raise ValidationException(
                f"Algorithm {algorithm} and key spec {key.spec} cannot encrypt data larger than "
                f"{_most(public.key_size, algorithm)} bytes."
            ) from None
        return sealed

    def key_of(self, blob: bytes) -> Key:
        """Return the symmetric key that made a ciphertext.

        Raises:
            InvalidCiphertextException.
        """
        found = self._records.material(ciphertext.material_of(blob))
        key = self._records.key(found[0]) if found else None
        if key is None:
            raise InvalidCiphertextException
        return key

    def decrypt(self, key: Key, blob: bytes, context: Mapping[str, str], algorithm: str) -> tuple[bytes, str]:
        """Return (plaintext, id of the material).

        Raises:
            InvalidCiphertextException, IncorrectKeyException, InvalidKeyUsageException.
        """
        require_algorithm(key, algorithm)
        if key.spec != SYMMETRIC:
            _require_no_context(context)
            try:
                plain: bytes = private_key(self.secret(key)).decrypt(blob, _oaep(algorithm))
            except ValueError:
                raise InvalidCiphertextException from None
            return plain, key.material_id or ""
        material_id = ciphertext.material_of(blob)
        found = self._records.material(material_id)
        if found is None:
            raise InvalidCiphertextException
        if found[0] != key.id:
            # Recorded.
            raise IncorrectKeyException(
                "The key ID in the request does not identify a CMK that can perform this operation."
            )
        return ciphertext.opened(found[1].secret, blob, context), material_id


def _require_no_context(context: Mapping[str, Any]) -> None:
    if context:
        raise ValidationException("EncryptionContext is not supported with asymmetric keys.")


def _most(bits: int, algorithm: str) -> int:
    # RFC 8017 section 7.1.1: what OAEP leaves of the modulus: 214 bytes of 2048 bits with SHA-1, as recorded.
    digest = 20 if algorithm.endswith("SHA_1") else 32
    return bits // 8 - 2 * digest - 2


def _oaep(algorithm: str) -> Any:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    # SHA-1 is AWS's own choice of algorithms.
    digest: Any = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()  # noqa: S303
    return padding.OAEP(padding.MGF1(digest), digest, None)
