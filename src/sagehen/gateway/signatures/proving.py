"""Signatures of requests to what users put behind the door themselves: their APIs, their functions' URLs.

It is for the API or the URL to say whether a signature is needed, and what is answered without one.
"""

from __future__ import annotations

from sagehen.api.errors import ServiceError
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.signatures.authenticate import Authenticator, Proof
from sagehen.gateway.signatures.claim import read_claim
from sagehen.gateway.signatures.payload import Content, check_content


def proof_of(
    authenticator: Authenticator, incoming: Incoming, content: Content, signing_name: str
) -> Proof | ServiceError | None:
    """Return what a request's signature proves, or why it proves nothing; None where there is none."""
    claim = read_claim(incoming)
    if claim is None:
        return None
    try:
        proof = authenticator.authenticate(
            claim,
            incoming,
            dialect="rest-json",
            signing_name=signing_name,
            resource_path=incoming.path,
            body_hash=content.sha256,
        )
        check_content(content, proof.seal)
    except ServiceError as refusal:
        return refusal
    return proof
