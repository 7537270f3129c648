"""Retention of data points: finer ones become coarser with age, and go."""

from __future__ import annotations

from sagehen.domain.clock import Clock
from sagehen.services.cloudwatch.metrics.lives import LISTED_FOR_S, LIVES
from sagehen.services.cloudwatch.metrics.records import aggregate_of, merge_point
from sagehen.store.database import Database, Transaction

# Rows that one transaction goes through: other writers get their turn in between.
_BITE = 2_000


class Retention:
    """Rolls points up and forgets metrics, as `lives` has it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def roll_up(self) -> None:
        """Turn points that outlived their resolution into coarser ones; drop what is past all.

        In bites, each a transaction. Metrics without any point go two weeks after their last one.
        """
        now_s = int(self._clock.now().timestamp())
        for resolution_s, life_s, coarser_s in LIVES:
            while await self._roll(resolution_s, now_s - life_s, coarser_s):
                pass
        last_id = 0
        while (looked_to := await self._forget_metrics(last_id, now_s - LISTED_FOR_S)) is not None:
            last_id = looked_to

    async def _forget_metrics(self, after_id: int, before_s: int) -> int | None:
        """Look at one bite of metrics for those without points; return where it ended, None at the end."""

        def change(tx: Transaction) -> int | None:
            upto: int | None = tx.execute(
                "SELECT max(id) FROM (SELECT id FROM metrics WHERE id > ? ORDER BY id LIMIT ?)",
                (after_id, _BITE),
            ).fetchone()[0]
            tx.execute(
                "DELETE FROM metrics WHERE id > ? AND id <= ? AND last_s < ? AND NOT EXISTS"
                " (SELECT 1 FROM metric_points WHERE metric_id = metrics.id)",
                (after_id, upto, before_s),
            )
            return upto

        return await self._database.write(change)

    async def _roll(self, resolution_s: int, before_s: int, coarser_s: int | None) -> int:
        """Roll one bite; return how many points went."""
        # Only whole coarser stretches, so that each is made of all its points at once.
        before_s -= before_s % (coarser_s or 1)

        def change(tx: Transaction) -> int:
            rows = tx.execute(
                "SELECT * FROM metric_points WHERE resolution_s = ? AND at_s < ? LIMIT ?",
                (resolution_s, before_s, _BITE),
            ).fetchall()
            for row in rows:
                if coarser_s is not None:
                    at_s = row["at_s"] - row["at_s"] % coarser_s
                    merge_point(tx, row["metric_id"], coarser_s, at_s, row["unit"], aggregate_of(row))
                tx.execute(
                    "DELETE FROM metric_points"
                    " WHERE metric_id = ? AND resolution_s = ? AND at_s = ? AND unit = ?",
                    (row["metric_id"], resolution_s, row["at_s"], row["unit"]),
                )
            return len(rows)

        return await self._database.write(change)
