"""The history of alarms as SQLite holds it; the table is with the alarms' own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.alarms.history.items import HistoryItem
from sagehen.store.database import Database, Transaction

_BITE = 500  # rows deleted in one transaction
# An alarm's configuration may be long: what one page reads at most.
_PAGE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which items are asked for; None and () are all."""

    name: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    type: str | None = None
    kinds: Sequence[str] = ()


class AlarmHistoryRecords:
    """The history of all alarms, deleted ones included: its rows refer to no alarm."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        scope: Scope,
        wanted: HistoryFilter,
        *,
        after: tuple[int, int] | None,
        descending: bool,
        limit: int,
    ) -> tuple[list[HistoryItem], bool]:
        """Return items in order of time, deleted alarms' among them, and whether their size left none out.

        Args:
            after: (at_ms, id) of the last item of the page before.
            limit: Items at most.
        """
        beyond, direction = ("<", "DESC") if descending else (">", "ASC")
        rows, whole = self._database.within(
            "SELECT * FROM alarm_history WHERE account_id = :account AND region = :region"
            " AND (:name IS NULL OR name = :name) AND (:start_ms IS NULL OR at_ms >= :start_ms)"
            " AND (:end_ms IS NULL OR at_ms <= :end_ms) AND (:type IS NULL OR type = :type)"
            " AND (:kinds = '' OR instr(:kinds, '/' || kind || '/'))"
            f" AND (:last_ms IS NULL OR (at_ms, id) {beyond} (:last_ms, :last_id))"
            f" ORDER BY at_ms {direction}, id {direction} LIMIT :limit",
            {
                "account": scope.account_id,
                "region": scope.region,
                "name": wanted.name,
                "start_ms": wanted.start_ms,
                "end_ms": wanted.end_ms,
                "type": wanted.type,
                "kinds": f"/{'/'.join(wanted.kinds)}/" if wanted.kinds else "",
                "last_ms": None if after is None else after[0],
                "last_id": None if after is None else after[1],
                "limit": limit,
            },
            most_bytes=_PAGE_BYTES,
            size=lambda row: len(row["data"]),
        )
        items = [
            HistoryItem(scope, r["name"], r["kind"], r["at_ms"], r["type"], r["summary"], r["data"], r["id"])
            for r in rows
        ]
        return items, whole

    async def forget(self, before_ms: int) -> None:
        """Delete what is older than `before_ms`, in bites: other writers get their turn in between."""
        sql = "DELETE FROM alarm_history WHERE id IN (SELECT id FROM alarm_history WHERE at_ms < ? LIMIT ?)"
        while await self._database.execute(sql, (before_ms, _BITE)) == _BITE:
            pass


def add_history(tx: Transaction, item: HistoryItem) -> None:
    """Store an item inside the transaction of what it tells of."""
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
