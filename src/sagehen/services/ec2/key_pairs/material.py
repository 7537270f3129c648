"""Keys: made, read from what people import, written in the forms that they ask for, and their fingerprints.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html. That an ED25519 key's
fingerprint has its padding and no `SHA256:` is from memory.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)

from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.key_pairs.half import ED25519, RSA, PublicHalf

_RSA_BITS = 2048
# Documented are 1024, 2048 and 4096 for keys that are imported; from memory AWS takes 3072, too, which
# is what ssh-keygen makes.
_FEWEST_BITS, _MOST_BITS = 1024, 4096
# A key of 4096 bits with its comment is far below.
_MOST_BYTES = 16 * 1024
_PUTTY_LINE = 64

PrivateKey = RSAPrivateKey | Ed25519PrivateKey
PublicKey = RSAPublicKey | Ed25519PublicKey


def generate(kind: str) -> PrivateKey:
    """Make a private key; an RSA key takes a processor some 100 ms."""
    if kind == ED25519:
        return Ed25519PrivateKey.generate()
    return generate_private_key(public_exponent=65537, key_size=_RSA_BITS)


def half_of(key: PrivateKey) -> PublicHalf:
    """Return the public half of a key that was made here: an RSA key's fingerprint is of its private half."""
    public = key.public_key()
    if isinstance(key, Ed25519PrivateKey):
        return PublicHalf(ED25519, _line(public), _openssh_fingerprint(public))
    pkcs8 = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # SHA-1 and MD5 are what AWS shows; nothing is decided by them.
    return PublicHalf(RSA, _line(public), _colons(hashlib.sha1(pkcs8, usedforsecurity=False).digest()))


def imported(material: bytes) -> PublicHalf:
    """Read a public key in OpenSSH's form, in RFC 4716's, or as DER in base64 or PEM.

    Raises:
        Ec2Error: `InvalidKey.Format`.
    """
    public = _read(material)
    if isinstance(public, Ed25519PublicKey):
        return PublicHalf(ED25519, _line(public), _openssh_fingerprint(public))
    if not isinstance(public, RSAPublicKey) or not _FEWEST_BITS <= public.key_size <= _MOST_BITS:
        raise _invalid()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return PublicHalf(RSA, _line(public), _colons(hashlib.md5(der, usedforsecurity=False).digest()))


def pem(key: PrivateKey) -> str:
    """Write a private key as AWS does in PEM: RSA in PKCS #1, ED25519 in OpenSSH's form."""
    form = serialization.PrivateFormat.OpenSSH
    if isinstance(key, RSAPrivateKey):
        form = serialization.PrivateFormat.TraditionalOpenSSL
    text = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    # `ssh` reads RSA in PEM without a last newline, but not its own form; programs write this to a file.
    return text.decode().rstrip("\n") if form is not serialization.PrivateFormat.OpenSSH else text.decode()


def ppk(key: PrivateKey, comment: str) -> str:
    """Write a private key for PuTTY: its format 2, which every version reads, without a passphrase.

    Source: https://tartarus.org/~simon/putty-snapshots/htmldoc/AppendixC.html
    """
    public = base64.b64decode(_line(key.public_key()).split()[1])
    if isinstance(key, RSAPrivateKey):
        name = "ssh-rsa"
        numbers = key.private_numbers()
        private = b"".join(map(_mpint, (numbers.d, numbers.p, numbers.q, numbers.iqmp)))
    else:
        name = "ssh-ed25519"
        raw = key.private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        )
        private = _string(raw)
    sealed = b"".join(map(_string, (name.encode(), b"none", comment.encode(), public, private)))
    # PuTTY's own constant; the format demands SHA-1.
    mac_key = hashlib.sha1(b"putty-private-key-file-mac-key", usedforsecurity=False).digest()
    mac = hmac.new(mac_key, sealed, hashlib.sha1).hexdigest()
    return "\r\n".join(
        [
            f"PuTTY-User-Key-File-2: {name}",
            "Encryption: none",
            f"Comment: {comment}",
            *_lines("Public-Lines", public),
            *_lines("Private-Lines", private),
            f"Private-MAC: {mac}",
        ]
    )


def _read(material: bytes) -> object:
    if len(material) > _MOST_BYTES:
        raise _invalid()
    text = material.strip()
    try:
        if text.startswith(b"---- BEGIN SSH2"):
            text = b"ssh-any " + _rfc4716(text)
            blob = base64.b64decode(text.split()[1], validate=True)
            name = blob[4 : 4 + int.from_bytes(blob[:4])]
            text = name + b" " + text.split()[1]
        if text.startswith((b"ssh-", b"ecdsa-")):
            return serialization.load_ssh_public_key(text)
        if text.startswith(b"-----BEGIN"):
            return serialization.load_pem_public_key(text)
        return serialization.load_der_public_key(base64.b64decode(text, validate=True))
    except (ValueError, IndexError, UnsupportedAlgorithm):
        raise _invalid() from None


def _rfc4716(text: bytes) -> bytes:
    """Return the base64 between the headers, which may go on behind a backslash."""
    kept: list[bytes] = []
    continues = False
    for line in text.splitlines()[1:-1]:
        is_header = continues or b":" in line
        continues = is_header and line.endswith(b"\\")
        if not is_header:
            kept.append(line.strip())
    return b"".join(kept)


def _line(public: PublicKey) -> str:
    return public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()


def _openssh_fingerprint(public: PublicKey) -> str:
    blob = base64.b64decode(_line(public).split()[1])
    return base64.b64encode(hashlib.sha256(blob).digest()).decode()


def _colons(digest: bytes) -> str:
    return digest.hex(":")


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _mpint(number: int) -> bytes:
    return _string(number.to_bytes(number.bit_length() // 8 + 1))


def _lines(title: str, data: bytes) -> list[str]:
    text = base64.b64encode(data).decode()
    rows = [text[at : at + _PUTTY_LINE] for at in range(0, len(text), _PUTTY_LINE)]
    return [f"{title}: {len(rows)}", *rows]


def _invalid() -> Ec2Error:
    return Ec2Error("InvalidKey.Format", "Key is not in valid OpenSSH public key format")
