"""Metrics and their data points as SQLite holds them; all of the service's SQL.

A point is an Aggregate over `resolution` seconds. As on AWS, points of less than a minute live for
3 hours, then as 60 s points until they are 15 days old, 300 s until 63 days, 3600 s until 455 days.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.aggregate import Aggregate
from sagehen.store.database import Database, Row, Transaction

MIGRATIONS = (
    """
    CREATE TABLE metrics (
        id INTEGER PRIMARY KEY,
        account_id TEXT NOT NULL, region TEXT NOT NULL,
        namespace TEXT NOT NULL, name TEXT NOT NULL,
        dimensions TEXT NOT NULL,
        last_s INTEGER NOT NULL,
        UNIQUE (account_id, region, namespace, name, dimensions));
    CREATE TABLE metric_points (
        metric_id INTEGER NOT NULL REFERENCES metrics (id) ON DELETE CASCADE,
        resolution_s INTEGER NOT NULL, at_s INTEGER NOT NULL, unit TEXT NOT NULL,
        count REAL NOT NULL, total REAL NOT NULL, minimum REAL NOT NULL, maximum REAL NOT NULL,
        histogram BLOB,
        PRIMARY KEY (metric_id, resolution_s, at_s, unit)) WITHOUT ROWID;
    CREATE INDEX metric_points_by_age ON metric_points (resolution_s, at_s);
    CREATE TABLE metric_generations (id INTEGER PRIMARY KEY CHECK (id = 1), committed INTEGER NOT NULL);
    """,
)

HOUR_S = 3600
DAY_S = 24 * HOUR_S
# What is put by the second is shown by the second for so long.
FINE_LIFE_S = 3 * HOUR_S
# (resolution, how long its points live, what they become).
_LIVES = ((1, FINE_LIFE_S, 60), (60, 15 * DAY_S, 300), (300, 63 * DAY_S, 3600), (3600, 455 * DAY_S, None))
_LISTED_FOR_S = 14 * DAY_S
_BITE = 2_000


class MetricKey(NamedTuple):
    """A metric. `dimensions` sorted by name."""

    scope: Scope
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


class PointKey(NamedTuple):
    """A stretch of a metric. `resolution_s` is 1 for all stretches below a minute, whatever their length."""

    metric: MetricKey
    resolution_s: int
    at_s: int
    unit: str


@dataclass(frozen=True, slots=True)
class Point:
    at_s: int
    resolution_s: int
    unit: str
    aggregate: Aggregate


Points = Mapping[PointKey, Aggregate]


def sorted_dimensions(dimensions: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(dimensions.items()))


class MetricRecords:
    def __init__(self, database: Database) -> None:
        self._database = database

    # --- writing ---------------------------------------------------------------------------

    async def add(self, points: Points, generation: int | None = None) -> None:
        """Merge points into the stored ones; `generation` is recorded in the same transaction."""

        def change(tx: Transaction) -> None:
            ids: dict[MetricKey, int] = {}
            for key, aggregate in points.items():
                if key.metric not in ids:
                    ids[key.metric] = _touch(tx, key.metric, key.at_s)
                _merge(tx, ids[key.metric], key.resolution_s, key.at_s, key.unit, aggregate)
            if generation is not None:
                tx.execute("INSERT OR REPLACE INTO metric_generations VALUES (1, ?)", (generation,))

        await self._database.write(change)

    async def roll_up(self, now: datetime) -> None:
        """Turn points that outlived their resolution into coarser ones; drop what is past all."""
        now_s = int(now.timestamp())
        for resolution_s, life_s, coarser_s in _LIVES:
            while await self._roll(resolution_s, now_s - life_s, coarser_s):
                pass
        last_id = 0
        while (looked_to := await self._forget_metrics(last_id, now_s - _LISTED_FOR_S)) is not None:
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
                    _merge(tx, row["metric_id"], coarser_s, at_s, row["unit"], _aggregate(row))
                tx.execute(
                    "DELETE FROM metric_points"
                    " WHERE metric_id = ? AND resolution_s = ? AND at_s = ? AND unit = ?",
                    (row["metric_id"], resolution_s, row["at_s"], row["unit"]),
                )
            return len(rows)

        return await self._database.write(change)

    # --- reading ---------------------------------------------------------------------------

    def points(self, metric: MetricKey, start_s: int, end_s: int) -> tuple[int, list[Point]]:
        """Return (last committed generation, points with start_s <= at_s < end_s), of one snapshot."""
        rows = self._database.all(
            "SELECT g.committed, p.* FROM"
            " (SELECT ifnull((SELECT committed FROM metric_generations), 0) AS committed) AS g"
            " LEFT JOIN (SELECT metric_points.* FROM metrics JOIN metric_points ON metric_id = metrics.id"
            " WHERE account_id = ? AND region = ? AND namespace = ? AND name = ? AND dimensions = ?"
            " AND resolution_s IN (1, 60, 300, 3600) AND at_s >= ? AND at_s < ?) AS p ON 1",
            (*_columns(metric), start_s, end_s),
        )
        found = [
            Point(row["at_s"], row["resolution_s"], row["unit"], _aggregate(row))
            for row in rows
            if row["at_s"] is not None
        ]
        return rows[0]["committed"], found

    def committed_generation(self) -> int:
        row = self._database.one("SELECT committed FROM metric_generations")
        return int(row["committed"]) if row else 0

    def metrics(
        self, scope: Scope, since_s: int, namespace: str | None = None, name: str | None = None
    ) -> list[MetricKey]:
        """Return metrics with data since `since_s`, in order of namespace, name, dimensions."""
        rows = self._database.all(
            "SELECT namespace, name, dimensions FROM metrics WHERE account_id = :account AND region = :region"
            " AND (:namespace IS NULL OR namespace = :namespace) AND (:name IS NULL OR name = :name)"
            " AND last_s >= :since_s"
            " ORDER BY namespace, name, dimensions",
            {
                "account": scope.account_id,
                "region": scope.region,
                "namespace": namespace,
                "name": name,
                "since_s": since_s,
            },
        )
        return [
            MetricKey(
                scope,
                row["namespace"],
                row["name"],
                tuple((key, value) for key, value in json.loads(row["dimensions"])),
            )
            for row in rows
        ]


def _columns(metric: MetricKey) -> tuple[str, str, str, str, str]:
    dimensions = json.dumps(metric.dimensions, separators=(",", ":"))
    return (metric.scope.account_id, metric.scope.region, metric.namespace, metric.name, dimensions)


def _touch(tx: Transaction, metric: MetricKey, at_s: int) -> int:
    row = tx.execute(
        "INSERT INTO metrics (account_id, region, namespace, name, dimensions, last_s)"
        " VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET last_s = max(last_s, excluded.last_s) RETURNING id",
        (*_columns(metric), at_s),
    ).fetchone()
    return int(row["id"])


def _merge(
    tx: Transaction, metric_id: int, resolution_s: int, at_s: int, unit: str, aggregate: Aggregate
) -> None:
    key = (metric_id, resolution_s, at_s, unit)
    row = tx.execute(
        "SELECT * FROM metric_points WHERE metric_id = ? AND resolution_s = ? AND at_s = ? AND unit = ?", key
    ).fetchone()
    whole = aggregate
    if row is not None:
        whole = _aggregate(row)
        whole.merge(aggregate)
    tx.execute(
        "INSERT OR REPLACE INTO metric_points VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*key, whole.count, whole.total, whole.minimum, whole.maximum, whole.packed()),
    )


def _aggregate(row: Row) -> Aggregate:
    return Aggregate.unpacked(row["count"], row["total"], row["minimum"], row["maximum"], row["histogram"])
