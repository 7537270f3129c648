from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagehen.domain.clock import ManualClock
from sagehen.services.apigateway.documents.records import MIGRATIONS
from sagehen.services.apigateway.plans.counter import CountedUsage
from sagehen.services.apigateway.plans.periods import UNLIMITED, DayUse, period_start, remaining, series
from sagehen.services.apigateway.snapshot.plans import ApiKey, KeyInPlan, Quota, Throttle, UsagePlan
from sagehen.store.database import Database

DAY_S = 86_400
KEY = ApiKey("key", "k", "v" * 40, True, None)


def plan(quota: Quota | None, made: datetime | None = None) -> UsagePlan:
    return UsagePlan("plan", "p", Throttle(), quota, {}, made)


@pytest.mark.parametrize(
    ("period", "start"),
    [("DAY", "2026-01-07"), ("WEEK", "2026-01-04"), ("MONTH", "2026-01-01")],
)
def test_periods_begin(period: str, start: str) -> None:
    assert period_start(date(2026, 1, 7), period) == date.fromisoformat(start)


@given(st.dates(), st.sampled_from(["DAY", "WEEK", "MONTH"]))
def test_a_period_holds_its_days(day: date, period: str) -> None:
    start = period_start(day, period)
    assert start <= day
    if start > date.min:  # the first week of all begins before there are dates
        assert period_start(start, period) == start


def test_what_remains() -> None:
    quota = plan(Quota(10, "MONTH", offset=3), datetime(2026, 1, 20, tzinfo=UTC))
    january = {date(2026, 1, 5): DayUse(2), date(2026, 1, 6): DayUse(1, granted=4)}
    assert remaining(quota, date(2026, 1, 5), january) == 5
    assert remaining(quota, date(2026, 1, 31), january) == 8
    assert remaining(quota, date(2026, 2, 1), january) == 10, "the offset is of the first period alone"
    assert remaining(plan(None), date(2026, 1, 5), january) == UNLIMITED


DAYS = st.dates(date(2026, 1, 1), date(2026, 4, 1))
USE = st.dictionaries(DAYS, st.builds(DayUse, st.integers(0, 9), st.integers(0, 9)), max_size=60)


@given(st.sampled_from(["DAY", "WEEK", "MONTH", None]), st.tuples(DAYS, DAYS), USE)
def test_a_series_is_what_remains_day_by_day(
    period: str | None, ends: tuple[date, date], use: dict[date, DayUse]
) -> None:
    kind = plan(Quota(20, period, offset=3) if period else None, datetime(2026, 2, 3, tzinfo=UTC))
    first, last = sorted(ends)
    days = [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]
    assert series(kind, first, last, use) == [
        [use.get(day, DayUse()).used, remaining(kind, day, use)] for day in days
    ]


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_ends_of_the_calendar(day: date) -> None:
    assert series(plan(Quota(5, "WEEK", 0)), day, day, {}) == [[0, 5]]


@pytest.fixture
def usage(database: Database, clock: ManualClock) -> CountedUsage:
    database.migrate("apigateway", MIGRATIONS)
    return CountedUsage(database, clock)


async def test_requests_are_counted_until_the_quota_is_spent(usage: CountedUsage, clock: ManualClock) -> None:
    held = KeyInPlan(KEY, plan(Quota(2, "DAY")))
    assert [usage.take(held, clock.now()) for _ in range(3)] == [True, True, False]
    await clock.advance(DAY_S)
    assert usage.take(held, clock.now()), "a new day, a new quota"


async def test_a_month_goes_on_over_midnight(usage: CountedUsage, clock: ManualClock) -> None:
    held = KeyInPlan(KEY, plan(Quota(3, "MONTH")))
    assert usage.take(held, clock.now())
    await clock.advance(DAY_S)
    assert [usage.take(held, clock.now()) for _ in range(3)] == [True, True, False]
    await usage.store()
    assert usage.days("plan", "key") == {date(2026, 1, 1): DayUse(1), date(2026, 1, 2): DayUse(2)}


async def test_counts_are_stored_within_a_second(
    usage: CountedUsage, database: Database, clock: ManualClock
) -> None:
    held = KeyInPlan(KEY, plan(Quota(2, "DAY")))
    await usage.start()
    assert usage.take(held, clock.now()) and usage.take(held, clock.now())
    await asyncio.sleep(0)  # the task begins to wait
    await clock.advance(1.1)
    await database.write(lambda tx: None)  # the counts were queued before this
    reborn = CountedUsage(database, clock)
    assert not reborn.take(held, clock.now())
    await usage.stop()


async def test_a_grant_makes_requests_remain(usage: CountedUsage, clock: ManualClock) -> None:
    held = KeyInPlan(KEY, plan(Quota(1, "DAY")))
    assert [usage.take(held, clock.now()) for _ in range(2)] == [True, False]
    await usage.grant(held.plan, "key", 2)
    assert [usage.take(held, clock.now()) for _ in range(3)] == [True, True, False]


async def test_a_plan_of_another_period_counts_what_was_used(usage: CountedUsage, clock: ManualClock) -> None:
    assert usage.take(KeyInPlan(KEY, plan(Quota(5, "DAY"))), clock.now())
    await clock.advance(DAY_S)
    assert usage.take(KeyInPlan(KEY, plan(Quota(5, "DAY"))), clock.now())
    monthly = KeyInPlan(KEY, plan(Quota(3, "MONTH")))
    assert [usage.take(monthly, clock.now()) for _ in range(2)] == [True, False]
    await usage.store()
    assert usage.days("plan", "key") == {date(2026, 1, 1): DayUse(1), date(2026, 1, 2): DayUse(2)}


async def test_old_usage_is_forgotten(usage: CountedUsage, clock: ManualClock, database: Database) -> None:
    held = KeyInPlan(KEY, plan(None))
    assert usage.take(held, clock.now())
    await usage.store()
    await clock.advance(400 * DAY_S)
    assert usage.take(held, clock.now())
    await usage.store()
    assert await usage.sweep() == 0
    await clock.advance(DAY_S)
    assert await usage.sweep() == 1
    assert len(database.all("SELECT * FROM apigateway_usage")) == 1
