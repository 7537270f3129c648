"""Authority: the key by which the platform vouches for itself and its nodes, in the data folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sagehen.cluster.authority import certificates
from sagehen.cluster.authority.certificates import Holder
from sagehen.cluster.authority.names import beyond_private
from sagehen.domain.whole_files import write_whole

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
    from cryptography.x509 import Certificate

# Who has the file should not have to think of it again soon; it is made anew in its last third.
_LIFETIME = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key.

    Args:
        certificate_pem: The certificate; the authority's own is not with it.
        key_pem: Its private key, unencrypted.
        expires: When it is good no more.
    """

    certificate_pem: bytes
    key_pem: bytes
    expires: datetime


class Authority:
    """The platform's own certificate authority.

    Its certificate says for which names it speaks: private addresses and names, and those that it was
    asked for besides. Where it is asked for more, it is made anew for the same key; files that clients
    have of it stay good for the names that they were good for.

    Args:
        folder: Where `ca.pem` and `ca.key` (mode 0600) lie.
        now: The world's time, in UTC: what other machines compare certificates with.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._folder = folder
        self._now = now
        self._pair: tuple[Certificate, EllipticCurvePrivateKey] | None = None

    @property
    def certificate_path(self) -> Path:
        """The certificate (PEM), for clients. `ensure` makes it."""
        return self._folder / "ca.pem"

    def ensure(self, names: Sequence[str] = ()) -> bool:
        """Make what is missing, so that it speaks for these names; blocks for some milliseconds.

        Returns:
            Whether the certificate was made anew: clients need the new file for names that were added.

        Raises:
            OSError: The folder cannot be written.
            ValueError: The key is none of ours.
        """
        wanted = set(beyond_private(names))
        key, certificate = self._read_key(), self._read_certificate()
        if key is not None and certificate is not None:
            left = certificate.not_valid_after_utc - self._now()
            if wanted <= (known := _beyond(certificate)) and left > _LIFETIME / 3:
                self._pair = certificate, key
                return False
            wanted |= known
        if key is None:
            key = certificates.new_key()
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self._folder / "ca.key", certificates.private_pem(key))
        made = certificates.authority_certificate(key, sorted(wanted), self._now(), _LIFETIME)
        write_whole(self.certificate_path, certificates.certificate_pem(made), 0o644)
        self._pair = made, key
        return True

    def issue(self, holder: Holder, lifetime: timedelta) -> Issued:
        """Make a key and vouch for it."""
        key = certificates.new_key()
        certificate = self.vouch(key.public_key(), holder, lifetime)
        return Issued(
            certificates.certificate_pem(certificate),
            certificates.private_pem(key),
            certificate.not_valid_after_utc,
        )

    def vouch(self, public_key: EllipticCurvePublicKey, holder: Holder, lifetime: timedelta) -> Certificate:
        """Return a certificate for somebody's public key; `ensure` comes first."""
        certificate, key = self._loaded()
        return certificates.signed_certificate(certificate, key, public_key, holder, self._now(), lifetime)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, for people to compare."""
        return certificates.fingerprint(self._loaded()[0])

    @property
    def pin(self) -> str:
        """What join tokens say of its key; the same as long as the key is."""
        return certificates.pin(self._loaded()[0])

    def _loaded(self) -> tuple[Certificate, EllipticCurvePrivateKey]:
        if self._pair is None:
            self.ensure()
        assert self._pair is not None
        return self._pair

    def _read_key(self) -> EllipticCurvePrivateKey | None:
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        path = self._folder / "ca.key"
        if not path.exists():
            return None
        key = load_pem_private_key(path.read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{path} is not an elliptic curve key")
        return key

    def _read_certificate(self) -> Certificate | None:
        from cryptography import x509

        path = self.certificate_path
        return x509.load_pem_x509_certificate(path.read_bytes()) if path.exists() else None


def _beyond(certificate: Certificate) -> set[str]:
    """Return for which names a certificate of ours speaks besides private ones."""
    from cryptography import x509

    constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    # What a private network begins with is a private address itself, so that it falls out below.
    return set(
        beyond_private(str(each.value).partition("/")[0] for each in constraints.permitted_subtrees or ())
    )
