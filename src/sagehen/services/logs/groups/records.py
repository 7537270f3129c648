"""Groups and their tags as SQLite holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sagehen.domain.scope import Scope
from sagehen.store.database import LAST_CHARACTER, Database, Row, Transaction


@dataclass(frozen=True, slots=True)
class Group:
    """A group as it is stored.

    Args:
        id: Never given again, also not after the group is gone.
        created_ms: In ms since the epoch.
        retention_days: None: events never expire.
        group_class: `STANDARD`, `INFREQUENT_ACCESS` or `DELIVERY`; kept, and without effect here.
        stored_bytes: Of the events, each with the 26 bytes that AWS adds.
    """

    id: int
    name: str
    created_ms: int
    retention_days: int | None
    group_class: str
    deletion_protection: bool
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """Which groups are asked for; '' and None are all. `pattern` stands anywhere in a name."""

    prefix: str = ""
    pattern: str = ""
    group_class: str | None = None
    names: Sequence[str] | None = None


def _group(row: Row) -> Group:
    return Group(
        id=row["id"],
        name=row["name"],
        created_ms=row["created_ms"],
        retention_days=row["retention_days"],
        group_class=row["class"],
        deletion_protection=bool(row["deletion_protection"]),
        stored_bytes=row["stored_bytes"],
    )


class GroupRecords:
    """All SQL about groups and their tags."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- groups ----------------------------------------------------------------------------

    def group(self, scope: Scope, name: str) -> Group | None:
        """Return a group by its name; None where there is none."""
        row = self._database.one(
            "SELECT * FROM log_groups WHERE account_id = ? AND region = ? AND name = ?",
            (scope.account_id, scope.region, name),
        )
        return _group(row) if row else None

    def group_page(
        self, scope: Scope, wanted: GroupFilter, *, after: str, limit: int
    ) -> list[tuple[Group, int]]:
        """Return up to `limit` groups behind the name `after`, each with the number of its metric filters."""
        rows = self._database.all(
            "SELECT *, (SELECT count(*) FROM log_metric_filters f WHERE f.group_id = g.id) AS metric_filters"
            " FROM log_groups g WHERE account_id = :account AND region = :region"
            " AND name > :after AND name >= :prefix AND name < :prefix || :last"
            " AND (:pattern = '' OR instr(name, :pattern)) AND (:class IS NULL OR class = :class)"
            " AND (:names IS NULL OR name IN (SELECT value FROM json_each(:names)))"
            " ORDER BY name LIMIT :limit",
            {
                "account": scope.account_id,
                "region": scope.region,
                "after": after,
                "prefix": wanted.prefix,
                "last": LAST_CHARACTER,
                "pattern": wanted.pattern,
                "class": wanted.group_class,
                "names": None if wanted.names is None else json.dumps(wanted.names),
                "limit": limit,
            },
        )
        return [(_group(row), row["metric_filters"]) for row in rows]

    def groups_with_retention(self) -> list[Group]:
        """Return the groups of all accounts and regions whose events expire."""
        rows = self._database.all("SELECT * FROM log_groups WHERE retention_days IS NOT NULL")
        return [_group(row) for row in rows]

    async def create_group(self, scope: Scope, group: Group, tags: Mapping[str, str]) -> bool:
        """Make a group (its `id` is ignored); return False where one of that name exists."""

        def insert(tx: Transaction) -> bool:
            cursor = tx.execute(
                "INSERT INTO log_groups (account_id, region, name, created_ms, class, deletion_protection)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (
                    scope.account_id,
                    scope.region,
                    group.name,
                    group.created_ms,
                    group.group_class,
                    group.deletion_protection,
                ),
            )
            if not cursor.rowcount:
                return False
            _put_tags(tx, cursor.lastrowid or 0, tags)
            return True

        return await self._database.write(insert)

    async def delete_group(self, group_id: int) -> None:
        """Delete a group with its streams, filters and tags; its events are left to the sweeper."""

        def delete(tx: Transaction) -> None:
            tx.execute(
                "INSERT OR IGNORE INTO log_garbage SELECT id FROM log_streams WHERE group_id = ?", (group_id,)
            )
            tx.execute("DELETE FROM log_groups WHERE id = ?", (group_id,))

        await self._database.write(delete)

    async def set_deletion_protection(self, group_id: int, enabled: bool) -> None:
        """Switch a group's protection on or off."""
        await self._database.execute(
            "UPDATE log_groups SET deletion_protection = ? WHERE id = ?", (enabled, group_id)
        )

    async def set_retention(self, group_id: int, days: int | None) -> None:
        """Set after how many days a group's events expire; None is never."""
        await self._database.execute(
            "UPDATE log_groups SET retention_days = ? WHERE id = ?", (days, group_id)
        )

    # --- tags ------------------------------------------------------------------------------

    def tags(self, group_id: int) -> dict[str, str]:
        """Return a group's tags by key."""
        rows = self._database.all(
            "SELECT key, value FROM log_tags WHERE group_id = ? ORDER BY key", (group_id,)
        )
        return {row["key"]: row["value"] for row in rows}

    async def put_tags(self, group_id: int, tags: Mapping[str, str]) -> None:
        """Add tags, in place of those of the same keys."""
        await self._database.write(lambda tx: _put_tags(tx, group_id, tags))

    async def delete_tags(self, group_id: int, keys: Sequence[str]) -> None:
        """Take tags away; keys that are not there are passed over."""

        def delete(tx: Transaction) -> None:
            tx.executemany(
                "DELETE FROM log_tags WHERE group_id = ? AND key = ?", [(group_id, key) for key in keys]
            )

        await self._database.write(delete)


def _put_tags(tx: Transaction, group_id: int, tags: Mapping[str, str]) -> None:
    tx.executemany(
        "INSERT INTO log_tags VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        [(group_id, key, value) for key, value in tags.items()],
    )
