"""Refusals: what the front door itself says no with, in the words and codes of each protocol.

A dialect is the request's protocol (`json`, `rest-json`, `query`, `ec2`, `rest-xml`, …), or `s3`, which has
codes of its own.
"""

from __future__ import annotations

from typing import Any

from sagehen.api.errors import ServiceError

# kind -> dialect -> (code, status). The `*` row serves json, smithy-rpc-v2-cbor and what is not named.
# S3's are documented (S3 API Reference, Error responses), the query services' too (Common Errors of each
# API's reference, where IncompleteSignature has 400: our 403 is from memory), EC2's in its own list of
# client errors. The JSON services' `…Exception` are recorded; that REST-JSON has 403 where JSON has 400
# is from memory.
_CODES: dict[str, dict[str, tuple[str, int]]] = {
    "denied": {
        "s3": ("AccessDenied", 403),
        "rest-xml": ("AccessDenied", 403),
        "query": ("AccessDenied", 403),
        "ec2": ("UnauthorizedOperation", 403),
        "rest-json": ("AccessDeniedException", 403),
        "*": ("AccessDeniedException", 400),
    },
    "unsigned": {
        "s3": ("AccessDenied", 403),
        "query": ("MissingAuthenticationToken", 403),
        "ec2": ("MissingAuthenticationToken", 403),
        "rest-xml": ("MissingAuthenticationToken", 403),
        "rest-json": ("MissingAuthenticationTokenException", 403),
        "*": ("MissingAuthenticationTokenException", 400),
    },
    "unknown key": {
        "s3": ("InvalidAccessKeyId", 403),
        "query": ("InvalidClientTokenId", 403),
        "rest-xml": ("InvalidClientTokenId", 403),
        "ec2": ("AuthFailure", 401),
        "rest-json": ("UnrecognizedClientException", 403),
        "*": ("UnrecognizedClientException", 400),
    },
    "expired token": {
        "s3": ("ExpiredToken", 400),
        "query": ("ExpiredToken", 403),
        "rest-xml": ("ExpiredToken", 403),
        "ec2": ("RequestExpired", 400),
        "rest-json": ("ExpiredTokenException", 403),
        "*": ("ExpiredTokenException", 400),
    },
    "mismatch": {
        "s3": ("SignatureDoesNotMatch", 403),
        "query": ("SignatureDoesNotMatch", 403),
        "rest-xml": ("SignatureDoesNotMatch", 403),
        "ec2": ("AuthFailure", 401),
        "rest-json": ("InvalidSignatureException", 403),
        "*": ("InvalidSignatureException", 400),
    },
    "malformed": {
        "s3": ("AuthorizationHeaderMalformed", 400),
        "query": ("IncompleteSignature", 403),
        "rest-xml": ("IncompleteSignature", 403),
        "ec2": ("AuthFailure", 401),
        "rest-json": ("IncompleteSignatureException", 403),
        "*": ("IncompleteSignatureException", 400),
    },
}


class Refusal(ServiceError):
    """An error whose code depends on the protocol of the request."""

    def __init__(self, code: str, message: str, status: int, **members: Any) -> None:
        super().__init__(message, **members)
        # On the instance: the code is the dialect's, not the class's.
        self.code = code  # type: ignore[misc]
        self.status = status  # type: ignore[misc]


def refusal(kind: str, dialect: str, message: str, **members: Any) -> Refusal:
    """Make the refusal `kind` as `dialect` spells it."""
    rows = _CODES[kind]
    code, status = rows.get(dialect) or rows["*"]
    return Refusal(code, message, status, **members)


def access_denied(dialect: str, message: str) -> Refusal:
    """What IAM does not allow, with the evaluator's text."""
    # S3 and the evaluator share wording; an empty text gets S3's classic one.
    return refusal("denied", dialect, message or "Access Denied")


def unsigned(dialect: str) -> Refusal:
    """An operation that anonymous callers may not ask for was asked for without a signature."""
    text = "Access Denied" if dialect == "s3" else "Missing Authentication Token"
    if dialect == "query":
        text = "Request is missing Authentication Token"
    return refusal("unsigned", dialect, text)


def unknown_key(dialect: str, access_key_id: str) -> Refusal:
    """No active key has this id. Only S3 tells the id back."""
    if dialect == "s3":
        return refusal(
            "unknown key",
            dialect,
            "The AWS Access Key Id you provided does not exist in our records.",
            AWSAccessKeyId=access_key_id,
        )
    if dialect == "ec2":
        return refusal("unknown key", dialect, "AWS was not able to validate the provided access credentials")
    return refusal("unknown key", dialect, "The security token included in the request is invalid.")


def bad_token(dialect: str, token: str) -> Refusal:
    """A session token that is not the key's, or is missing, or one beside a key that has none."""
    if dialect == "s3":
        text = "The provided token is malformed or otherwise invalid."
        return Refusal("InvalidToken", text, 400, **{"Token-0": token})
    return unknown_key(dialect, "")


def expired_token(dialect: str) -> Refusal:
    """The session is over, by the platform's clock."""
    if dialect == "s3":
        return refusal("expired token", dialect, "The provided token has expired.")
    return refusal("expired token", dialect, "The security token included in the request is expired")


def mismatch(dialect: str, message: str, **members: Any) -> Refusal:
    """A signature that is not what it should be, or whose scope or time is not; the text says which."""
    return refusal("mismatch", dialect, message, **members)


def malformed(dialect: str, message: str, **members: Any) -> Refusal:
    """A signature that lacks a part, or has one of the wrong form."""
    return refusal("malformed", dialect, message, **members)
