"""Requests to what users put behind the door themselves: their APIs, their functions' URLs.

It is for the API or the URL to say whether a signature is needed, and what is answered without one, or to a
body that is too large: nothing is refused here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.api.errors import ServiceError
from sagehen.api.signature import Signature
from sagehen.gateway.requests.body import RequestEntityTooLarge
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.signatures.authenticate import Authenticator
from sagehen.gateway.signatures.claim import read_claim
from sagehen.gateway.signatures.payload import Content, check_content, read_content
from sagehen.gateway.signatures.sigv4 import EMPTY_SHA256


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request brings.

    Args:
        body: Empty where it was too large.
        oversized: It was.
        signature: None for a request that carries no Signature Version 4. Of a body that was too large, no
            signature holds.
    """

    body: bytes
    oversized: bool
    signature: Signature | None


async def presented(
    authenticator: Authenticator, incoming: Incoming, signing_name: str, most_bytes: int
) -> Presented:
    """Read a request's body, and its signature for the service of that name.

    Raises:
        ServiceError: The client broke off.
    """
    oversized = False
    content = Content(b"", EMPTY_SHA256)
    try:
        content = await read_content(incoming.body, most_bytes)
    except RequestEntityTooLarge:
        oversized = True
    return Presented(content.body, oversized, _signature(authenticator, incoming, content, signing_name))


def _signature(
    authenticator: Authenticator, incoming: Incoming, content: Content, signing_name: str
) -> Signature | None:
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
        return Signature(None, refusal.code, refusal.message)
    return Signature(proof.principal, region=proof.region)
