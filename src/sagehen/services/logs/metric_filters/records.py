"""Metric filters as SQLite holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.logs.errors import LimitExceededException
from sagehen.store.database import Database, Row, Transaction

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
_MOST = 100

_ALL = "SELECT f.*, g.name AS group_name FROM log_metric_filters f JOIN log_groups g ON g.id = f.group_id"


@dataclass(frozen=True, slots=True)
class MetricFilter:
    """A filter of a group.

    Args:
        transformation: MetricTransformation's members as they were given, `unit` filled in.
    """

    group_id: int
    group: str
    name: str
    created_ms: int
    pattern: str
    transformation: Mapping[str, Any] = field(hash=False)


class MetricFilterRecords:
    def __init__(self, database: Database) -> None:
        self._database = database

    def of_scope(
        self, scope: Scope, group: str | None = None, prefix: str | None = None
    ) -> list[MetricFilter]:
        """Return filters in order of group and name; of one group, and of names that begin so, if given."""
        rows = self._database.all(
            f"{_ALL} WHERE g.account_id = ? AND g.region = ? ORDER BY g.name, f.name",
            (scope.account_id, scope.region),
        )
        return [
            _filter(row)
            for row in rows
            if group in (None, row["group_name"]) and row["name"].startswith(prefix or "")
        ]

    def of_group(self, group_id: int) -> Sequence[MetricFilter]:
        rows = self._database.all(
            f"{_ALL} WHERE f.group_id = ? ORDER BY f.name",
            (group_id,),
        )
        return [_filter(row) for row in rows]

    async def put(self, wanted: MetricFilter) -> None:
        """Store a filter, in place of one of the same name.

        Raises:
            LimitExceededException: The group has as many as it may.
        """

        def put(tx: Transaction) -> None:
            names = [
                row["name"]
                for row in tx.execute(
                    "SELECT name FROM log_metric_filters WHERE group_id = ?", (wanted.group_id,)
                ).fetchall()
            ]
            if len(names) >= _MOST and wanted.name not in names:
                raise LimitExceededException("Resource limit exceeded.")
            tx.execute(
                "INSERT OR REPLACE INTO log_metric_filters VALUES (?, ?, ?, ?, ?)",
                (
                    wanted.group_id,
                    wanted.name,
                    wanted.created_ms,
                    wanted.pattern,
                    json.dumps(wanted.transformation),
                ),
            )

        await self._database.write(put)

    async def delete(self, group_id: int, name: str) -> bool:
        """Delete a filter; return False where there is none of that name."""
        gone = await self._database.execute(
            "DELETE FROM log_metric_filters WHERE group_id = ? AND name = ?", (group_id, name)
        )
        return bool(gone)


def _filter(row: Row) -> MetricFilter:
    return MetricFilter(
        row["group_id"],
        row["group_name"],
        row["name"],
        row["created_ms"],
        row["pattern"],
        json.loads(row["transformation"]),
    )
