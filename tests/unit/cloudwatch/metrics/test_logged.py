"""What log events say of metrics is counted once."""

from __future__ import annotations

from sagehen.domain.clock import ManualClock
from sagehen.domain.ports.observing.logged_metrics import LoggedDatum
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.store.database import Database

SCOPE = Scope("111122223333", "us-east-1")


async def test_once_for_each_mark(
    cloudwatch: CloudWatchService, database: Database, clock: ManualClock
) -> None:
    logged = cloudwatch.logged
    assert logged.taken() == 0
    minute_s = int(clock.now().timestamp()) // 60 * 60
    by_minute = LoggedDatum(
        SCOPE, "N", "m", [1.0, 2.0, 2.0**400], minute_s + 5.5, dimensions={"b": "1", "a": "2"}
    )
    by_second = LoggedDatum(SCOPE, "N", "m", [7.0], minute_s + 5.5, "Count", resolution_s=1)
    await logged.take([by_minute, by_second], 10)
    await logged.take([by_minute], 10)
    await logged.take([by_minute], 9)
    assert logged.taken() == 10
    await logged.take([by_minute], 11)
    points = database.all("SELECT resolution_s, at_s, unit, count, total FROM metric_points ORDER BY 1")
    assert [tuple(point) for point in points] == [
        (1, minute_s + 5, "Count", 1, 7),
        (60, minute_s, "None", 4, 6),
    ]
