"""Ends in a row: how they are counted, when it is tried again."""

from __future__ import annotations

import pytest

from sagehen.upkeep.failures import Failures


@pytest.mark.parametrize(
    ("before", "served_s", "count"),
    [(0, None, 1), (1, None, 2), (7, None, 8), (2, 29.9, 3), (2, 30.0, 1), (0, 3600.0, 1)],
)
def test_failures_in_a_row(before: int, served_s: float | None, count: int) -> None:
    earlier = Failures(before, 1.0, "then") if before else None
    assert Failures.after(earlier, served_s, 5.0, "now") == Failures(count, 5.0, "now")


def test_what_served_for_long_begins_a_new_row() -> None:
    twice = Failures.after(Failures.after(None, None, 0.0, "a"), 3.0, 5.0, "b")
    assert twice == Failures(2, 5.0, "b")
    assert Failures.after(twice, 3600.0, 9.0, "c") == Failures(1, 9.0, "c")


def test_the_first_is_tried_again_at_once_and_a_minute_is_the_longest_pause() -> None:
    pauses = [Failures(count, 100.0, "x").again_at(2.0) - 100 for count in (1, 2, 3, 4, 6, 7, 10_000)]
    assert pauses == [0, 2, 4, 8, 32, 60, 60]
