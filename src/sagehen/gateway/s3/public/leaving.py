"""What may leave this machine for AWS, decided from the request alone: reading, without a credential."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote_plus

from sagehen.gateway.requests.incoming import Incoming

# What a reader of a public object may have to say. Everything else stays: cookies, tokens, and whatever
# a client may put its secrets into tomorrow.
_PASSED_ON = frozenset(
    (
        "accept", "accept-encoding", "accept-language", "access-control-request-headers",
        "access-control-request-method", "cache-control", "if-match", "if-modified-since", "if-none-match",
        "if-range", "if-unmodified-since", "origin", "pragma", "range", "user-agent",
        "x-amz-checksum-mode",
    )
)  # fmt: skip
# Any of these says that the request is somebody's. Version 2's `Signature` and `Expires` come with the first.
_CREDENTIAL_HEADERS = frozenset(("authorization", "x-amz-security-token", "x-amz-s3session-token"))
_CREDENTIAL_PARAMETERS = frozenset(
    ("awsaccesskeyid", "signature", "x-amz-signature", "x-amz-credential", "x-amz-algorithm",
     "x-amz-security-token")
)  # fmt: skip


def carries_credentials(headers: Mapping[str, str], query: str) -> bool:
    """Tell whether a request is signed, or carries a part of a signature, in its headers or its query."""
    if not _CREDENTIAL_HEADERS.isdisjoint(headers):
        return True
    names = (part.partition("=")[0] for part in query.replace(";", "&").split("&"))
    return any(unquote_plus(name).strip().lower() in _CREDENTIAL_PARAMETERS for name in names)


def may_leave(incoming: Incoming) -> bool:
    """Tell whether a request only reads, brings no body and no credential.

    Forms that carry their signature as a field are POSTs: they have a body and never leave.
    """
    return _only_reads(incoming) and not carries_credentials(incoming.headers, incoming.query)


def may_leave_unsigned(incoming: Incoming) -> bool:
    """Tell whether a request only reads, brings no body, and is signed in headers alone, which stay here.

    What has its signature in the query is a link: a browser follows it, and would show what comes under our
    origin.
    """
    signed = "authorization" in incoming.headers and not carries_credentials({}, incoming.query)
    return signed and _only_reads(incoming)


def _only_reads(incoming: Incoming) -> bool:
    return incoming.method in ("GET", "HEAD") and incoming.body.length == 0


def passed_headers(incoming: Incoming) -> list[tuple[str, str]]:
    """Return the headers that leave with the request."""
    return [(name, value) for name, value in incoming.headers.items() if name in _PASSED_ON]
