"""What runs is counted by the time that passes, and stays in the month's sum when it is gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sagehen.console.ledger.ledger import Ledger
from sagehen.console.ledger.passing import key_of, passed
from sagehen.domain.ports.compute.ec2_bills import MachineBill, VolumeBill
from sagehen.domain.ports.compute.running_things import Running
from sagehen.domain.scope import Scope
from sagehen.store.database import Database
from tests.unit.console.test_sessions import Time

SCOPE = Scope("123456789012", "us-east-1")
MINUTE = timedelta(minutes=1)
AT = datetime(2026, 11, 29, 12, tzinfo=UTC)


def running(
    name: str = "e", count: float = 2, since: datetime = AT - 60 * MINUTE, type_: str = "a"
) -> Running:
    return Running(SCOPE, "endpoint", name, "v", type_, count, since)


@pytest.mark.parametrize(
    ("before", "now", "since_last", "seconds"),
    [
        ([running()], [running()], MINUTE, [120]),
        ([running(count=2)], [running(count=5)], MINUTE, [120]),
        ([], [running(since=AT - MINUTE / 2)], MINUTE, [60]),  # it began in between
        ([], [running()], MINUTE, [120]),  # known for longer than it is looked at: from the last look
        ([running()], [running(type_="b")], MINUTE, [120]),
        ([running()], [], MINUTE, []),
        ([running()], [running()], timedelta(days=40), [2 * 28.5 * 86_400]),  # this month's alone
        ([], [running(since=AT + MINUTE)], MINUTE, [0]),
    ],
)
def test_what_passed(
    before: list[Running], now: list[Running], since_last: timedelta, seconds: list[float]
) -> None:
    known = {key_of(one): one for one in before}
    assert list(passed(known, now, AT - since_last, AT).values()) == pytest.approx(seconds)


class Things:
    def __init__(self) -> None:
        self.all: list[Running] = []

    def running(self) -> Iterable[Running]:
        return self.all


class Bills:
    def __init__(self) -> None:
        self.found: list[MachineBill] = []

    def scopes(self) -> Sequence[Scope]:
        return [SCOPE]

    async def machines(self, scope: Scope) -> Sequence[MachineBill]:
        return self.found

    async def volumes(self, scope: Scope) -> Sequence[VolumeBill]:
        return []


async def test_a_month(tmp_path: Path) -> None:
    time, things, bills = Time(), Things(), Bills()
    database = Database(tmp_path / "x.db")

    async def counted() -> dict[str, tuple[float, float | None]]:
        return {one.name: (one.seconds, one.usd) for one in await ledger.counted(SCOPE)}

    try:
        ledger = Ledger(database, time, [things], bills)
        await ledger.start()
        things.all = [running(since=time.now())]
        bills.found = [MachineBill("i-1", "t3.micro", False, True, AT, 0.01, 0.25)]
        time.seconds += 60
        assert await counted() == {"e": (120, None), "i-1": (0, 0.25)}
        time.seconds += 30
        await ledger.stop()
        # What is down costs nothing, and what is gone stays.
        time.seconds += 3600
        ledger = Ledger(database, time, [things], bills)
        await ledger.start()
        time.seconds += 60
        things.all, bills.found = [], []
        assert await counted() == {"e": (180, None), "i-1": (0, 0.25)}
        assert await ledger.counted(Scope("123456789012", "eu-west-1")) == []
        things.all = [running("f", since=time.now())]
        time.seconds += 40 * 86_400
        assert "e" not in await counted()
        await ledger.stop()
    finally:
        database.close()
