"""Subscription filters as SQLite holds them."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.services.logs.filters.of_group import GroupFilters
from sagehen.store.database import Database, Row

# Documented: API_PutSubscriptionFilter.
_MOST = 2


@dataclass(frozen=True, slots=True)
class SubscriptionFilter:
    """A filter of a group. `distribution` means nothing to functions, and is kept."""

    group_id: int
    name: str
    created_ms: int
    pattern: str
    destination_arn: str
    distribution: str


class SubscriptionFilterRecords(GroupFilters):
    """All SQL about subscription filters."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, "log_subscription_filters", _MOST)

    def of_group(self, group_id: int, prefix: str = "") -> list[SubscriptionFilter]:
        """Return a group's filters by name, or those whose names begin so."""
        rows = self._database.all(
            "SELECT * FROM log_subscription_filters WHERE group_id = ? ORDER BY name", (group_id,)
        )
        return [_filter(row) for row in rows if row["name"].startswith(prefix)]

    async def put(self, wanted: SubscriptionFilter) -> None:
        """Store a filter; see `put_row`."""
        await self.put_row(
            (
                wanted.group_id,
                wanted.name,
                wanted.created_ms,
                wanted.pattern,
                wanted.destination_arn,
                wanted.distribution,
            )
        )


def _filter(row: Row) -> SubscriptionFilter:
    return SubscriptionFilter(
        row["group_id"],
        row["name"],
        row["created_ms"],
        row["pattern"],
        row["destination_arn"],
        row["distribution"],
    )
