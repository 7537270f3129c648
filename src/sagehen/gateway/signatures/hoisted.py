"""Headers that a presigned S3 request carries in its query: there they count as if they were sent.

Version 2 puts every signed `x-amz-*` header there, and Content-Type and Content-MD5 (boto3 does);
with Version 4 the SDKs for JavaScript and Go hoist `x-amz-*` headers, also those that they sign as
headers. A header that is sent as well goes before (recorded).

Checksums there are part of the signature and nothing else: S3 ignores them (recorded by LocalStack's suite,
https://github.com/localstack/localstack/pull/12164). The SDK for JavaScript presigns an upload with
the checksum of a body that it does not have yet, which no real body would match.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote_plus

from sagehen.gateway.signatures.claim import Claim

_OF_THE_SIGNATURE = frozenset((
    "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-signedheaders",
    "x-amz-signature", "x-amz-security-token", "x-amz-content-sha256",
))  # fmt: skip
_OF_VERSION_2 = frozenset(("content-type", "content-md5"))
_CHECKSUMS = frozenset((
    "x-amz-sdk-checksum-algorithm", "x-amz-checksum-crc32", "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme", "x-amz-checksum-sha1", "x-amz-checksum-sha256",
))  # fmt: skip


def hoisted(claim: Claim, query: str, *, encoding: str = "utf-8") -> dict[str, str]:
    """Return the headers that a presigned query stands for, by lower-case name.

    Args:
        claim: Only a claim of a query has any.
        query: As sent.
        encoding: Of what is percent-encoded: `latin-1` gives bytes as headers carry them, for signatures.
    """
    if not claim.kind.startswith("query"):
        return {}
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        lower = unquote_plus(name).lower()
        fits = lower.startswith("x-amz-") and lower not in _OF_THE_SIGNATURE
        if fits or (claim.kind == "query-v2" and lower in _OF_VERSION_2):
            found[lower] = unquote_plus(value, encoding=encoding, errors="replace")
    return found


def with_hoisted(claim: Claim | None, query: str, headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return a request's headers and those of its presigned query that have an effect."""
    if claim is None:
        return headers
    more = {
        name: value
        for name, value in hoisted(claim, query).items()
        if name not in _CHECKSUMS or name in claim.signed_headers
    }
    return {**more, **headers} if more else headers
