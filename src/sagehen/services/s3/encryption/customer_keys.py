"""Customer keys (SSE-C): read from a request's headers, never stored.

An object keeps a salt and a verifier, both useless without the key; what encrypts it is derived from
key and salt.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html; AWS wants
TLS for these requests, which on one's own machine would only be in the way: plain HTTP is taken.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import Any

from sagehen.services.s3.contents.ciphers import KEY_BYTES, ContentCipher, derived
from sagehen.services.s3.encryption.errors import InvalidEncryptionAlgorithmError, bad_key

# The one that S3 has for customers' keys.
ALGORITHM = "AES256"
# The words are those that other implementations of S3 took over from AWS.
_NEEDED = "Requests specifying Server Side Encryption with Customer provided keys must provide "
_SALT_BYTES = 16
_OF_THE_OBJECT = ("SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5")
_OF_THE_SOURCE = tuple(f"CopySource{member}" for member in _OF_THE_OBJECT)


def customer_key(request: Mapping[str, Any], prefix: str = "") -> bytes | None:
    """Return the key that a request brings along, checked in AWS's order; None where it brings none.

    Args:
        prefix: `CopySource` for the key of a copy's source.

    Raises:
        InvalidArgument: A part of it is missing, it has not 32 bytes, or its MD5 is another.
        InvalidEncryptionAlgorithmError: It is for another cipher.
    """
    named = _OF_THE_SOURCE if prefix else _OF_THE_OBJECT
    algorithm, key, md5 = request.get(named[0]), request.get(named[1]), request.get(named[2])
    if algorithm is None and key is None and md5 is None:
        return None
    if not algorithm:
        raise bad_key(f"{_NEEDED}a valid encryption algorithm.")
    if not key:
        raise bad_key(f"{_NEEDED}an appropriate secret key.")
    if not md5:
        raise bad_key(f"{_NEEDED}the client calculated MD5 of the secret key.")
    if algorithm != ALGORITHM:
        raise InvalidEncryptionAlgorithmError(algorithm)
    if not prefix and request.get("ServerSideEncryption"):
        raise bad_key(
            "Server Side Encryption with Customer provided key is incompatible with the encryption method "
            "specified",
            request["ServerSideEncryption"],
        )
    # A key that is none is told before one that is another (from memory).
    try:
        secret = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise bad_key("The secret key was invalid for the specified algorithm.")
    found = base64.b64encode(hashlib.md5(secret, usedforsecurity=False).digest())
    if not hmac.compare_digest(found, md5.encode()):
        raise bad_key("The calculated MD5 hash of the key did not match the hash that was provided.")
    return secret


def shown_key(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what answers say of the key that a request brought along."""
    if request.get("SSECustomerKey") is None:
        return {}
    return {"SSECustomerAlgorithm": ALGORITHM, "SSECustomerKeyMD5": request["SSECustomerKeyMD5"]}


def new_sealing(secret: bytes) -> dict[str, str]:
    """Return what an object keeps of its customer's key."""
    salt = os.urandom(_SALT_BYTES)
    return {"Salt": salt.hex(), "Verifier": derived(secret, salt, "customer verifier").hex()}


def is_the_key(sealing: Mapping[str, str], secret: bytes) -> bool:
    """Tell whether it is the key that an object was stored with, in constant time."""
    found = derived(secret, bytes.fromhex(sealing["Salt"]), "customer verifier").hex()
    return hmac.compare_digest(found, sealing["Verifier"])


def cipher_of(sealing: Mapping[str, str], secret: bytes) -> ContentCipher:
    """Return the cipher of an object's bytes; `secret` is not looked at: ask `is_the_key` first."""
    return ContentCipher((derived(secret, bytes.fromhex(sealing["Salt"]), "customer content"),))
