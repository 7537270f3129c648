"""IAM's pages: Marker, MaxItems, IsTruncated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sagehen.api.operation import Request
from sagehen.api.pagination import Page, paginate
from sagehen.services.iam.errors import invalid_marker

T = TypeVar("T")

# Documented: IAM API Reference, MaxItems of every listing.
DEFAULT_ITEMS = 100


def cut(items: Sequence[T], request: Request, key: Callable[[T], Any], listing: str) -> Page[T]:
    """Return the page that a request asks for; `items` are sorted by `key`."""
    return paginate(
        sorted(items, key=key),
        key=key,
        token=request.get("Marker"),
        limit=request.get("MaxItems", DEFAULT_ITEMS),
        listing=listing,
        error=invalid_marker,
    )


def answer(page: Page[Any], **members: Any) -> dict[str, Any]:
    """Return the members of a listing's result."""
    result = {**members, "IsTruncated": page.next_token is not None}
    if page.next_token is not None:
        result["Marker"] = page.next_token
    return result
