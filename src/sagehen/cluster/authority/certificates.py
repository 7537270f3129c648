"""Certificates as they are made: keys, an authority's own, and those that it signs.

`cryptography` is imported on first use: nothing of this costs a platform on loopback its start.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sagehen.cluster.authority.names import PRIVATE_DOMAINS, PRIVATE_NETWORKS, address_in

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
    from cryptography.x509 import Certificate, GeneralName

# Clocks of two machines differ a little; what was made a moment ago must be valid there, too.
_BACKDATED = timedelta(hours=1)
PIN_CHARACTERS = 32
Usage = Literal["server", "client", "both"]


@dataclass(frozen=True, slots=True)
class Holder:
    """To whom a certificate is given.

    Args:
        common_name: For people to read; no client looks at it.
        names: Addresses and host names at which the holder answers.
        uris: Names of programs, by which ends of a link know each other.
        usage: As which end of a connection it is good.
    """

    common_name: str
    names: Sequence[str] = ()
    uris: Sequence[str] = ()
    usage: Usage = "server"


def new_key() -> EllipticCurvePrivateKey:
    """Return a new key (P-256: what every client takes, and quick to sign with)."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def authority_certificate(
    key: EllipticCurvePrivateKey, beyond: Sequence[str] | None, now: datetime, lifetime: timedelta
) -> Certificate:
    """Return an authority's certificate for its own key.

    Args:
        beyond: The names that it speaks for besides private ones; None: nothing is said of names.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Sagehen platform CA")])
    permitted: list[GeneralName] = [
        x509.IPAddress(ipaddress.ip_network(network)) for network in PRIVATE_NETWORKS
    ]
    permitted += [x509.DNSName(domain) for domain in PRIVATE_DOMAINS]
    for each in beyond or ():
        address = address_in(each)
        permitted.append(
            x509.DNSName(each) if address is None else x509.IPAddress(ipaddress.ip_network(address))
        )
    usage = x509.KeyUsage(
        digital_signature=False, key_cert_sign=True, crl_sign=True, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + lifetime)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if beyond is not None:
        builder = builder.add_extension(x509.NameConstraints(permitted, None), critical=True)
    return builder.sign(key, hashes.SHA256())


def signed_certificate(
    authority: Certificate,
    authority_key: EllipticCurvePrivateKey,
    public_key: EllipticCurvePublicKey,
    holder: Holder,
    now: datetime,
    lifetime: timedelta,
) -> Certificate:
    """Return a certificate for somebody's public key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    # A common name holds 64 characters at most.
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, holder.common_name[:64])])
    alternatives: list[GeneralName] = [x509.UniformResourceIdentifier(uri) for uri in holder.uris]
    for each in holder.names:
        address = address_in(each)
        alternatives.append(x509.DNSName(each) if address is None else x509.IPAddress(address))
    uses = {
        "server": [ExtendedKeyUsageOID.SERVER_AUTH],
        "client": [ExtendedKeyUsageOID.CLIENT_AUTH],
        "both": [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH],
    }[holder.usage]
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + lifetime)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )


def private_pem(key: EllipticCurvePrivateKey) -> bytes:
    """Return a key as a file holds it, unencrypted: the file's mode guards it."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def certificate_pem(certificate: Certificate) -> bytes:
    """Return a certificate as a file holds it."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def fingerprint(certificate: Certificate) -> str:
    """Return the SHA-256 of a certificate as browsers and openssl show it."""
    from cryptography.hazmat.primitives import hashes

    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def pin(certificate: Certificate) -> str:
    """Return the first 128 bits of the SHA-256 of a certificate's key: whom a machine may believe."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    digest = hashes.Hash(hashes.SHA256())
    digest.update(certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return digest.finalize().hex()[:PIN_CHARACTERS]
