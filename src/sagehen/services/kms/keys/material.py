"""Material: the secret behind a key, made by `cryptography`. Slow for RSA: not for the event loop."""

from __future__ import annotations

import os
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sagehen.services.kms.keys.specs import MAC_BYTES, RSA_BITS, SYMMETRIC

# AES-256.
SYMMETRIC_BYTES = 32
CURVE_CLASSES: dict[str, Any] = {
    "ECC_NIST_P256": ec.SECP256R1,
    "ECC_NIST_P384": ec.SECP384R1,
    "ECC_NIST_P521": ec.SECP521R1,
    "ECC_SECG_P256K1": ec.SECP256K1,
}


def new_material(spec: str) -> bytes:
    """Return new material: the bytes of a symmetric key or code, a private key as PKCS #8 DER."""
    if spec == SYMMETRIC:
        return os.urandom(SYMMETRIC_BYTES)
    if spec in MAC_BYTES:
        return os.urandom(MAC_BYTES[spec])
    if spec in RSA_BITS:
        return private_der(rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS[spec]))
    return private_der(ec.generate_private_key(CURVE_CLASSES[spec]()))


def private_der(private_key: Any) -> bytes:
    der: bytes = private_key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return der


def private_key(material: bytes) -> Any:
    """Return the private key of an asymmetric key's material."""
    return serialization.load_der_private_key(material, None)


def public_der(material: bytes) -> bytes:
    """Return the public half as SubjectPublicKeyInfo DER."""
    der: bytes = (
        private_key(material)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return der
