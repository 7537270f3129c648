"""The records of trial components' metrics, and what they come to."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

from sagehen.services.sagemaker.experiments.entity import Entity
from sagehen.services.sagemaker.experiments.schema import COUNTS, METRICS
from sagehen.services.sagemaker.resources.rows import key, moment
from sagehen.store.database import Database, Transaction

# Of one component, and of an account's in a region. Ours: AWS has a code for too many, and names no bound.
MOST_POINTS = 20_000
MOST_POINTS_OF_ACCOUNT = 2_000_000
_OF_COMPONENT = "account_id = ? AND region = ? AND component = ?"


class MetricRecords:
    """Reads and writes of points."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, component: Entity, points: Sequence[tuple[str, float, int, float]]) -> bool:
        """Store (metric, time in s, step, value), the same point once; False: too many."""
        mine = key(component.scope, component.name)

        def work(tx: Transaction) -> bool:
            (of_account,) = tx.execute(
                f"SELECT total(points) FROM {COUNTS} WHERE account_id = ? AND region = ?", mine[:2]
            ).fetchone()
            if of_account + len(points) > MOST_POINTS_OF_ACCOUNT:
                return False
            if _count(tx, mine) + len(points) > MOST_POINTS:
                return False
            tx.executemany(
                f"REPLACE INTO {METRICS} VALUES (?, ?, ?, ?, ?, ?, ?)", [(*mine, *each) for each in points]
            )
            tx.execute(f"REPLACE INTO {COUNTS} VALUES (?, ?, ?, ?)", (*mine, _count(tx, mine)))
            return True

        return await self._database.write(work)

    def summaries(self, component: Entity) -> list[dict[str, Any]]:
        """Return the statistics of each metric; the last point is the latest, of the highest step."""
        rows = self._database.all(
            f"SELECT metric, at, value FROM {METRICS} WHERE {_OF_COMPONENT} ORDER BY metric, at, step",
            key(component.scope, component.name),
        )
        found: dict[str, list[tuple[float, float]]] = {}
        for row in rows:
            found.setdefault(row["metric"], []).append((row["at"], row["value"]))
        return [_summary(component.arn, name, points) for name, points in found.items()]


def _count(tx: Transaction, component: tuple[str, str, str]) -> int:
    (count,) = tx.execute(f"SELECT count(*) FROM {METRICS} WHERE {_OF_COMPONENT}", component).fetchone()
    return int(count)


def _summary(arn: str, name: str, points: Sequence[tuple[float, float]]) -> dict[str, Any]:
    values = [value for _, value in points]
    average = math.fsum(value / len(values) for value in values)
    at, last = points[-1]
    deviations = [value - average for value in values]
    return {
        "MetricName": name,
        "SourceArn": arn,
        "TimeStamp": moment(at),
        "Max": max(values),
        "Min": min(values),
        "Last": last,
        "Count": len(values),
        "Avg": average,
        "StdDev": min(math.hypot(*deviations) / math.sqrt(len(values)), sys.float_info.max),
    }
