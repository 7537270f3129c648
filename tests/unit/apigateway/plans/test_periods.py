"""Quota arithmetic: when periods begin, what a plan allows in them, and what is left day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagehen.services.apigateway.plans.periods import (
    UNLIMITED,
    DayUse,
    allowance,
    period_start,
    remaining,
    series,
)
from sagehen.services.apigateway.snapshot.plans import Quota, Throttle, UsagePlan


def plan(quota: Quota | None, made: str | None = None) -> UsagePlan:
    at = datetime.fromisoformat(made).replace(tzinfo=UTC) if made else None
    return UsagePlan("plan", "p", Throttle(), quota, {}, at)


def days(use: dict[str, int | tuple[int, int]]) -> dict[date, DayUse]:
    """Make the use of days: requests, or (requests, granted)."""
    return {
        date.fromisoformat(day): DayUse(*(one if isinstance(one, tuple) else (one, 0)))
        for day, one in use.items()
    }


@pytest.mark.parametrize(
    ("day", "period", "start"),
    [
        ("2026-01-07", "DAY", "2026-01-07"),
        ("2026-01-01", "DAY", "2026-01-01"),
        # Weeks begin on Sunday; the 4th is one.
        ("2026-01-04", "WEEK", "2026-01-04"),
        ("2026-01-05", "WEEK", "2026-01-04"),
        ("2026-01-10", "WEEK", "2026-01-04"),
        ("2026-01-11", "WEEK", "2026-01-11"),
        ("2026-01-03", "WEEK", "2025-12-28"),  # over the end of a year
        ("2024-03-01", "WEEK", "2024-02-25"),  # over the end of a February that has 29 days
        ("2026-01-01", "MONTH", "2026-01-01"),
        ("2026-01-31", "MONTH", "2026-01-01"),
        ("2024-02-29", "MONTH", "2024-02-01"),
        ("2026-12-31", "MONTH", "2026-12-01"),
        ("0001-01-01", "WEEK", "0001-01-01"),  # a Monday: its Sunday is before all dates
        ("9999-12-31", "WEEK", "9999-12-26"),
    ],
)
def test_periods_begin(day: str, period: str, start: str) -> None:
    assert period_start(date.fromisoformat(day), period) == date.fromisoformat(start)


@given(st.dates(), st.sampled_from(["DAY", "WEEK", "MONTH"]))
def test_a_period_holds_its_days(day: date, period: str) -> None:
    start = period_start(day, period)
    assert start <= day
    if start > date.min:  # the first week of all begins before there are dates
        assert period_start(start, period) == start


@pytest.mark.parametrize(
    ("quota", "made", "day", "allowed"),
    [
        (None, "2026-01-20", "2026-01-20", UNLIMITED),
        (Quota(10, "DAY"), "2026-01-20", "2026-01-20", 10),
        # The offset is gone in the period that the plan was made in, and in no other.
        (Quota(10, "DAY", 3), "2026-01-20", "2026-01-20", 7),
        (Quota(10, "DAY", 3), "2026-01-20T23:59:59", "2026-01-20", 7),
        (Quota(10, "DAY", 3), "2026-01-20", "2026-01-21", 10),
        (Quota(10, "DAY", 3), "2026-01-20", "2026-01-19", 10),
        (Quota(10, "WEEK", 3), "2026-01-07", "2026-01-04", 7),
        (Quota(10, "WEEK", 3), "2026-01-07", "2026-01-10", 7),
        (Quota(10, "WEEK", 3), "2026-01-07", "2026-01-11", 10),
        (Quota(10, "MONTH", 3), "2026-01-20", "2026-01-01", 7),
        (Quota(10, "MONTH", 3), "2026-01-20", "2026-01-31", 7),
        (Quota(10, "MONTH", 3), "2026-01-20", "2026-02-01", 10),
        (Quota(10, "MONTH", 3), "2026-01-20", "2027-01-20", 10),  # the same month of another year
        (Quota(10, "MONTH", 10), "2026-01-20", "2026-01-20", 0),
        (Quota(10, "MONTH", 99), "2026-01-20", "2026-01-20", 0),  # never less than nothing
        (Quota(10, "MONTH", 3), None, "2026-01-20", 10),  # nobody knows when it was made
    ],
)
def test_what_a_plan_allows(quota: Quota | None, made: str | None, day: str, allowed: int) -> None:
    assert allowance(plan(quota, made), date.fromisoformat(day)) == allowed


@pytest.mark.parametrize(
    ("quota", "day", "use", "left"),
    [
        (Quota(10, "DAY"), "2026-01-06", {}, 10),
        (Quota(10, "DAY"), "2026-01-06", {"2026-01-05": 9, "2026-01-06": 4}, 6),
        (Quota(10, "DAY"), "2026-01-06", {"2026-01-06": 10}, 0),
        (Quota(10, "DAY"), "2026-01-06", {"2026-01-06": 12}, 0),  # the limit was lowered meanwhile
        # Saturday and Sunday are of two weeks.
        (Quota(10, "WEEK"), "2026-01-10", {"2026-01-04": 2, "2026-01-10": 3}, 5),
        (Quota(10, "WEEK"), "2026-01-11", {"2026-01-04": 2, "2026-01-10": 3}, 10),
        (Quota(10, "WEEK"), "2026-01-04", {"2026-01-03": 9}, 10),
        (Quota(10, "MONTH"), "2026-01-31", {"2026-01-01": 1, "2026-01-31": 2, "2026-02-01": 3}, 7),
        (Quota(10, "MONTH"), "2026-02-01", {"2026-01-31": 2, "2026-02-01": 3}, 7),
        # What comes after the day is not looked at: it is asked of days that are over, too.
        (Quota(10, "MONTH"), "2026-01-05", {"2026-01-05": 1, "2026-01-06": 8}, 9),
        # Grants are of the period that they were given in, and come on top.
        (Quota(10, "DAY"), "2026-01-06", {"2026-01-06": (10, 2)}, 2),
        (Quota(10, "MONTH"), "2026-01-20", {"2026-01-05": (10, 4), "2026-01-20": 1}, 3),
        (Quota(10, "MONTH"), "2026-02-01", {"2026-01-31": (0, 4)}, 10),
        (Quota(10, "DAY"), "2026-01-06", {"2026-01-06": (0, -10)}, 0),  # UpdateUsage to nothing
        (None, "2026-01-06", {"2026-01-06": 1_000_000}, UNLIMITED),
    ],
)
def test_what_remains(
    quota: Quota | None, day: str, use: dict[str, int | tuple[int, int]], left: int
) -> None:
    assert remaining(plan(quota), date.fromisoformat(day), days(use)) == left


@pytest.mark.parametrize(
    ("quota", "first", "last", "rows"),
    [
        (None, "2026-01-05", "2026-01-06", [[2, UNLIMITED], [1, UNLIMITED]]),
        (Quota(10, "DAY"), "2026-01-04", "2026-01-07", [[0, 10], [2, 8], [1, 13], [0, 10]]),
        # January's first days count in its middle though nobody asks for them.
        (Quota(10, "MONTH"), "2026-01-06", "2026-01-06", [[1, 11]]),
        (Quota(10, "MONTH"), "2026-01-05", "2026-01-07", [[2, 8], [1, 11], [0, 11]]),
        (Quota(10, "MONTH"), "2026-01-31", "2026-02-01", [[0, 11], [0, 10]]),
        (Quota(1, "DAY"), "2026-01-05", "2026-01-05", [[2, 0]]),
    ],
)
def test_a_series(quota: Quota | None, first: str, last: str, rows: list[list[int]]) -> None:
    use = days({"2026-01-05": 2, "2026-01-06": (1, 4)})
    assert series(plan(quota), date.fromisoformat(first), date.fromisoformat(last), use) == rows


DAYS = st.dates(date(2026, 1, 1), date(2026, 4, 1))
USE = st.dictionaries(DAYS, st.builds(DayUse, st.integers(0, 9), st.integers(0, 9)), max_size=60)


@given(st.sampled_from(["DAY", "WEEK", "MONTH", None]), st.tuples(DAYS, DAYS), USE)
def test_a_series_is_what_remains_day_by_day(
    period: str | None, ends: tuple[date, date], use: dict[date, DayUse]
) -> None:
    kind = plan(Quota(20, period, offset=3) if period else None, "2026-02-03")  # type: ignore[arg-type]
    first, last = sorted(ends)
    ordinals = range(first.toordinal(), last.toordinal() + 1)
    assert series(kind, first, last, use) == [
        [use.get(day, DayUse()).used, remaining(kind, day, use)] for day in map(date.fromordinal, ordinals)
    ]


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_ends_of_the_calendar(day: date) -> None:
    assert series(plan(Quota(5, "WEEK", 0)), day, day, {}) == [[0, 5]]
