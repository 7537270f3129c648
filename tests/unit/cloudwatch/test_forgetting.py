"""What is past its time goes in bites, all of it and nothing else."""

from __future__ import annotations

from datetime import timedelta

from sagehen.domain.clock import ManualClock
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.alarms.history.items import HistoryItem
from sagehen.services.cloudwatch.alarms.history.records import AlarmHistoryRecords, add_history
from sagehen.services.cloudwatch.alarms.records import MIGRATIONS
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.store.database import Database, Transaction

SCOPE = Scope("111122223333", "us-east-1")


async def test_alarm_history(database: Database) -> None:
    database.migrate("cloudwatch-alarms", MIGRATIONS)

    def fill(tx: Transaction) -> None:
        for at_ms in range(1_201):
            add_history(tx, HistoryItem(SCOPE, "a", "MetricAlarm", at_ms, "StateUpdate", "s", "{}"))

    await database.write(fill)
    await AlarmHistoryRecords(database).forget(1_200)
    assert [row["at_ms"] for row in database.all("SELECT at_ms FROM alarm_history")] == [1_200]


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
    await cloudwatch.retention.roll_up()
    assert [row["name"] for row in database.all("SELECT name FROM metrics ORDER BY id")] == ["m7", "m4400"]
