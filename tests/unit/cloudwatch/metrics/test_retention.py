"""Data points become coarser with age and go, and metrics with their last one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.services.cloudwatch.metrics.aggregate import Aggregate
from sagehen.services.cloudwatch.metrics.lives import DAY_S, HOUR_S, LIVES, step_s
from sagehen.services.cloudwatch.metrics.metric import MetricKey, PointKey
from sagehen.services.cloudwatch.metrics.records import MetricRecords
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.store.database import Database, Transaction
from tests.unit.cloudwatch.conftest import SCOPE

# Age of the start, the period asked for, and what the start is rounded down to (API_GetMetricStatistics).
STEPS = [
    (0, 60, 60),
    (0, 300, 60),
    (15 * DAY_S, 60, 60),
    (15 * DAY_S + 1, 60, 300),
    (63 * DAY_S, 3600, 300),
    (63 * DAY_S + 1, 60, 3600),
    (500 * DAY_S, 86_400, 3600),
    (0, 1, 1),
    (100 * DAY_S, 30, 30),
]


@pytest.mark.parametrize(("age_s", "period_s", "step"), STEPS)
def test_what_a_start_is_rounded_to(age_s: int, period_s: int, step: int) -> None:
    assert step_s(age_s, period_s) == step


def test_each_resolution_becomes_the_next() -> None:
    assert [life.coarser_s for life in LIVES] == [*(life.resolution_s for life in LIVES[1:]), None]
    assert [life.life_s for life in LIVES] == [3 * HOUR_S, 15 * DAY_S, 63 * DAY_S, 455 * DAY_S]


# How old a point is, the resolution it was put in, and the resolution in which it is found after rolling up.
AGES = [
    (3 * HOUR_S - 60, 1, 1),
    (3 * HOUR_S + 60, 1, 60),
    (3 * HOUR_S + 60, 60, 60),
    (15 * DAY_S - 60, 60, 60),
    (15 * DAY_S + 300, 60, 300),
    (15 * DAY_S + 300, 1, 300),
    (63 * DAY_S - 300, 300, 300),
    (63 * DAY_S + 3600, 300, 3600),
    (455 * DAY_S - 3600, 3600, 3600),
    (455 * DAY_S + 1, 3600, None),
    (456 * DAY_S, 1, None),
]


@pytest.mark.parametrize(("age_s", "put_s", "found_s"), AGES)
async def test_what_becomes_of_a_point(
    cloudwatch: CloudWatchService,
    database: Database,
    clock: ManualClock,
    age_s: int,
    put_s: int,
    found_s: int | None,
) -> None:
    at_s = int(clock.now().timestamp()) - age_s
    aggregate = Aggregate()
    aggregate.add(4.0)
    aggregate.add(6.0)
    key = PointKey(MetricKey(SCOPE, "App", "m", ()), put_s, at_s - at_s % put_s, "None")
    await MetricRecords(database).add({key: aggregate})
    await cloudwatch._metrics.retention.roll_up()
    rows = database.all("SELECT resolution_s, at_s, count, total, minimum, maximum FROM metric_points")
    whole = [] if found_s is None else [(found_s, at_s - at_s % found_s, 2.0, 10.0, 4.0, 6.0)]
    assert [tuple(row) for row in rows] == whole


async def test_metrics_without_points(
    cloudwatch: CloudWatchService, database: Database, clock: ManualClock
) -> None:
    now = int(clock.now().timestamp())
    old = int((clock.now() - timedelta(days=600)).timestamp())

    def fill(tx: Transaction) -> None:
        for number in range(4_500):
            tx.execute(
                "INSERT INTO metrics (account_id, region, namespace, name, dimensions, last_s)"
                " VALUES ('1', 'r', 'n', ?, '[]', ?)",
                (f"m{number}", now if number in (7, 4_400) else old),
            )

    await database.write(fill)
    await cloudwatch._metrics.retention.roll_up()
    assert [row["name"] for row in database.all("SELECT name FROM metrics ORDER BY id")] == ["m7", "m4400"]
