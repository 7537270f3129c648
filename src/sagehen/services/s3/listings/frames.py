"""What all listings have: the size of a page, how keys are written, where they go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus

from sagehen.services.s3.errors.requests import InvalidArgument
from sagehen.services.s3.listings.pages import Page, Seek, common_prefix
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.keys import successor

# Documented: ListObjectsV2, ListObjectVersions, ListMultipartUploads: up to 1,000 of each.
PAGE = 1000


def page_size(request: Mapping[str, Any], member: str, argument: str) -> int:
    """Return the size of the page: 1000 at most, whatever was asked for."""
    asked = request.get(member)
    if asked is None:
        return PAGE
    # A Java int; the words are in tests of other implementations that run against AWS.
    if not 0 <= asked <= 2**31 - 1:
        raise InvalidArgument(
            f"Argument {argument} must be an integer between 0 and 2147483647", argument, asked
        )
    return min(int(asked), PAGE)


def encoder(request: Mapping[str, Any]) -> Callable[[str], str]:
    """Return how keys are written in the answer: as they are, or URL-encoded."""
    encoding = request.get("EncodingType")
    if encoding is None:
        return str
    # The one that there is; recorded.
    if encoding != "url":
        raise InvalidArgument("Invalid Encoding Method specified in Request", "encoding-type", encoding)
    return lambda text: quote_plus(text, safe="/*")


def frame(request: Mapping[str, Any], bucket: Bucket, page: Page) -> dict[str, Any]:
    """Return what all listings say of themselves."""
    encode = encoder(request)
    shown: dict[str, Any] = {
        "Prefix": encode(request.get("Prefix") or ""),
        "IsTruncated": page.truncated,
        "CommonPrefixes": [{"Prefix": encode(prefix)} for prefix in page.common_prefixes],
    }
    if request.get("Delimiter"):
        shown["Delimiter"] = encode(request["Delimiter"])
    if request.get("EncodingType"):
        shown["EncodingType"] = request["EncodingType"]
    return shown


def after(key: str, prefix: str, delimiter: str) -> Seek | None:
    """Return where a listing goes on behind a marker, which may be a common prefix or lie in one."""
    if not key:
        return None
    folded = common_prefix(key, prefix, delimiter) if key.startswith(prefix) else None
    if folded is not None:  # it was shown as this prefix already, all of it
        beyond = successor(folded)
        if beyond is not None:
            return Seek(beyond)
    return Seek(key, inclusive=False)
