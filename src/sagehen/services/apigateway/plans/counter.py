"""CountedUsage: requests counted against quotas; in memory at once, in SQLite within a second."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock
from sagehen.services.apigateway.plans.periods import DayUse, period_start, remaining
from sagehen.services.apigateway.snapshot.plans import KeyInPlan, UsagePlan
from sagehen.store.database import Database, Transaction

_log = logging.getLogger(__name__)

# What a kill -9 may forget: AWS calls quotas best effort too.
_STORE_PERIOD_S = 1.0
# The longest quota period is a month. How long AWS keeps what GetUsage shows it does not say.
_KEPT_DAYS = 400
_SWEEP_PERIOD_S = 6 * 3600.0
_BITE = 500  # rows deleted in one transaction
_STORE = (
    "INSERT INTO apigateway_usage (plan_id, key_id, day, used) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (plan_id, key_id, day) DO UPDATE SET used = excluded.used"
)


@dataclass(slots=True)
class _Counter:
    """One key under one plan, in the current day."""

    day: date
    period: str
    used: int
    granted: int
    spent_before: int  # of the period, less what was granted in those days
    dirty: bool = False


class CountedUsage:
    """Implements `snapshot.ports.UsageCounter`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._counters: dict[tuple[str, str], _Counter] = {}
        self._ended: list[tuple[tuple[str, str], _Counter]] = []  # of other days and periods
        self._storing = Rounds(
            "apigateway-usage",
            self._store_news,
            clock,
            _STORE_PERIOD_S,
            tale="storing usage",
            at_once=False,
        )
        self._sweeping = Rounds(
            "apigateway-usage-sweep", self.sweep, clock, _SWEEP_PERIOD_S, tale="forgetting old usage"
        )

    def take(self, in_plan: KeyInPlan, now: datetime) -> bool:
        """As `UsageCounter.take`. Reads the table at a key's first request of a day, else memory alone."""
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
        period = plan.quota.period if plan.quota else "DAY"
        if counter is None or (counter.day, counter.period) != (day, period):
            if counter is not None:
                self._ended.append(((plan.id, key_id), counter))
            use = self.days(plan.id, key_id)
            for key, ended in self._ended:  # what they counted may not be in the table yet
                if key == (plan.id, key_id):
                    use[ended.day] = DayUse(ended.used, ended.granted)
            start = period_start(day, period)
            earlier = sum(one.used - one.granted for at, one in use.items() if start <= at < day)
            today = use.get(day, DayUse())
            counter = _Counter(day, period, today.used, today.granted, earlier)
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
        counter = self._counters.get((plan.id, key_id))
        if counter is not None and counter.day == today:
            counter.granted += extra

    async def store(self) -> None:
        """Return when everything counted before is stored: also what another call is storing now.

        What could not be stored (a full disk raises here) is counted as not stored yet.
        """
        rows: list[tuple[str, str, str, int]] = []
        storing: list[_Counter] = []
        ended = list(self._ended)
        for (plan_id, key_id), counter in (*ended, *self._counters.items()):
            if counter.dirty:
                rows.append((plan_id, key_id, counter.day.isoformat(), counter.used))
                storing.append(counter)
                counter.dirty = False

        def run(tx: Transaction) -> None:
            tx.executemany(_STORE, rows)

        try:
            await self._database.write(run)
        except BaseException:
            for counter in storing:
                counter.dirty = True
            raise
        self._ended = [entry for entry in self._ended if not any(entry is one for one in ended)]

    def forget(self) -> None:
        """Drop what memory holds: the tables were emptied."""
        self._counters.clear()
        self._ended.clear()

    async def start(self) -> None:
        """Begin to store every `_STORE_PERIOD_S`, and to forget old days."""
        self._storing.start()
        self._sweeping.start()

    async def stop(self) -> None:
        """End both, and store what is counted."""
        await self._storing.stop()
        await self._sweeping.stop()
        await self.store()

    async def sweep(self) -> int:
        """Forget days past `_KEPT_DAYS`, by the platform's clock and in bites; return how many rows went."""
        before = (self._clock.now().date() - timedelta(days=_KEPT_DAYS)).isoformat()
        sql = (
            "DELETE FROM apigateway_usage WHERE (plan_id, key_id, day) IN"
            " (SELECT plan_id, key_id, day FROM apigateway_usage WHERE day < ? LIMIT ?)"
        )
        gone = 0
        while True:
            bite = await self._database.execute(sql, (before, _BITE))
            gone += bite
            if bite < _BITE:
                return gone

    async def _store_news(self) -> None:
        if self._ended or any(counter.dirty for counter in self._counters.values()):
            await self.store()
