"""Pages of names, as the protocol cuts them."""

from __future__ import annotations

from urllib.parse import urlencode

_MOST_NAMES = 1_000


def page_size(query: dict[str, str]) -> int:
    """Return how many names a page has."""
    asked = query.get("n", "")
    digits = asked.isascii() and asked.isdigit() and len(asked) < 10
    return max(1, min(int(asked), _MOST_NAMES)) if digits else _MOST_NAMES


def next_link(path: str, size: int, last: str) -> str:
    """Return the header that names the next page (RFC 8288)."""
    return f'<{path}?{urlencode({"n": size, "last": last})}>; rel="next"'
