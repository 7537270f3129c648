"""The certificates that the door may have: of the platform's own authority, or given by a person."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sagehen.cluster.authority.authority import Authority
from sagehen.cluster.authority.certificates import Holder
from sagehen.gateway.tls.errors import BadCertificate

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

# Ours: whoever steals a key has a month of it. Made anew when a third is left.
_LIFETIME = timedelta(days=30)


class ServerCertificate(Protocol):
    """A certificate as the door uses it."""

    @property
    def context(self) -> ssl.SSLContext:
        """For the next connection."""

    @property
    def names(self) -> frozenset[str]:
        """The host names and addresses that it is for, in lower case."""

    def refresh(self) -> None:
        """Look whether there is a newer one, or make one; blocks, so it is called in a thread.

        Raises:
            BadCertificate: What is there now is of no use; `context` stays as it was.
        """


class OwnCertificate:
    """A certificate by the platform's own authority, renewed while it runs.

    Args:
        authority: Vouches for it.
        names: Addresses and host names, as `authority.names.checked` returns them; the first is for people.
        now: The world's time, in UTC.
    """

    def __init__(
        self,
        authority: Authority,
        names: Sequence[str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._authority = authority
        self._names = tuple(names)
        self._now = now
        self._expires = datetime.min.replace(tzinfo=UTC)
        self._context: ssl.SSLContext | None = None

    @property
    def context(self) -> ssl.SSLContext:
        if self._context is None:
            self.refresh()
        assert self._context is not None
        return self._context

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._names)

    def refresh(self) -> None:
        if self._expires - self._now() > _LIFETIME / 3:
            return
        issued = self._authority.issue(Holder(self._names[0], self._names), _LIFETIME)
        # ssl reads files only; the key lies there for this moment, readable by us alone.
        with tempfile.NamedTemporaryFile(dir=self._authority.certificate_path.parent, suffix=".pem") as file:
            file.write(issued.key_pem + issued.certificate_pem)
            file.flush()
            self._context = _context(Path(file.name), None)
        self._expires = issued.expires


class GivenCertificate:
    """A certificate and its key in files, read again when these change.

    Args:
        certificate: PEM: the certificate first, then those between it and the authority.
        key: PEM, unencrypted.

    Raises:
        BadCertificate: They cannot be used.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = certificate, key
        self._seen = self._stamp()
        self._context, self._names = _read(certificate, key)

    @property
    def context(self) -> ssl.SSLContext:
        return self._context

    @property
    def names(self) -> frozenset[str]:
        return self._names

    def refresh(self) -> None:
        stamp = self._stamp()
        if stamp == self._seen:
            return
        # Two files are not replaced at once: a pair that does not match is looked at again next time.
        self._context, self._names = _read(*self._files)
        self._seen = stamp

    def _stamp(self) -> tuple[tuple[int, int, int], ...]:
        try:
            found = [path.stat() for path in self._files]
        except OSError as error:
            raise BadCertificate(f"{error.filename}: {error.strerror}") from None
        return tuple((each.st_mtime_ns, each.st_ino, each.st_size) for each in found)


def _read(certificate: Path, key: Path) -> tuple[ssl.SSLContext, frozenset[str]]:
    from cryptography import x509

    try:
        content = certificate.read_bytes()
        key.read_bytes()
    except OSError as error:
        raise BadCertificate(f"{error.filename}: {error.strerror}") from None
    try:
        leaf = x509.load_pem_x509_certificate(content)
        names = _names_of(leaf)
    except ValueError:
        raise BadCertificate(f"{certificate}: it is no certificate in PEM") from None
    if leaf.not_valid_after_utc <= datetime.now(UTC):
        raise BadCertificate(f"{certificate}: it has expired on {leaf.not_valid_after_utc:%Y-%m-%d}")
    if not names:
        raise BadCertificate(f"{certificate}: it names no host and no address (subjectAltName)")
    return _context(certificate, key), names


def _names_of(certificate: Certificate) -> frozenset[str]:
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    names = [name.lower() for name in found.get_values_for_type(x509.DNSName)]
    return frozenset(names) | {str(address) for address in found.get_values_for_type(x509.IPAddress)}


def _context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(["http/1.1"])

    def no_password() -> str:  # OpenSSL would ask the terminal
        raise BadCertificate(f"{key}: it is encrypted; the platform has nobody to ask for its password")

    try:
        context.load_cert_chain(certificate, key, no_password)
    except ssl.SSLError as error:
        raise BadCertificate(f"{key} is not the key of {certificate} ({error.reason or error})") from None
    return context
