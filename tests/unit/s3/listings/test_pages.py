"""Pages of listings against the naive listing."""

from __future__ import annotations

import bisect

from hypothesis import given
from hypothesis import strategies as st

from sagehen.services.s3.listings.pages import Seek, common_prefix, list_page
from sagehen.services.s3.records.keys import successor

KEYS = st.text(alphabet="ab/\ud7ff\U0010ffff", min_size=1, max_size=6)


@given(
    keys=st.sets(KEYS, max_size=30),
    prefix=st.text(alphabet="ab/", max_size=2),
    delimiter=st.sampled_from(["", "/", "b"]),
    limit=st.integers(1, 7),
)
def test_pages_put_together_are_the_naive_listing(
    keys: set[str], prefix: str, delimiter: str, limit: int
) -> None:
    ordered = sorted(keys, key=str.encode)
    naive: list[str] = []
    for key in ordered:
        entry = common_prefix(key, prefix, delimiter) or key
        if key.startswith(prefix) and entry not in naive:
            naive.append(entry)

    def fetch(seek: Seek, high: str | None, count: int) -> list[dict[str, object]]:
        find = bisect.bisect_left if seek.inclusive else bisect.bisect_right
        first = find([key.encode() for key in ordered], seek.low.encode())
        chosen = [key for key in ordered[first:] if high is None or key.encode() < high.encode()]
        return [{"key": key, "sequence": 1} for key in chosen[:count]]

    listed: list[str] = []
    start: Seek | None = None
    while True:
        page = list_page(fetch, prefix, delimiter, start, limit)
        assert page.count <= limit
        entries = [row["key"] for row in page.rows] + page.common_prefixes
        listed += sorted(entries, key=str.encode)
        if not page.truncated:
            break
        assert page.count == limit
        start = Seek(page.last, inclusive=False) if page.last_row else Seek(successor(page.last) or "")
    assert listed == naive


def test_a_delimiter_skips_what_lies_beneath() -> None:
    """Four folders of 500 keys cost a handful of rows, not two thousand."""
    keys = [f"f{folder}/{number:04}" for folder in range(4) for number in range(500)]
    read = 0

    def fetch(seek: Seek, high: str | None, count: int) -> list[dict[str, object]]:
        nonlocal read
        rows = [{"key": key, "sequence": 1} for key in keys if key >= seek.low][:count]
        read += len(rows)
        return rows

    page = list_page(fetch, "", "/", None, 1000)
    assert page.common_prefixes == ["f0/", "f1/", "f2/", "f3/"] and not page.truncated
    assert read <= 20
