"""CountedUsage: requests counted against quotas; in memory at once, in SQLite within a second."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sagehen.domain.clock import Clock
from sagehen.services.apigateway.snapshot import KeyInPlan, UsagePlan
from sagehen.services.apigateway.usage_periods import DayUse, period_start, remaining
from sagehen.store.database import Database, Transaction

# What a kill -9 may forget: AWS calls quotas best effort too.
_STORE_PERIOD_S = 1.0


@dataclass(slots=True)
class _Counter:
    """One key under one plan, in the current day."""

    day: date
    used: int
    granted: int
    spent_before: int  # of the period, less what was granted in those days
    dirty: bool = False


class CountedUsage:
    """Implements `snapshot.UsageCounter`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._counters: dict[tuple[str, str], _Counter] = {}
        self._storing: asyncio.Task[None] | None = None

    def take(self, in_plan: KeyInPlan, now: datetime) -> bool:
        plan, key_id = in_plan.plan, in_plan.key.id
        counter = self._counter(plan, key_id, now.date())
        if plan.quota is not None:
            use = {now.date(): DayUse(counter.used + counter.spent_before, counter.granted)}
            if remaining(plan, now.date(), use) < 1:
                return False
        counter.used += 1
        counter.dirty = True
        return True

    def _counter(self, plan: UsagePlan, key_id: str, day: date) -> _Counter:
        counter = self._counters.get((plan.id, key_id))
        if counter is None or counter.day != day:
            if counter is not None and counter.dirty:
                self._store_soon({(plan.id, key_id): counter})
            use = self.days(plan.id, key_id)
            if counter is not None:  # what is on its way to the table counts already
                use[counter.day] = DayUse(counter.used, counter.granted)
            start = period_start(day, plan.quota.period if plan.quota else "DAY")
            earlier = sum(one.used - one.granted for at, one in use.items() if start <= at < day)
            today = use.get(day, DayUse())
            counter = _Counter(day, today.used, today.granted, earlier)
            self._counters[plan.id, key_id] = counter
        return counter

    def days(self, plan_id: str, key_id: str) -> dict[date, DayUse]:
        """Return the stored use of a key by day."""
        rows = self._database.all(
            "SELECT day, used, granted FROM apigateway_usage WHERE plan_id = ? AND key_id = ?",
            (plan_id, key_id),
        )
        return {date.fromisoformat(row["day"]): DayUse(row["used"], row["granted"]) for row in rows}

    async def grant(self, plan: UsagePlan, key_id: str, left: int) -> None:
        """Make `left` requests remain in the current period."""
        await self.store()
        today = self._clock.now().date()
        extra = left - remaining(plan, today, self.days(plan.id, key_id))
        await self._database.execute(
            "INSERT INTO apigateway_usage (plan_id, key_id, day, granted) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (plan_id, key_id, day) DO UPDATE SET granted = granted + excluded.granted",
            (plan.id, key_id, today.isoformat(), extra),
        )
        self._counters.pop((plan.id, key_id), None)

    async def store(self) -> None:
        """Return when everything counted before is stored."""
        dirty = {key: counter for key, counter in self._counters.items() if counter.dirty}
        if dirty:
            await self._database.write(self._change(dirty))

    def forget(self) -> None:
        """Drop what memory holds; also after a change to plans, whose periods may be others now."""
        self._counters.clear()

    async def start(self) -> None:
        self._storing = asyncio.create_task(self._keep_storing(), name="apigateway-usage")

    async def stop(self) -> None:
        if self._storing is not None:
            self._storing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._storing
            self._storing = None
        await self.store()

    async def _keep_storing(self) -> None:
        while True:
            await self._clock.sleep(_STORE_PERIOD_S)
            await self.store()

    def _store_soon(self, counters: Mapping[tuple[str, str], _Counter]) -> None:
        task = asyncio.ensure_future(self._database.write(self._change(counters)))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    @staticmethod
    def _change(counters: Mapping[tuple[str, str], _Counter]) -> _StoreUse:
        rows = []
        for (plan_id, key_id), counter in counters.items():
            rows.append((plan_id, key_id, counter.day.isoformat(), counter.used))
            counter.dirty = False
        return _StoreUse(rows)


class _StoreUse:
    """The write of some counters, made where they are, run in the writer's thread."""

    __slots__ = ("_rows",)

    def __init__(self, rows: list[tuple[str, str, str, int]]) -> None:
        self._rows = rows

    def __call__(self, tx: Transaction) -> None:
        tx.executemany(
            "INSERT INTO apigateway_usage (plan_id, key_id, day, used) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (plan_id, key_id, day) DO UPDATE SET used = excluded.used",
            self._rows,
        )
