"""Signs identity documents with a key of this platform's: not AWS's, whose certificates do not match it."""

from __future__ import annotations

import base64
import datetime
import os
import threading
from pathlib import Path
from typing import Any


class Signer:
    """Makes its key and certificate at first use. Blocking.

    Args:
        file: Holds both, as PEM; made where there is none.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    def signature(self, document: bytes) -> str:
        """Return the base64 of an RSA signature of its SHA-256."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        key, _ = self._pair()
        return _lines(key.sign(document, padding.PKCS1v15(), hashes.SHA256()))

    def pkcs7(self, document: bytes) -> str:
        """Return the base64 of a PKCS #7 signature that holds the document."""
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.serialization import pkcs7

        key, certificate = self._pair()
        builder = pkcs7.PKCS7SignatureBuilder().set_data(document)
        builder = builder.add_signer(certificate, key, hashes.SHA256())
        return _lines(builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary]))

    def _pair(self) -> tuple[Any, Any]:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.x509.oid import NameOID

        with self._lock:
            if not self._file.exists():
                key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
                name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sagehen instance identity")])
                now = datetime.datetime.now(datetime.UTC)
                builder = x509.CertificateBuilder(
                    issuer_name=name,
                    subject_name=name,
                    public_key=key.public_key(),
                    serial_number=x509.random_serial_number(),
                    not_valid_before=now - datetime.timedelta(days=1),
                    not_valid_after=now + datetime.timedelta(days=3650),
                )
                certificate = builder.sign(key, hashes.SHA256())
                content = key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                ) + certificate.public_bytes(serialization.Encoding.PEM)
                self._file.parent.mkdir(parents=True, exist_ok=True)
                partial = self._file.with_suffix(".partial")
                partial.unlink(missing_ok=True)
                with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(content)
                partial.rename(self._file)
            content = self._file.read_bytes()
        return serialization.load_pem_private_key(content, None), x509.load_pem_x509_certificate(content)


def _lines(content: bytes) -> str:
    text = base64.b64encode(content).decode()
    return "\n".join(text[start : start + 64] for start in range(0, len(text), 64))
