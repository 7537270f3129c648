"""Listing pages: walk sorted keys and fold those that share a prefix. Pure but for `fetch`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sagehen.services.s3.records.keys import successor

# Rows asked for after a folded prefix was skipped; doubles while plain keys follow one another.
_FIRST_BATCH = 4


@dataclass(frozen=True, slots=True)
class Seek:
    """Where to go on: keys from `low` on (itself too if `inclusive`), or within `low` behind `row`.

    Args:
        low: A key.
        inclusive: Whether `low` itself is still to come, with all its rows.
        behind: Sequence of the last row of `low` that was seen; only for listings with many rows a key.
    """

    low: str
    inclusive: bool = True
    behind: int | None = None


Fetch = Callable[[Seek, str | None, int], Sequence[Any]]


@dataclass(slots=True)
class Page:
    """One page: rows in key order, common prefixes, and whether more follows."""

    rows: list[Any] = field(default_factory=list)
    common_prefixes: list[str] = field(default_factory=list)
    truncated: bool = False
    # What the page ended with: a row's key, or a common prefix.
    last: str = ""
    last_row: Any = None

    @property
    def count(self) -> int:
        return len(self.rows) + len(self.common_prefixes)


def common_prefix(key: str, prefix: str, delimiter: str) -> str | None:
    """Return what `key` folds into: itself up to the first delimiter behind `prefix`."""
    if not delimiter:
        return None
    found = key.find(delimiter, len(prefix))
    return None if found < 0 else key[: found + len(delimiter)]


def list_page(fetch: Fetch, prefix: str, delimiter: str, start: Seek | None, limit: int) -> Page:
    """Collect up to `limit` entries (rows and common prefixes together).

    A common prefix is entered once and the rest of its keys is skipped by seeking, so that a page
    costs in proportion to what it shows, not to what lies beneath.

    Args:
        fetch: Returns rows from a seek up to an upper bound (exclusive), at most so many, in order.
        start: Where an earlier page ended; None for the beginning.
    """
    page = Page()
    if limit == 0:
        return page
    high = successor(prefix) if prefix else None
    seek: Seek | None = start if start is not None and start.low >= prefix else Seek(prefix)
    batch = _FIRST_BATCH if delimiter else limit + 1
    while seek is not None:
        rows = fetch(seek, high, batch)
        following: Seek | None = None
        for row in rows:
            folded = common_prefix(row["key"], prefix, delimiter)
            if page.count == limit:
                page.truncated = True
                return page
            if folded is not None:
                page.common_prefixes.append(folded)
                page.last, page.last_row = folded, None
                beyond = successor(folded)
                if beyond is None:
                    return page
                following, batch = Seek(beyond), _FIRST_BATCH
                break
            page.rows.append(row)
            page.last, page.last_row = row["key"], row
            following = Seek(row["key"], inclusive=False, behind=row["sequence"])
        else:
            if len(rows) < batch:
                return page
            batch = min(batch * 2, limit + 1)
        seek = following
    return page
