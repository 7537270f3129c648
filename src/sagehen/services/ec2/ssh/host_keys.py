"""HostKeys: what machines show to prove that they are themselves.

A key follows from a secret of the platform and the machine's id: it is the same after stop and start, and a
terminated machine leaves none behind.
"""

from __future__ import annotations

import base64
import hashlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

# Loaded by the first key: a platform without machines starts without it.
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_SECRET_BYTES = 32


class HostKeys:
    """ED25519 keys of machines.

    Args:
        secret: The file of the platform's secret; made, for its owner alone, where there is none.
    """

    def __init__(self, secret: Path) -> None:
        self._path = secret
        self._secret = b""
        # Machines that are launched together ask from threads: the first secret is everybody's.
        self._reading = threading.Lock()

    def private(self, instance_id: str) -> bytes:
        """Return a machine's private key in OpenSSH's form. Blocks shortly."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        return self._key(instance_id).private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())

    def public(self, instance_id: str) -> str:
        """Return its public half, as a line of known_hosts has it."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        public = self._key(instance_id).public_key()
        return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()

    def told(self, instance_id: str) -> bytes:
        """Return what cloud-init prints on the console, by which people recognize the machine."""
        line = self.public(instance_id)
        digest = hashlib.sha256(base64.b64decode(line.split()[1])).digest()
        fingerprint = base64.b64encode(digest).decode().rstrip("=")
        return (
            "-----BEGIN SSH HOST KEY FINGERPRINTS-----\r\n"
            f"256 SHA256:{fingerprint} {instance_id} (ED25519)\r\n"
            "-----END SSH HOST KEY FINGERPRINTS-----\r\n"
            "-----BEGIN SSH HOST KEY KEYS-----\r\n"
            f"{line} {instance_id}\r\n"
            "-----END SSH HOST KEY KEYS-----\r\n"
        ).encode()

    def _key(self, instance_id: str) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        with self._reading:
            if not self._secret:
                self._secret = self._read()
        seed = HKDF(SHA256(), 32, salt=None, info=f"host key of {instance_id}".encode()).derive(self._secret)
        return Ed25519PrivateKey.from_private_bytes(seed)

    def _read(self) -> bytes:
        try:
            secret = self._path.read_bytes()
            if len(secret) == _SECRET_BYTES:
                return secret
        except FileNotFoundError:
            pass
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        secret = os.urandom(_SECRET_BYTES)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        return secret
