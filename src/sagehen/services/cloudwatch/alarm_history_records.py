"""The history of alarms as SQLite holds it; the table is with the alarms' own."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.domain.scope import Scope
from sagehen.store.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One line of an alarm's history. `data`: JSON text; `id` 0 until it is stored."""

    scope: Scope
    name: str
    kind: str
    at_ms: int
    type: str
    summary: str
    data: str
    id: int = 0


class AlarmHistoryRecords:
    def __init__(self, database: Database) -> None:
        self._database = database

    def between(
        self, scope: Scope, name: str | None, start_ms: int | None, end_ms: int | None
    ) -> list[HistoryItem]:
        """Return history in order of time; of all alarms, deleted ones too, where no name is given."""
        rows = self._database.all(
            "SELECT * FROM alarm_history WHERE account_id = :account AND region = :region"
            " AND (:name IS NULL OR name = :name) AND (:start_ms IS NULL OR at_ms >= :start_ms)"
            " AND (:end_ms IS NULL OR at_ms <= :end_ms) ORDER BY at_ms, id",
            {
                "account": scope.account_id,
                "region": scope.region,
                "name": name,
                "start_ms": start_ms,
                "end_ms": end_ms,
            },
        )
        return [
            HistoryItem(scope, r["name"], r["kind"], r["at_ms"], r["type"], r["summary"], r["data"], r["id"])
            for r in rows
        ]

    async def forget(self, before_ms: int) -> None:
        await self._database.execute("DELETE FROM alarm_history WHERE at_ms < ?", (before_ms,))


def add_history(tx: Transaction, item: HistoryItem) -> None:
    tx.execute(
        "INSERT INTO alarm_history (account_id, region, name, kind, at_ms, type, summary, data)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            item.scope.account_id,
            item.scope.region,
            item.name,
            item.kind,
            item.at_ms,
            item.type,
            item.summary,
            item.data,
        ),
    )
