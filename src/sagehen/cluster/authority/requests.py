"""Certificate signing requests: made by a node for its key, signed by the platform if they are what they
should be."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sagehen.cluster.authority import certificates
from sagehen.cluster.authority.authority import Authority
from sagehen.cluster.authority.certificates import Holder

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

MOST_BYTES = 8 * 1024
# A week, renewed each day: a node that was off over a weekend is still one.
LIFETIME = timedelta(days=7)
PLATFORM = "sagehen://platform"
_NODE = "sagehen://node/"


class BadRequest(ValueError):
    """It is no request that can be signed; the message may be shown to who sent it."""


def node_uri(name: str) -> str:
    """Return the name of a node in certificates."""
    return _NODE + name


def node_of(uri: str) -> str | None:
    """Return which node a name in a certificate is; None where it is none's."""
    return uri.removeprefix(_NODE) if uri.startswith(_NODE) and len(uri) > len(_NODE) else None


def request_for(key: EllipticCurvePrivateKey) -> bytes:
    """Return a request (PEM) for a key. It asks for no name: names are the platform's to give."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def signed(authority: Authority, request: bytes, node: str) -> bytes:
    """Return a certificate (PEM) for the key of a request, good for a node's end of a link.

    Only its key is taken; what else it asks for is not looked at.

    Raises:
        BadRequest: It is none, is not signed by its key, or the key is of another kind than ours.
    """
    holder = Holder(node, uris=[node_uri(node)], usage="client")
    return certificates.certificate_pem(authority.vouch(key_in(request), holder, LIFETIME))


def key_in(request: bytes) -> EllipticCurvePublicKey:
    """Return the key of a request.

    Raises:
        BadRequest: As `signed` does.
    """
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec

    if len(request) > MOST_BYTES:
        raise BadRequest(f"a request has {MOST_BYTES} bytes at most")
    try:
        read = x509.load_pem_x509_csr(request)
        key = read.public_key()
        proven = read.is_signature_valid
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadRequest(f"no certificate signing request: {type(error).__name__}") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadRequest("the key is not on P-256")
    if not proven:
        raise BadRequest("it is not signed by its key")
    return key
