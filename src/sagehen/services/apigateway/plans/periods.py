"""Quota arithmetic: pure functions of days and counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sagehen.services.apigateway.snapshot.plans import UsagePlan

# What AWS shows as remaining where a plan has no quota is not documented; -1 stands for "no limit".
UNLIMITED = -1


@dataclass(frozen=True, slots=True)
class DayUse:
    """Requests of one key in one day, and what UpdateUsage granted beyond the quota."""

    used: int = 0
    granted: int = 0


def period_start(day: date, period: str) -> date:
    """Return the first day of the quota period that holds `day`; weeks begin on Sunday, in UTC.

    AWS does not say when a week begins.
    """
    # Sunday is our choice; the first week of all dates begins with the first of them.
    if period == "WEEK":
        return date.fromordinal(max(day.toordinal() - (day.weekday() + 1) % 7, 1))
    if period == "MONTH":
        return day.replace(day=1)
    return day


def allowance(plan: UsagePlan, day: date) -> int:
    """Return how many requests the plan allows in the period of `day`, grants left aside."""
    quota = plan.quota
    if quota is None:
        return UNLIMITED
    start = period_start(day, quota.period)
    made = plan.created_at
    # Documented: QuotaSettings, offset: of the initial time period alone.
    first = made is not None and period_start(made.date(), quota.period) == start
    return max(quota.limit - (quota.offset if first else 0), 0)


def remaining(plan: UsagePlan, day: date, use: Mapping[date, DayUse]) -> int:
    """Return what was left of the quota at the end of `day`."""
    quota = plan.quota
    if quota is None:
        return UNLIMITED
    start = period_start(day, quota.period)
    period = [one for at, one in use.items() if start <= at <= day]
    granted, used = sum(one.granted for one in period), sum(one.used for one in period)
    return max(allowance(plan, day) + granted - used, 0)


def series(plan: UsagePlan, first: date, last: date, use: Mapping[date, DayUse]) -> list[list[int]]:
    """Return [used, remaining] of each day, the first and the last included."""
    period = plan.quota.period if plan.quota else "DAY"
    rows, left = [], 0
    for ordinal in range(period_start(first, period).toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if period_start(day, period) == day:
            left = allowance(plan, day)
        one = use.get(day, DayUse())
        # Carried over the days of the period, also those before `first`.
        left += one.granted - one.used
        if day >= first:
            rows.append([one.used, max(left, 0) if plan.quota else UNLIMITED])
    return rows
