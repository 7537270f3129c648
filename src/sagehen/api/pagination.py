"""Pages of a listing, with opaque tokens that survive deletions and restarts."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sagehen.api.errors import ServiceError, ValidationException

T = TypeVar("T")
# Makes the service's own error of a sentence about a token that is not ours.
Refusal = Callable[[str], ServiceError]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page; `next_token` is None on the last one, so that the member is left out."""

    items: list[T]
    next_token: str | None


def paginate(
    items: Sequence[T],
    *,
    key: Callable[[T], Any],
    token: str | None,
    limit: int,
    descending: bool = False,
    listing: str = "",
    error: Refusal = ValidationException,
) -> Page[T]:
    """Cut the page after `token` out of `items`.

    The token holds the key of the last item shown, not an offset: items that appear or vanish
    between two calls make no other item show up twice or not at all.

    Args:
        items: The whole listing, sorted by `key` already.
        key: A unique sort key, of what JSON can hold: a string, a number, or a tuple of them.
        token: What the client sent; None or `""` for the first page.
        limit: Items on a page, at least 1.
        descending: `items` is sorted from the greatest key down.
        listing: Names the listing and its filters; a token of another listing is refused.
        error: Raised with AWS's usual text when the token is not ours.

    Raises:
        ServiceError: `error`, for a token that was not made by this listing.
    """
    rest = items
    if token:
        last = decode_token(token, listing=listing, error=error)
        try:
            rest = [item for item in items if _after(_plain(key(item)), last, descending)]
        except TypeError:  # a forged key of another type
            raise error("Invalid pagination token.") from None
    page = list(rest[:limit])
    more = len(rest) > len(page)
    return Page(page, encode_token(key(page[-1]), listing=listing) if more and page else None)


def sought(
    token: str | None, kinds: tuple[type, ...], *, listing: str, error: Refusal
) -> tuple[Any, ...] | None:
    """Return the key behind which a listing that seeks in SQL goes on; None for the first page.

    Args:
        kinds: Types of the key's parts.

    Raises:
        ServiceError: `error`, for a token that was not made by this listing.
    """
    if not token:
        return None
    value = decode_token(token, listing=listing, error=error)
    parts = value if isinstance(value, list) else [value]
    if [type(part) for part in parts] != list(kinds) or not all(map(_is_storable, parts)):
        raise error("Invalid pagination token.")
    return tuple(parts)


def page_read(
    read: Sequence[T], whole: bool, limit: int, *, key: Callable[[T], Any], listing: str
) -> Page[T]:
    """Make a page of what was read behind the last one: `limit` + 1 items, or fewer where bytes ran out.

    Args:
        whole: Nothing was left because of its size.
    """
    items = list(read[:limit])
    more = not whole or len(read) > limit
    return Page(items, encode_token(key(items[-1]), listing=listing) if more and items else None)


def encode_token(value: Any, *, listing: str = "") -> str:
    """Make an opaque token of a JSON value, for listings that page by themselves (in SQL)."""
    text = json.dumps([listing, value], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_token(token: str, *, listing: str = "", error: Refusal = ValidationException) -> Any:
    """Return the value in a token; tuples come back as lists.

    Raises:
        ServiceError: `error`, if the token was not made by `encode_token` for this listing.
    """
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        found, value = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise error("Invalid pagination token.") from None
    if found != listing:
        raise error("Invalid pagination token.")
    return value


def _is_storable(part: Any) -> bool:
    """Tell whether SQL takes it: no key is one that it does not."""
    if isinstance(part, int):
        return -(2**63) <= part < 2**63
    return not isinstance(part, str) or part.isascii() or part.encode("utf-8", "replace").decode() == part


def _after(value: Any, last: Any, descending: bool) -> bool:
    return bool(value < last) if descending else bool(value > last)


def _plain(value: Any) -> Any:
    """Tuples as the lists that JSON turns them into, so that they compare."""
    return list(value) if isinstance(value, tuple) else value
