"""Ranges of bytes, as requests name them."""

from __future__ import annotations

import pytest

from sagehen.services.s3.errors.objects import InvalidRange
from sagehen.services.s3.objects.ranges import requested_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-4", (0, 5)),
        ("bytes=5-", (5, 5)),
        ("bytes=-3", (7, 3)),
        ("bytes=-30", (0, 10)),
        ("bytes=8-99", (8, 2)),
        ("bytes=4-2", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        (None, None),
    ],
)
def test_ranges(header: str | None, expected: tuple[int, int] | None) -> None:
    chosen = requested_range(header, 10)
    assert (chosen and (chosen.start, chosen.length)) == expected


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0)])
def test_a_range_behind_the_end(header: str, size: int) -> None:
    with pytest.raises(InvalidRange) as caught:
        requested_range(header, size)
    assert caught.value.members == {"ActualObjectSize": str(size), "RangeRequested": header}
