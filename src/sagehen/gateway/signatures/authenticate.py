"""The step that finds out who asks: signatures, their time, and the session behind them."""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from datetime import datetime

from sagehen.domain.clock import Clock
from sagehen.domain.identity import ANONYMOUS, Principal, SigningKey
from sagehen.domain.ports.identity.identities import Identities
from sagehen.gateway.requests import refusals
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.signatures import sigv2, sigv4
from sagehen.gateway.signatures.claim import Claim
from sagehen.gateway.signatures.hoisted import hoisted
from sagehen.gateway.signatures.seal import Seal
from sagehen.gateway.signatures.times import check_expiration, check_time

# Both recorded; S3's differs from everybody else's.
_S3_WORDING = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your key and signing method."
)
_WORDING = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)
# Headers that carry no meaning for S3 itself and may stay unsigned beside a presigned query; from memory.
_MAY_STAY_UNSIGNED = frozenset(("x-amz-content-sha256", "x-amz-date", "x-amz-security-token"))


@dataclass(frozen=True, slots=True)
class Proof:
    """Who asks, for which region ('' where the signature does not say), and what the body must be."""

    principal: Principal
    region: str
    seal: Seal


NOBODY = Proof(ANONYMOUS, "", Seal(sigv4.UNSIGNED_PAYLOAD))


class Authenticator:
    """Verifies signatures.

    Args:
        identities: Whom an access key proves.
        clock: The platform's: sessions expire by it, also when it runs faster.
        wall_clock: The world's: clients sign by it.
        clock_check: Whether a signature's time must be within 15 minutes of `wall_clock`.
    """

    def __init__(self, identities: Identities, clock: Clock, wall_clock: Clock, *, clock_check: bool) -> None:
        self._identities = identities
        self._clock = clock
        self._wall_clock = wall_clock
        self._clock_check = clock_check
        self._keys = sigv4.SigningKeys()

    def authenticate(
        self,
        claim: Claim,
        incoming: Incoming,
        *,
        dialect: str,
        signing_name: str,
        resource_path: str,
        body_hash: str = sigv4.EMPTY_SHA256,
    ) -> Proof:
        """Verify a claim.

        Args:
            claim: What `read_claim` found.
            incoming: The request.
            dialect: In which to refuse.
            signing_name: What the operation's service must be signed for as.
            resource_path: Path-style path, which Version 2 signs.
            body_hash: The body's SHA-256, for services other than S3 that sign it without saying it.

        Raises:
            Refusal: In AWS's words.
        """
        if claim.problem:
            raise _malformed(dialect, claim)
        if claim.kind == "query-v2":
            check_expiration(claim, self._now_checked())
            key = self.signing_key(claim.access_key_id, claim.token, dialect)
            return self._verify_v2(claim, incoming, key, resource_path)
        if claim.kind == "query" and dialect == "s3":
            check_time(
                claim, dialect, self._now_checked()
            )  # S3 says that a URL has expired before it looks at the key
        key = self.signing_key(claim.access_key_id, claim.token, dialect)
        if claim.service != signing_name:
            # Recorded, with the blank at its end: AWS puts several such sentences one behind another.
            raise refusals.mismatch(
                dialect, f"Credential should be scoped to correct service: '{signing_name}'. "
            )
        timestamp = check_time(claim, dialect, self._now_checked())
        # Documented: S3's paths are not normalized, so that a key may hold `//` and `..`, and encoded once.
        single = signing_name in ("s3", "s3-outposts")
        content_hash = _content_hash(claim, incoming, body_hash, s3=single)
        self._check_signed_headers(claim, incoming, dialect)
        canonical = _canonical_request(claim, incoming, content_hash, s3=single)
        text = sigv4.string_to_sign(timestamp, claim.scope, canonical)
        secret = key.credentials.secret_access_key
        derived = self._keys.key(secret, claim.date, claim.region, claim.service)
        if not sigv4.same(sigv4.sign(derived, text), claim.signature):
            raise _signature_mismatch(dialect, claim, canonical, text)
        seal = Seal(content_hash, derived, timestamp, claim.scope, claim.signature)
        return Proof(key.principal, claim.region, seal)

    def signing_key(self, access_key_id: str, token: str | None, dialect: str) -> SigningKey:
        """Return the key of that id if it is active, unexpired, and belongs to this session token.

        Raises:
            Refusal: InvalidAccessKeyId and its relatives, InvalidToken, ExpiredToken.
        """
        key = self._identities.signing_key(access_key_id)
        if key is None or not key.active:
            raise refusals.unknown_key(dialect, access_key_id)
        expected = key.credentials.session_token
        if expected is None and token is None:
            return key
        if expected is None or token is None or not sigv4.same(expected, token):
            raise refusals.bad_token(dialect, token or "")
        expiration = key.credentials.expiration
        if expiration is not None and expiration <= self._clock.now():
            raise refusals.expired_token(dialect)
        return key

    def verify_policy(self, claim: Claim, policy: str) -> Proof:
        """Verify the signature of a browser form's policy (base64 text).

        Raises:
            Refusal: As `authenticate`.
        """
        if claim.problem:
            raise Refusal(
                "InvalidArgument", claim.problem, 400, ArgumentName=claim.argument, ArgumentValue=""
            )
        key = self.signing_key(claim.access_key_id, claim.token, "s3")
        secret = key.credentials.secret_access_key
        if claim.kind == "query-v2":
            expected = sigv2.sign(secret, policy)
        else:
            expected = sigv4.sign(self._keys.key(secret, claim.date, claim.region, claim.service), policy)
        if not sigv4.same(expected, claim.signature):
            raise _s3_mismatch(claim, policy)
        return Proof(key.principal, claim.region, Seal(sigv4.UNSIGNED_PAYLOAD))

    def now(self) -> datetime:
        """Return the world's time, by which signatures are judged."""
        return self._wall_clock.now()

    def _now_checked(self) -> datetime | None:
        return self._wall_clock.now() if self._clock_check else None

    def _verify_v2(self, claim: Claim, incoming: Incoming, key: SigningKey, resource_path: str) -> Proof:
        texts = [
            sigv2.string_to_sign(incoming.method, path, incoming.query, incoming.headers, claim.expires)
            for path in sigv2.resource_paths(resource_path)
        ]
        secret = key.credentials.secret_access_key
        if not any(sigv4.same(sigv2.sign(secret, text), claim.signature) for text in texts):
            raise _s3_mismatch(claim, texts[0])
        return Proof(key.principal, "", Seal(sigv4.UNSIGNED_PAYLOAD))

    def _check_signed_headers(self, claim: Claim, incoming: Incoming, dialect: str) -> None:
        if "host" not in claim.signed_headers:  # the text is recorded
            raise refusals.malformed(
                dialect, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
            )
        signed = frozenset(claim.signed_headers)
        if dialect != "s3":
            # The target is the operation: unsigned, a captured request could be turned into another.
            if "x-amz-target" in incoming.headers and "x-amz-target" not in signed:
                raise refusals.malformed(
                    dialect, "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."
                )
            return
        # Documented: every x-amz-* header that is sent must be signed. Text and member are recorded.
        loose = _MAY_STAY_UNSIGNED if claim.kind == "query" else ()
        unsigned = [
            name
            for name in incoming.headers
            if name.startswith("x-amz-") and name not in signed and name not in loose
        ]
        if unsigned:
            raise Refusal(
                "AccessDenied",
                "There were headers present in the request which were not signed",
                403,
                HeadersNotSigned=", ".join(sorted(unsigned)),
            )


