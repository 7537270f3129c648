"""The ledger's rows: one for each thing of the month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sagehen.console.ledger.passing import Key
from sagehen.domain.scope import Scope
from sagehen.store.database import Database, Transaction

MIGRATIONS = (
    """
    CREATE TABLE cost_ledger (
        month TEXT NOT NULL,
        account_id TEXT NOT NULL, region TEXT NOT NULL,
        kind TEXT NOT NULL, name TEXT NOT NULL, part TEXT NOT NULL, type TEXT NOT NULL,
        seconds REAL NOT NULL, usd REAL,
        PRIMARY KEY (month, account_id, region, kind, name, part, type)
    ) WITHOUT ROWID;
    """,
)
_ADD = (
    "INSERT INTO cost_ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)"
    " ON CONFLICT DO UPDATE SET seconds = seconds + excluded.seconds"
)
_SET = (
    "INSERT INTO cost_ledger VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT DO UPDATE SET usd = excluded.usd"
)


@dataclass(frozen=True, slots=True)
class Counted:
    """A thing of the month.

    Args:
        kind, name, part, type: As it ran.
        seconds: For how long, times its count.
        usd: What it has cost, where its service counts that itself.
    """

    kind: str
    name: str
    part: str
    type: str
    seconds: float
    usd: float | None


class LedgerRecords:
    """Reads and writes."""

    def __init__(self, database: Database) -> None:
        database.migrate("cost-ledger", MIGRATIONS)
        self._database = database

    async def add(self, month: str, seconds: Mapping[Key, float], usd: Mapping[Key, float]) -> None:
        """Add seconds, and replace sums; what other months had is forgotten."""

        def work(tx: Transaction) -> None:
            tx.execute("DELETE FROM cost_ledger WHERE month <> ?", (month,))
            tx.executemany(_ADD, _rows(month, seconds))
            tx.executemany(_SET, _rows(month, usd))

        await self._database.write(work)

    def of(self, month: str, scope: Scope) -> list[Counted]:
        """Return an account's things of a month in one region."""
        rows = self._database.all(
            "SELECT kind, name, part, type, seconds, usd FROM cost_ledger"
            " WHERE month = ? AND account_id = ? AND region = ?",
            (month, scope.account_id, scope.region),
        )
        return [Counted(*row) for row in rows]


def _rows(month: str, values: Mapping[Key, float]) -> Iterable[tuple[str | float, ...]]:
    return [(month, *key, value) for key, value in values.items()]
