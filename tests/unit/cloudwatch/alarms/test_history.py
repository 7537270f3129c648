"""The history of alarms: what is past its time goes in bites, all of it and nothing else."""

from __future__ import annotations

from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.alarms.history.items import HistoryItem
from sagehen.services.cloudwatch.alarms.history.records import AlarmHistoryRecords, add_history
from sagehen.services.cloudwatch.alarms.tables import MIGRATIONS
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
