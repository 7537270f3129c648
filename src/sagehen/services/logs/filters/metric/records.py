"""Metric filters as SQLite holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.logs.filters.of_group import GroupFilters
from sagehen.store.database import Database, Row

# Documented: API_PutMetricFilter.
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


@dataclass(frozen=True, slots=True)
class FilterFilter:
    """Which filters are asked for; None and '' are all. `prefix` is of their names."""

    group: str | None = None
    prefix: str = ""
    metric_name: str | None = None
    metric_namespace: str | None = None


class MetricFilterRecords(GroupFilters):
    """All SQL about metric filters."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, "log_metric_filters", _MOST)

    def page(
        self, scope: Scope, wanted: FilterFilter, *, after: tuple[str, str] | None, limit: int
    ) -> list[MetricFilter]:
        """Return up to `limit` filters in order of group and name.

        Args:
            after: Group and name of the last one that was shown.
        """
        rows = self._database.all(
            f"{_ALL} WHERE g.account_id = :account AND g.region = :region"
            " AND (:group IS NULL OR g.name = :group) AND g.name >= :after_group"
            " AND (g.name, f.name) > (:after_group, :after_name) AND substr(f.name, 1, :length) = :prefix"
            " AND (:metric IS NULL OR json_extract(transformation, '$.metricName') = :metric)"
            " AND (:namespace IS NULL OR json_extract(transformation, '$.metricNamespace') = :namespace)"
            " ORDER BY g.name, f.name LIMIT :limit",
            {
                "account": scope.account_id,
                "region": scope.region,
                "group": wanted.group,
                "after_group": after[0] if after else "",
                "after_name": after[1] if after else "",
                "length": len(wanted.prefix),
                "prefix": wanted.prefix,
                "metric": wanted.metric_name,
                "namespace": wanted.metric_namespace,
                "limit": limit,
            },
        )
        return [_filter(row) for row in rows]

    def of_group(self, group_id: int) -> Sequence[MetricFilter]:
        """Return a group's filters by name."""
        rows = self._database.all(
            f"{_ALL} WHERE f.group_id = ? ORDER BY f.name",
            (group_id,),
        )
        return [_filter(row) for row in rows]

    async def put(self, wanted: MetricFilter) -> None:
        """Store a filter; see `put_row`."""
        await self.put_row(
            (
                wanted.group_id,
                wanted.name,
                wanted.created_ms,
                wanted.pattern,
                json.dumps(wanted.transformation),
            )
        )


def _filter(row: Row) -> MetricFilter:
    return MetricFilter(
        row["group_id"],
        row["group_name"],
        row["name"],
        row["created_ms"],
        row["pattern"],
        json.loads(row["transformation"]),
    )
