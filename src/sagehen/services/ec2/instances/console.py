"""Consoles: the last 64 KiB that each instance's console showed, kept across its stops."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sagehen.store.database import Database, Transaction

MIGRATIONS = (
    """
    CREATE TABLE ec2_consoles (
        instance_id TEXT PRIMARY KEY, at REAL NOT NULL, content BLOB NOT NULL) WITHOUT ROWID;
    """,
)
# Documented: GetConsoleOutput returns the most recent 64 KB.
_KEPT = 64 * 1024


class Consoles:
    """What consoles showed.

    Args:
        database: Where it is when nothing runs.
        now: The present, in UTC.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        database.migrate("ec2_consoles", MIGRATIONS)
        self._database = database
        self._now = now
        self._live: dict[str, tuple[datetime, bytearray]] = {}

    def of(self, instance_id: str) -> Callable[[bytes], None]:
        """Return what takes the output of one machine, after what an earlier one printed."""
        before, at = self.read(instance_id)
        held = bytearray(before)
        self._live[instance_id] = at or self._now(), held

        def heard(content: bytes) -> None:
            held.extend(content[-_KEPT:])
            del held[:-_KEPT]
            self._live[instance_id] = self._now(), held

        return heard

    def read(self, instance_id: str) -> tuple[bytes, datetime | None]:
        """Return what it showed, and when the last of it came; None where it showed nothing."""
        if (live := self._live.get(instance_id)) is not None:
            return bytes(live[1]), live[0]
        row = self._database.one("SELECT * FROM ec2_consoles WHERE instance_id = ?", (instance_id,))
        return (bytes(row["content"]), datetime.fromtimestamp(row["at"], UTC)) if row else (b"", None)

    async def keep(self, instance_id: str) -> None:
        """Write it down: its machine ended."""
        if (live := self._live.pop(instance_id, None)) is not None:
            values = (instance_id, live[0].timestamp(), bytes(live[1]))

            def work(tx: Transaction) -> None:
                tx.execute("REPLACE INTO ec2_consoles VALUES (?, ?, ?)", values)

            await self._database.write(work)

    async def forget(self, instance_id: str) -> None:
        """Remove it: the instance is shown no more."""
        self._live.pop(instance_id, None)

        def work(tx: Transaction) -> None:
            tx.execute("DELETE FROM ec2_consoles WHERE instance_id = ?", (instance_id,))

        await self._database.write(work)
