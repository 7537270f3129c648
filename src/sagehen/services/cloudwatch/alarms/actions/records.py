"""Actions that alarms decided on and that are still to be done, as SQLite holds them."""

from __future__ import annotations

from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.alarms.actions.pending import PendingAction
from sagehen.services.cloudwatch.alarms.history.items import HistoryItem
from sagehen.services.cloudwatch.alarms.history.records import add_history
from sagehen.store.database import Database, Transaction


class AlarmActionRecords:
    """The actions still to be done, of all accounts and regions; they are stored with what asks for them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pending(self, limit: int) -> list[PendingAction]:
        """Return actions still to be done, those due first in front."""
        rows = self._database.all("SELECT * FROM alarm_actions ORDER BY due_ms, id LIMIT ?", (limit,))
        return [
            PendingAction(
                Scope(r["account_id"], r["region"]),
                r["name"],
                r["kind"],
                r["action_arn"],
                r["event"],
                r["updated_ms"],
                r["attempts"],
                r["due_ms"],
                r["id"],
            )
            for r in rows
        ]

    async def finish(self, action: PendingAction, history: HistoryItem) -> None:
        """Write down how an action went, and forget it, in one transaction."""

        def change(tx: Transaction) -> None:
            tx.execute("DELETE FROM alarm_actions WHERE id = ?", (action.id,))
            add_history(tx, history)

        await self._database.write(change)

    async def postpone(self, action: PendingAction, due_ms: int) -> None:
        """Count an attempt that failed and set when the next is due, in ms since the epoch."""
        await self._database.execute(
            "UPDATE alarm_actions SET attempts = attempts + 1, due_ms = ? WHERE id = ?", (due_ms, action.id)
        )


def add_action(tx: Transaction, action: PendingAction) -> None:
    """Store an action inside the transaction of what asks for it."""
    tx.execute(
        "INSERT INTO alarm_actions (account_id, region, name, kind, action_arn, event, updated_ms,"
        " attempts, due_ms) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)",
        (
            action.scope.account_id,
            action.scope.region,
            action.name,
            action.kind,
            action.action_arn,
            action.event,
            action.updated_ms,
            action.due_ms,
        ),
    )
