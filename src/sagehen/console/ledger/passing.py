"""How long things ran between two looks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sagehen.domain.ports.compute.running_things import Running

Key = tuple[str, str, str, str, str, str]


def key_of(running: Running) -> Key:
    """Return what tells it from all others: with its type, since a change of type changes the price."""
    scope = running.scope
    return scope.account_id, scope.region, running.kind, running.name, running.part, running.type


def month_of(moment: datetime) -> datetime:
    """Return the first moment of a month, in UTC."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def passed(
    before: Mapping[Key, Running], now: Iterable[Running], last: datetime, moment: datetime
) -> dict[Key, float]:
    """Return for how many seconds each ran since the last look, times its count.

    What ran at both looks ran in between, as many as there were. What is new ran since it began. What is gone
    ended at once: less is counted than ran, by a look's pause at the most. Earlier months are left out.

    Worked example: two instances at both looks, a minute apart, are 120 s.
    """
    first = max(last, month_of(moment))
    seconds: dict[Key, float] = {}
    for running in now:
        known = before.get(key_of(running))
        since = first if known else max(first, running.since)
        count = known.count if known else running.count
        seconds[key_of(running)] = max(0.0, (moment - since).total_seconds()) * count
    return seconds
