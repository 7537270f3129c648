"""Metrics and their data points as SQLite holds them. A point is an Aggregate over `resolution` seconds."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.metrics.aggregate import Aggregate
from sagehen.services.cloudwatch.metrics.lives import LIVES
from sagehen.services.cloudwatch.metrics.metric import ListedMetric, MetricKey, Point, Points
from sagehen.store.database import LAST_CHARACTER, Database, Row, Transaction

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
    "CREATE TABLE metric_logged (id INTEGER PRIMARY KEY CHECK (id = 1), upto INTEGER NOT NULL);",
)

# A metric may have 30 dimensions of 1,279 characters: what is read for one page of a listing.
PAGE_BYTES = 4 * 1024 * 1024


# In order of time without being sorted: the rows of each resolution are, and these are merged. What leads
# them is the generation that they belong to.
_OF_METRIC = (
    "(SELECT id FROM metrics WHERE account_id = :account AND region = :region"
    " AND namespace = :namespace AND name = :name AND dimensions = :dimensions)"
)


def _points_sql(histogram: str) -> str:
    of_resolution = (
        f"SELECT at_s, resolution_s, unit, count, total, minimum, maximum, {histogram} AS histogram"
        f" FROM metric_points WHERE metric_id = {_OF_METRIC} AND resolution_s = {{}}"
        " AND at_s >= :start_s AND at_s < :end_s"
    )
    return (
        " UNION ALL ".join(
            (
                "SELECT :start_s - 1 AS at_s, 0 AS resolution_s, '' AS unit,"
                " ifnull((SELECT committed FROM metric_generations), 0) AS count,"
                " 0 AS total, 0 AS minimum, 0 AS maximum, NULL AS histogram",
                *(of_resolution.format(life.resolution_s) for life in LIVES),
            )
        )
        + " ORDER BY at_s"
    )


_POINTS_WITH_HISTOGRAMS, _POINTS = _points_sql("histogram"), _points_sql("NULL")


class MetricRecords:
    """All SQL about metrics and points but their ageing: see `retention`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- writing ---------------------------------------------------------------------------

    async def add(self, points: Points, generation: int | None = None) -> None:
        """Merge points into the stored ones; `generation` is recorded in the same transaction."""

        def change(tx: Transaction) -> None:
            _merge(tx, points)
            if generation is not None:
                tx.execute("INSERT OR REPLACE INTO metric_generations VALUES (1, ?)", (generation,))

        await self._database.write(change)

    async def add_logged(self, points: Points, upto: int) -> None:
        """Merge points of log events up to a mark, unless those were merged before; see `LoggedMetrics`."""

        def change(tx: Transaction) -> None:
            row = tx.execute("SELECT upto FROM metric_logged").fetchone()
            if row is not None and row["upto"] >= upto:
                return
            _merge(tx, points)
            tx.execute("INSERT OR REPLACE INTO metric_logged VALUES (1, ?)", (upto,))

        await self._database.write(change)

    # --- reading ---------------------------------------------------------------------------

    def points(
        self, metric: MetricKey, start_s: int, end_s: int, *, histograms: bool = True
    ) -> tuple[int, Iterator[Point]]:
        """Return (last committed generation, points with start_s <= at_s < end_s in order of time).

        Both are of one snapshot. The points are read as they are taken, in the thread that asks.

        Args:
            histograms: Whether they come with theirs, which may be long.
        """
        rows = self._database.each(
            _POINTS_WITH_HISTOGRAMS if histograms else _POINTS,
            {**_columns(metric), "start_s": start_s, "end_s": end_s},
        )
        committed = int(next(rows)["count"])
        return committed, (
            Point(row["at_s"], row["resolution_s"], row["unit"], aggregate_of(row)) for row in rows
        )

    def committed_generation(self) -> int:
        """Return the number of the last generation of the sink that was stored; 0 where none was."""
        row = self._database.one("SELECT committed FROM metric_generations")
        return int(row["committed"]) if row else 0

    def logged_upto(self) -> int:
        """Return the mark up to which log events are merged; 0 where none is."""
        row = self._database.one("SELECT upto FROM metric_logged")
        return int(row["upto"]) if row else 0

    def metrics(
        self,
        scope: Scope,
        since_s: int,
        *,
        namespace: str | None,
        name: str | None,
        after: tuple[str, str, str] | None,
        limit: int,
    ) -> tuple[list[ListedMetric], bool]:
        """Return up to `limit` metrics with data since `since_s`, and whether their size left none out.

        Args:
            namespace, name: None is any.
            after: The place of the last one that was shown.
        """
        beyond = after or (namespace or "", "", "")
        rows, whole = self._database.within(
            "SELECT namespace, name, dimensions FROM metrics WHERE account_id = :account AND region = :region"
            " AND (namespace, name, dimensions) > (:namespace, :after_name, :after_dimensions)"
            " AND namespace <= :last_namespace AND (:name IS NULL OR name = :name) AND last_s >= :since_s"
            " ORDER BY namespace, name, dimensions LIMIT :limit",
            {
                "account": scope.account_id,
                "region": scope.region,
                "namespace": beyond[0],
                "after_name": beyond[1],
                "after_dimensions": beyond[2],
                "last_namespace": namespace or LAST_CHARACTER,
                "name": name,
                "since_s": since_s,
                "limit": limit,
            },
            most_bytes=PAGE_BYTES,
            size=lambda row: len(row["dimensions"]),
        )
        return [ListedMetric(row["namespace"], row["name"], row["dimensions"]) for row in rows], whole


def _columns(metric: MetricKey) -> dict[str, str]:
    return {
        "account": metric.scope.account_id,
        "region": metric.scope.region,
        "namespace": metric.namespace,
        "name": metric.name,
        "dimensions": json.dumps(metric.dimensions, separators=(",", ":")),
    }


def _merge(tx: Transaction, points: Points) -> None:
    ids: dict[MetricKey, int] = {}
    for key, aggregate in points.items():
        if key.metric not in ids:
            ids[key.metric] = _touch(tx, key.metric, key.at_s)
        merge_point(tx, ids[key.metric], key.resolution_s, key.at_s, key.unit, aggregate)


def _touch(tx: Transaction, metric: MetricKey, at_s: int) -> int:
    row = tx.execute(
        "INSERT INTO metrics (account_id, region, namespace, name, dimensions, last_s)"
        " VALUES (:account, :region, :namespace, :name, :dimensions, :at_s)"
        " ON CONFLICT DO UPDATE SET last_s = max(last_s, excluded.last_s) RETURNING id",
        {**_columns(metric), "at_s": at_s},
    ).fetchone()
    return int(row["id"])


def merge_point(
    tx: Transaction, metric_id: int, resolution_s: int, at_s: int, unit: str, aggregate: Aggregate
) -> None:
    """Count an aggregate into the stored point of its place, inside a transaction."""
    key = (metric_id, resolution_s, at_s, unit)
    row = tx.execute(
        "SELECT * FROM metric_points WHERE metric_id = ? AND resolution_s = ? AND at_s = ? AND unit = ?", key
    ).fetchone()
    whole = aggregate
    if row is not None:
        whole = aggregate_of(row)
        whole.merge(aggregate)
    tx.execute(
        "INSERT OR REPLACE INTO metric_points VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*key, whole.count, whole.total, whole.minimum, whole.maximum, whole.packed()),
    )


def aggregate_of(row: Row) -> Aggregate:
    """Return the aggregate of a row of points."""
    return Aggregate.unpacked(row["count"], row["total"], row["minimum"], row["maximum"], row["histogram"])
