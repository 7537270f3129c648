"""When a signature was made, and whether that is too long ago or still to come.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html (X-Amz-Expires),
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html (skew, scope's date)
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from sagehen.gateway.requests import refusals
from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.signatures.claim import Claim

# Documented: IAM User Guide, troubleshooting Signature Version 4. S3's own error tells 900000 ms (recorded).
_SKEW = timedelta(minutes=15)
# Documented: S3 API Reference, "Authenticating Requests: Using Query Parameters": seven days.
_MAX_EXPIRES_S = 7 * 24 * 3600
_MOST_DIGITS = 20  # ours: more than any time has
# 9999-12-31T23:59:59Z, the last that a datetime can be.
_LAST_SECOND = 253402300799


def check_expiration(claim: Claim, now: datetime | None) -> None:
    """Hold a Version 2 query to its own end.

    Args:
        claim: Of the kind `query-v2`.
        now: The world's time; None where clocks are not compared.

    Raises:
        Refusal: AccessDenied, where it is over or says no number.
    """
    if not claim.expires.isascii() or not claim.expires.isdigit():
        raise Refusal("AccessDenied", f"Invalid date (should be seconds since epoch): {claim.expires}", 403)
    expires = _number(claim.expires)
    if now is not None and now.timestamp() > expires:
        raise _request_expired(datetime.fromtimestamp(min(expires, _LAST_SECOND), UTC), now)


def check_time(claim: Claim, dialect: str, now: datetime | None) -> str:
    """Hold a Version 4 signature to its time, or a presigned one to its life.

    Args:
        claim: Of the kind `header` or `query`.
        dialect: In which to refuse.
        now: The world's time; None where clocks are not compared.

    Returns:
        The time of signing as it is signed (`YYYYMMDDTHHMMSSZ`), also where the client sent a Date header.

    Raises:
        Refusal: The time is malformed, not that of the scope, to come, or over, in the dialect's words.
    """
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
    if timestamp[:8] != claim.date:  # documented in the same place, and recorded to the letter
        raise refusals.mismatch(
            dialect,
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{claim.date}' != '{signed_at:%Y%m%d}', from '{claim.timestamp}'.",
        )
    lifetime = _SKEW
    # STS and its like may presign without X-Amz-Expires; that holds for the usual 15 minutes.
    if claim.kind == "query" and (claim.expires or dialect == "s3"):
        lifetime = timedelta(seconds=_seconds_of(claim.expires))
    if now is None:
        return timestamp
    if signed_at - now > _SKEW:
        raise _skewed(claim, signed_at, now, dialect, early=True)
    if now - signed_at > lifetime:
        if claim.kind == "query" and dialect == "s3":
            raise _request_expired(signed_at + lifetime, now, claim.expires)
        raise _skewed(claim, signed_at, now, dialect, early=False)
    return timestamp


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
    """Return how long a presigned request holds; S3's three refusals are recorded, 0 s it lets pass."""
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
    # Documented: IAM User Guide, troubleshooting Signature Version 4, "Signature expired", "not yet current".
    bound = now + _SKEW if early else now - _SKEW
    verb, order, sign = ("not yet current", "later", "+") if early else ("expired", "earlier", "-")
    return refusals.mismatch(
        dialect,
        f"Signature {verb}: {signed_at:%Y%m%dT%H%M%SZ} is {'still' if early else 'now'} {order} than "
        f"{bound:%Y%m%dT%H%M%SZ} ({now:%Y%m%dT%H%M%SZ} {sign} 15 min.)",
    )
