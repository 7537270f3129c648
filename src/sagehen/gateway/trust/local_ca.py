"""The local certificate authority of the proxy door: it vouches for AWS's names on this machine only.

Its key never leaves the data folder (mode 0600). Clients trust it through AWS_CA_BUNDLE for one shell;
nothing is installed system-wide.
"""

from __future__ import annotations

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sagehen.domain.whole_files import write_whole
from sagehen.protocol.identification.host_names import (
    AWS_DOMAINS,
    FUNCTION_URL_DOMAIN,
    NOTEBOOK_DOMAIN,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate

_CA_DAYS = 3650  # ours: nobody should have to think of it again
_LEAF_DAYS = 397  # what clients accept at most (398: CA/Browser Forum, Baseline Requirements 6.3.2)
_CONTEXTS_HELD = 256
DOMAINS = (*AWS_DOMAINS, FUNCTION_URL_DOMAIN, NOTEBOOK_DOMAIN)


class LocalCa:
    """Makes certificates on the fly. `cryptography` is imported on first use: start-up stays fast.

    Args:
        folder: Where `ca.pem` and `ca.key` live; made on first use.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pair: tuple[Certificate, EllipticCurvePrivateKey] | None = None
        self._contexts: dict[str, ssl.SSLContext] = {}

    @property
    def certificate_path(self) -> Path:
        """The CA's certificate (PEM), for AWS_CA_BUNDLE. `ensure` makes it."""
        return self._folder / "ca.pem"

    def ensure(self) -> None:
        """Make the CA if there is none. Blocks for some milliseconds; costs nothing once it exists."""
        certificate = self.certificate_path
        if not certificate.exists() or not (self._folder / "ca.key").exists():
            self._load()
        elif not _speaks_for_all(certificate.read_text()):
            # Made before some of the domains: who trusts the file trusts the new one as well.
            self._pair = self._make()
            self._contexts.clear()

    def context(self, host: str) -> ssl.SSLContext:
        """Return a server's TLS context for `host`. Blocks for some milliseconds on a new host."""
        found = self._contexts.get(host)
        if found is None:
            if len(self._contexts) >= _CONTEXTS_HELD:
                self._contexts.clear()
            found = self._contexts[host] = self._make_context(host)
        return found

    def _load(self) -> tuple[Certificate, EllipticCurvePrivateKey]:
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        if self._pair is None:
            key_path = self._folder / "ca.key"
            if self.certificate_path.exists() and key_path.exists():
                key = load_pem_private_key(key_path.read_bytes(), None)
                if not isinstance(key, ec.EllipticCurvePrivateKey):
                    raise ValueError(f"{key_path} is not an elliptic curve key")
                self._pair = x509.load_pem_x509_certificate(self.certificate_path.read_bytes()), key
            else:
                self._pair = self._make()
        return self._pair

    def _make(self) -> tuple[Certificate, EllipticCurvePrivateKey]:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding

        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [x509.NameAttribute(x509.NameOID.COMMON_NAME, "Sagehen local CA (this machine only)")]
        )
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip
        certificate = (
            _builder(name, name, key.public_key(), _CA_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            # Even where somebody trusts it by mistake, it can speak for AWS's names only.
            .add_extension(
                x509.NameConstraints([x509.DNSName(domain) for domain in DOMAINS], None), critical=True
            )
            .sign(key, hashes.SHA256())
        )
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # The key first: a certificate without its key would look complete.
        write_whole(self._folder / "ca.key", _private_pem(key))
        write_whole(self.certificate_path, certificate.public_bytes(Encoding.PEM), 0o644)
        return certificate, key

    def _make_context(self, host: str) -> ssl.SSLContext:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding
        from cryptography.x509.oid import ExtendedKeyUsageOID

        authority, authority_key = self._load()
        key = ec.generate_private_key(ec.SECP256R1())
        # The common name holds 64 characters at most; clients read the alternative name.
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host[:64])])
        certificate = (
            _builder(subject, authority.subject, key.public_key(), _LEAF_DAYS)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
            )
            .sign(authority_key, hashes.SHA256())
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        # ssl reads files only; the leaf's key lives on disk for this moment, readable by us alone.
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".pem") as file:
            file.write(_private_pem(key) + certificate.public_bytes(Encoding.PEM))
            file.flush()
            context.load_cert_chain(file.name)
        return context


def _speaks_for_all(pem: str) -> bool:
    """Tell whether a certificate's constraints name all of the domains; they stand in it as plain text."""
    try:
        der = ssl.PEM_cert_to_DER_cert(pem)
    except ValueError:
        return True  # none of ours: whoever put it there knows why
    return all(domain.encode() in der for domain in DOMAINS)


def _builder(subject, issuer, public_key, days: int):  # type: ignore[no-untyped-def]
    from cryptography import x509

    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks of sandboxes and hosts differ a little
        .not_valid_after(now + timedelta(days=days))
    )


def _private_pem(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
