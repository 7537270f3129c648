"""When a signature holds: a table of times, kinds and dialects."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.signatures.claim import Claim
from sagehen.gateway.signatures.times import check_expiration, check_time

_NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_SKEW = timedelta(minutes=15)


def _claim(kind: str, signed_at: datetime = _NOW, expires: str = "") -> Claim:
    return Claim(kind, date=f"{signed_at:%Y%m%d}", timestamp=f"{signed_at:%Y%m%dT%H%M%SZ}", expires=expires)


@pytest.mark.parametrize(
    ("kind", "age", "expires", "dialect"),
    [
        ("header", timedelta(0), "", "json"),
        ("header", _SKEW, "", "json"),
        ("header", -_SKEW, "", "s3"),
        ("query", timedelta(seconds=3600), "3600", "s3"),
        ("query", timedelta(days=7), "604800", "s3"),
        ("query", _SKEW, "", "query"),  # STS presigns without an end: 15 minutes
        ("query", timedelta(hours=1), "3600", "query"),
    ],
)
def test_signatures_that_hold(kind: str, age: timedelta, expires: str, dialect: str) -> None:
    claim = _claim(kind, _NOW - age, expires)
    assert check_time(claim, dialect, _NOW) == claim.timestamp


@pytest.mark.parametrize(
    ("kind", "age", "expires", "dialect", "code", "says"),
    [
        ("header", _SKEW + _SECOND, "", "json", "InvalidSignatureException", "Signature expired: "),
        ("header", _SKEW + _SECOND, "", "query", "SignatureDoesNotMatch", "Signature expired: "),
        ("header", -_SKEW - _SECOND, "", "json", "InvalidSignatureException", "Signature not yet current: "),
        ("header", _SKEW + _SECOND, "", "s3", "RequestTimeTooSkewed", "The difference between"),
        ("header", -_SKEW - _SECOND, "", "s3", "RequestTimeTooSkewed", "The difference between"),
        ("query", -_SKEW - _SECOND, "60", "s3", "AccessDenied", "Request is not valid yet"),
        ("query", timedelta(seconds=61), "60", "s3", "AccessDenied", "Request has expired"),
        ("query", _SECOND, "0", "s3", "AccessDenied", "Request has expired"),
        ("query", timedelta(0), "", "s3", "AuthorizationQueryParametersError", "should be a number"),
        ("query", timedelta(0), "-1", "s3", "AuthorizationQueryParametersError", "must be non-negative"),
        ("query", timedelta(0), "604801", "s3", "AuthorizationQueryParametersError", "less than a week"),
        ("query", timedelta(0), "9" * 5000, "s3", "AuthorizationQueryParametersError", "less than a week"),
        ("query", _SKEW + _SECOND, "", "query", "SignatureDoesNotMatch", "Signature expired: "),
    ],
)
def test_signatures_that_do_not(
    kind: str, age: timedelta, expires: str, dialect: str, code: str, says: str
) -> None:
    with pytest.raises(Refusal) as refused:
        check_time(_claim(kind, _NOW - age, expires), dialect, _NOW)
    assert refused.value.code == code
    assert says in refused.value.message


def test_without_a_clock_only_the_form_counts() -> None:
    old = _claim("query", _NOW - timedelta(days=400), "60")
    assert check_time(old, "s3", None) == old.timestamp
    with pytest.raises(Refusal, match="should be a number"):
        check_time(replace(old, expires="soon"), "s3", None)


@pytest.mark.parametrize(
    ("timestamp", "signed"),
    [
        ("20261128T120000Z", "20261128T120000Z"),
        ("Sat, 28 Nov 2026 12:00:00 GMT", "20261128T120000Z"),
        ("Sat, 28 Nov 2026 12:00:00 -0000", "20261128T120000Z"),
        ("Sat, 28 Nov 2026 14:00:00 +0200", "20261128T120000Z"),
    ],
)
def test_times_as_clients_write_them(timestamp: str, signed: str) -> None:
    assert check_time(replace(_claim("header"), timestamp=timestamp), "json", _NOW) == signed


@pytest.mark.parametrize(
    ("timestamp", "code", "says"),
    [
        ("2026-11-28", "IncompleteSignatureException", "ISO-8601 'basic format'. Got '2026-11-28'."),
        ("20261345T120000Z", "IncompleteSignatureException", "ISO-8601 'basic format'"),
        (
            "20261127T120000Z",
            "InvalidSignatureException",
            "'20261128' != '20261127', from '20261127T120000Z'.",
        ),
    ],
)
def test_times_that_are_none_or_not_the_scopes(timestamp: str, code: str, says: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_time(replace(_claim("header"), timestamp=timestamp), "json", _NOW)
    assert (refused.value.code, refused.value.message.endswith(says) or says in refused.value.message) == (
        code,
        True,
    )


@pytest.mark.parametrize(
    ("expires", "says"),
    [
        (str(int(_NOW.timestamp())), None),
        (str(int(_NOW.timestamp()) - 1), "Request has expired"),
        ("9" * 5000, None),
        ("-1", "Invalid date (should be seconds since epoch): -1"),
        ("²", "Invalid date (should be seconds since epoch): ²"),
    ],
)
def test_the_end_of_a_version_2_query(expires: str, says: str | None) -> None:
    claim = Claim("query-v2", expires=expires)
    if says is None:
        check_expiration(claim, _NOW)
        return
    with pytest.raises(Refusal) as refused:
        check_expiration(claim, _NOW)
    assert (refused.value.code, refused.value.message) == ("AccessDenied", says)
