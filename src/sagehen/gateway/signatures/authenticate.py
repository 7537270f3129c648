"""The step that finds out who asks: signatures, their time, and the session behind them."""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from sagehen.domain.clock import Clock
from sagehen.domain.identity import ANONYMOUS, Principal, SigningKey
from sagehen.domain.ports.identities import Identities
from sagehen.gateway.requests import refusals
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.signatures import sigv2, sigv4
from sagehen.gateway.signatures.claim import Claim
from sagehen.gateway.signatures.hoisted import hoisted
from sagehen.gateway.signatures.seal import Seal

_SKEW = timedelta(minutes=15)
_MAX_EXPIRES_S = 7 * 24 * 3600
_MOST_DIGITS = 20
_S3_WORDING = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your key and signing method."
)
_WORDING = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)
# Headers that carry no meaning for S3 itself and may stay unsigned beside a presigned query.
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
            self._check_expiration(claim)
            key = self.signing_key(claim.access_key_id, claim.token, dialect)
            return self._verify_v2(claim, incoming, key, resource_path)
        if claim.kind == "query" and dialect == "s3":
            self._check_time(claim, dialect)  # S3 says that a URL has expired before it looks at the key
        key = self.signing_key(claim.access_key_id, claim.token, dialect)
        if claim.service != signing_name:
            raise refusals.mismatch(
                dialect, f"Credential should be scoped to correct service: '{signing_name}'. "
            )
        timestamp = self._check_time(claim, dialect)
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

    def _check_expiration(self, claim: Claim) -> None:
        if not claim.expires.isascii() or not claim.expires.isdigit():
            raise Refusal(
                "AccessDenied", f"Invalid date (should be seconds since epoch): {claim.expires}", 403
            )
        expires = _number(claim.expires)
        now = self._wall_clock.now()
        if self._clock_check and now.timestamp() > expires:
            raise _request_expired(datetime.fromtimestamp(min(expires, 253402300799), UTC), now)

    def _verify_v2(self, claim: Claim, incoming: Incoming, key: SigningKey, resource_path: str) -> Proof:
        texts = [
            sigv2.string_to_sign(incoming.method, path, incoming.query, incoming.headers, claim.expires)
            for path in sigv2.resource_paths(resource_path)
        ]
        secret = key.credentials.secret_access_key
        if not any(sigv4.same(sigv2.sign(secret, text), claim.signature) for text in texts):
            raise _s3_mismatch(claim, texts[0])
        return Proof(key.principal, "", Seal(sigv4.UNSIGNED_PAYLOAD))

    def _check_time(self, claim: Claim, dialect: str) -> str:
        """Return the time of signing as it is signed, also where the client sent a Date header."""
        signed_at = _time_of(claim.timestamp)
        if signed_at is None:
            if claim.kind == "query":
                raise refusals.malformed(
                    dialect, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
                )
            raise refusals.malformed(
                dialect, f"Date must be in ISO-8601 'basic format'. Got '{claim.timestamp}'."
            )
        timestamp = claim.timestamp if len(claim.timestamp) == 16 else f"{signed_at:%Y%m%dT%H%M%SZ}"
        if timestamp[:8] != claim.date:
            raise refusals.mismatch(
                dialect,
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                f"'{claim.date}' != '{signed_at:%Y%m%d}', from '{claim.timestamp}'.",
            )
        lifetime = _SKEW
        # STS and its like may presign without X-Amz-Expires; that holds for the usual 15 minutes.
        if claim.kind == "query" and (claim.expires or dialect == "s3"):
            lifetime = timedelta(seconds=_seconds_of(claim.expires))
        if not self._clock_check:
            return timestamp
        now = self._wall_clock.now()
        if signed_at - now > _SKEW:
            raise _skewed(claim, signed_at, now, dialect, early=True)
        if now - signed_at > lifetime:
            if claim.kind == "query" and dialect == "s3":
                raise _request_expired(signed_at + lifetime, now, claim.expires)
            raise _skewed(claim, signed_at, now, dialect, early=False)
        return timestamp

    def _check_signed_headers(self, claim: Claim, incoming: Incoming, dialect: str) -> None:
        if "host" not in claim.signed_headers:
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
    if claim.kind == "query" and s3 and "x-amz-content-sha256" not in claim.signed_headers:
        return sigv4.UNSIGNED_PAYLOAD
    declared = incoming.headers.get("x-amz-content-sha256")
    if declared is not None:
        return declared
    if s3:
        raise Refusal("InvalidRequest", "Missing required header for this request: x-amz-content-sha256", 400)
    return body_hash


def _time_of(text: str) -> datetime | None:
    """Read `20260101T000000Z`, or an HTTP date."""
    try:
        if len(text) == 16 and text[8] == "T" and text[15] == "Z":
            return datetime(
                int(text[:4]), int(text[4:6]), int(text[6:8]),
                int(text[9:11]), int(text[11:13]), int(text[13:15]), tzinfo=UTC,
            )  # fmt: skip
        parsed = parsedate_to_datetime(text)
        # botocore writes `-0000`, which Python reads as "UTC, but who knows".
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):  # the last: 9999-12-31, west of Greenwich
        return None


def _seconds_of(expires: str) -> int:
    code = "AuthorizationQueryParametersError"
    if not expires.isascii() or not expires.removeprefix("-").isdigit():
        raise Refusal(code, "X-Amz-Expires should be a number", 400)
    seconds = _number(expires)
    if seconds < 0:
        raise Refusal(code, "X-Amz-Expires must be non-negative", 400)
    if seconds > _MAX_EXPIRES_S:
        text = "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must "
        raise Refusal(code, text + "be less than 604800 seconds", 400)
    return seconds


def _number(digits: str) -> int:
    """Return the number that digits spell; of more than 20 the first, for int() refuses 4,301."""
    return int(digits[:_MOST_DIGITS])


def _request_expired(expired_at: datetime, now: datetime, expires: str | None = None) -> Refusal:
    members = {"X-Amz-Expires": expires} if expires is not None else {}
    return Refusal(
        "AccessDenied",
        "Request has expired",
        403,
        **members,
        Expires=f"{expired_at:%Y-%m-%dT%H:%M:%SZ}",
        ServerTime=f"{now:%Y-%m-%dT%H:%M:%SZ}",
    )


def _skewed(claim: Claim, signed_at: datetime, now: datetime, dialect: str, *, early: bool) -> Refusal:
    if dialect == "s3":
        if claim.kind == "query":
            return Refusal("AccessDenied", "Request is not valid yet", 403)
        return Refusal(
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
            403,
            RequestTime=claim.timestamp,
            ServerTime=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            MaxAllowedSkewMilliseconds="900000",
        )
    bound = now + _SKEW if early else now - _SKEW
    verb, order, sign = ("not yet current", "later", "+") if early else ("expired", "earlier", "-")
    return refusals.mismatch(
        dialect,
        f"Signature {verb}: {signed_at:%Y%m%dT%H%M%SZ} is {'still' if early else 'now'} {order} than "
        f"{bound:%Y%m%dT%H%M%SZ} ({now:%Y%m%dT%H%M%SZ} {sign} 15 min.)",
    )


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