def _malformed(dialect: str, claim: Claim) -> Refusal:
    """Refuse a claim whose form is wrong: S3 has codes for queries (recorded)."""
    if claim.kind == "query-v2":
        return Refusal("AccessDenied", claim.problem, 403)
    if claim.kind == "query" and dialect == "s3":
        return Refusal("AuthorizationQueryParametersError", claim.problem, 400)
    return refusals.malformed(dialect, claim.problem)


def _canonical_request(claim: Claim, incoming: Incoming, content_hash: str, *, s3: bool) -> str:
    query, headers = incoming.query, incoming.headers
    if claim.kind == "query":
        query = sigv4.without_signature(query)
        if s3:
            headers = {**hoisted(claim, query, encoding="latin-1"), **headers}
    return sigv4.canonical_request(
        incoming.method,
        incoming.path,
        query,
        headers,
        claim.signed_headers,
        content_hash,
        single_encoding=s3,
    )


def _content_hash(claim: Claim, incoming: Incoming, body_hash: str, *, s3: bool) -> str:
    # Documented: a presigned URL of S3 knows no body and signs UNSIGNED-PAYLOAD; but a client may have signed
    # the header that says otherwise.
    if claim.kind == "query" and s3 and "x-amz-content-sha256" not in claim.signed_headers:
        return sigv4.UNSIGNED_PAYLOAD
    declared = incoming.headers.get("x-amz-content-sha256")
    if declared is not None:
        return declared
    if s3:  # documented as required of every signed request to S3; the text is recorded
        raise Refusal("InvalidRequest", "Missing required header for this request: x-amz-content-sha256", 400)
    return body_hash


def _signature_mismatch(dialect: str, claim: Claim, canonical: str, text: str) -> Refusal:
    if dialect == "s3":
        return _s3_mismatch(claim, text, canonical)
    wording = _WORDING
    if dialect != "query":  # the JSON services tell what they computed
        wording += (
            f"\n\nThe Canonical String for this request should have been\n'{canonical}'\n"
            f"\nThe String-to-Sign should have been\n'{text}'\n"
        )
    return refusals.mismatch(dialect, wording)


def _s3_mismatch(claim: Claim, text: str, canonical: str | None = None) -> Refusal:
    # Members and their order are recorded: what S3 computed, also as bytes, for clients to compare.
    members = {
        "AWSAccessKeyId": claim.access_key_id,
        "StringToSign": text,
        "SignatureProvided": claim.signature,
        "StringToSignBytes": _spaced_hex(text),
    }
    if canonical is not None:
        members |= {"CanonicalRequest": canonical, "CanonicalRequestBytes": _spaced_hex(canonical)}
    return refusals.mismatch("s3", _S3_WORDING, **members)


def _spaced_hex(text: str) -> str:
    return binascii.hexlify(text.encode("utf-8"), " ").decode()
