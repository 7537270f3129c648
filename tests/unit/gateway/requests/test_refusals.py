"""The codes and statuses of refusals in each dialect."""

from __future__ import annotations

import pytest

from sagehen.gateway.requests import refusals
from sagehen.gateway.requests.refusals import Refusal

_DIALECTS = ("s3", "query", "rest-xml", "ec2", "rest-json", "json", "smithy-rpc-v2-cbor")


def _spelled(refusal: Refusal) -> tuple[str, int]:
    return refusal.code, refusal.status or 0


@pytest.mark.parametrize(
    ("dialect", "denied", "unsigned", "unknown", "expired", "mismatch"),
    [
        (
            "s3", ("AccessDenied", 403), ("AccessDenied", 403), ("InvalidAccessKeyId", 403),
            ("ExpiredToken", 400), ("SignatureDoesNotMatch", 403),
        ),
        (
            "query", ("AccessDenied", 403), ("MissingAuthenticationToken", 403),
            ("InvalidClientTokenId", 403), ("ExpiredToken", 403), ("SignatureDoesNotMatch", 403),
        ),
        (
            "ec2", ("UnauthorizedOperation", 403), ("MissingAuthenticationToken", 403), ("AuthFailure", 401),
            ("RequestExpired", 400), ("AuthFailure", 401),
        ),
        (
            "rest-json", ("AccessDeniedException", 403), ("MissingAuthenticationTokenException", 403),
            ("UnrecognizedClientException", 403), ("ExpiredTokenException", 403),
            ("InvalidSignatureException", 403),
        ),
        (
            "json", ("AccessDeniedException", 400), ("MissingAuthenticationTokenException", 400),
            ("UnrecognizedClientException", 400), ("ExpiredTokenException", 400),
            ("InvalidSignatureException", 400),
        ),
    ],
)  # fmt: skip
def test_each_dialect_has_its_own(
    dialect: str,
    denied: tuple[str, int],
    unsigned: tuple[str, int],
    unknown: tuple[str, int],
    expired: tuple[str, int],
    mismatch: tuple[str, int],
) -> None:
    assert _spelled(refusals.access_denied(dialect, "")) == denied
    assert _spelled(refusals.unsigned(dialect)) == unsigned
    assert _spelled(refusals.unknown_key(dialect, "AKIA")) == unknown
    assert _spelled(refusals.expired_token(dialect)) == expired
    assert _spelled(refusals.mismatch(dialect, "text")) == mismatch


@pytest.mark.parametrize("dialect", _DIALECTS)
def test_only_s3_tells_the_key_and_calls_a_foreign_token_one(dialect: str) -> None:
    unknown, token = refusals.unknown_key(dialect, "AKIA"), refusals.bad_token(dialect, "t")
    assert unknown.members.get("AWSAccessKeyId") == ("AKIA" if dialect == "s3" else None)
    if dialect == "s3":
        assert (_spelled(token), token.members["Token-0"]) == (("InvalidToken", 400), "t")
    else:
        assert _spelled(token) == _spelled(unknown)


def test_an_empty_text_is_s3s_classic_one() -> None:
    assert refusals.access_denied("s3", "").message == "Access Denied"
    assert refusals.access_denied("json", "because").message == "because"
