"""KMS's pages: Marker, Limit, Truncated, NextMarker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sagehen.api.operation import Request
from sagehen.api.pagination import Page, paginate
from sagehen.services.kms.errors import InvalidMarkerException

T = TypeVar("T")


def cut(
    items: Sequence[T], request: Request, *, key: Callable[[T], Any], listing: str, otherwise: int
) -> Page[T]:
    """Return the page of `items`, sorted by `key`, that a request asks for.

    Args:
        items: The whole list.
        request: With Marker and Limit.
        key: What a marker holds.
        listing: Names the list, so that no marker of another one counts here.
        otherwise: How many items a page has where Limit is not given; documented for each operation.

    Raises:
        InvalidMarkerException: The marker is none of this list.
    """
    return paginate(
        items,
        key=key,
        token=request.get("Marker"),
        limit=request.get("Limit") or otherwise,
        listing=listing,
        error=InvalidMarkerException,
    )


def answer(page: Page[Any], **members: Any) -> dict[str, Any]:
    """Return the members of a listing's result."""
    return {**members, "Truncated": page.next_token is not None, "NextMarker": page.next_token}
