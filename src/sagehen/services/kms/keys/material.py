"""Material: the secret behind a key, made by `cryptography`. Slow to make for RSA: not for the event loop.

`cryptography` is loaded where it is used, here and in its sibling rooms: most platforms never need a key.
"""

from __future__ import annotations

import os
from typing import Any

from sagehen.services.kms.keys.specs import MAC_BYTES, RSA_BITS, SYMMETRIC

# AES-256.
SYMMETRIC_BYTES = 32
_CURVES = {
    "ECC_NIST_P256": "SECP256R1",
    "ECC_NIST_P384": "SECP384R1",
    "ECC_NIST_P521": "SECP521R1",
    "ECC_SECG_P256K1": "SECP256K1",
}


def curve(spec: str) -> Any:
    """Return the curve of a spec."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return getattr(ec, _CURVES[spec])()


def new_material(spec: str) -> bytes:
    """Return new material: the bytes of a symmetric key or code, a private key as PKCS #8 DER."""
    if spec == SYMMETRIC:
        return os.urandom(SYMMETRIC_BYTES)
    if spec in MAC_BYTES:
        return os.urandom(MAC_BYTES[spec])
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if spec in RSA_BITS:
        return private_der(rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS[spec]))
    return private_der(ec.generate_private_key(curve(spec)))


def private_der(private_key: Any) -> bytes:
    """Return a private key as PKCS #8 DER, the form of stored material; not encrypted."""
    from cryptography.hazmat.primitives import serialization

    der: bytes = private_key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return der


def private_key(material: bytes) -> Any:
    """Return the private key of a key's material, which was checked when it was made or imported.

    Measured for RSA: 0.1 ms; with the check again 63 ms (2,048 bits) to 536 ms (4,096 bits).
    """
    from cryptography.hazmat.primitives import serialization

    return serialization.load_der_private_key(material, None, unsafe_skip_rsa_key_validation=True)


def checked_private_key(material: bytes) -> Any:
    """Return the private key of material that somebody brings along. Not for the event loop.

    Raises:
        ValueError, TypeError, UnsupportedAlgorithm: It is none.
    """
    from cryptography.hazmat.primitives import serialization

    return serialization.load_der_private_key(material, None)


def public_der(material: bytes) -> bytes:
    """Return the public half as SubjectPublicKeyInfo DER."""
    from cryptography.hazmat.primitives import serialization

    der: bytes = (
        private_key(material)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return der
