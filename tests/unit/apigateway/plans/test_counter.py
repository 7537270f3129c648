"""Counted use: at once in memory, soon in the table, from there after a restart."""

from __future__ import annotations

import asyncio
from datetime import date, datetime

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.services.apigateway.documents.tables import MIGRATIONS
from sagehen.services.apigateway.plans.counter import CountedUsage
from sagehen.services.apigateway.plans.periods import DayUse
from sagehen.services.apigateway.snapshot.plans import ApiKey, KeyInPlan, Quota, Throttle, UsagePlan
from sagehen.store.database import Database

DAY_S = 86_400
KEY = ApiKey("key", "k", "v" * 40, True, None)


def plan(quota: Quota | None, made: datetime | None = None) -> UsagePlan:
    return UsagePlan("plan", "p", Throttle(), quota, {}, made)


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


async def test_what_could_not_be_stored_is_stored_later(
    usage: CountedUsage, database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, for instance, ends neither the storing nor the count of what it kept away."""
    held = KeyInPlan(KEY, plan(Quota(2, "DAY")))
    tried = 0

    async def full(change: object) -> None:
        nonlocal tried
        tried += 1
        raise OSError("the disk is full")

    await usage.start()
    assert usage.take(held, clock.now())
    await asyncio.sleep(0)
    with monkeypatch.context() as patched:
        patched.setattr(database, "write", full)
        await clock.advance(1.1)
    assert tried == 1
    await clock.advance(1.1)
    await database.write(lambda tx: None)
    assert CountedUsage(database, clock).days("plan", "key") == {date(2026, 1, 1): DayUse(1)}
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
