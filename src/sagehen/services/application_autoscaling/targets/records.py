"""The SQL of scalable targets, and the tables of all that belongs to one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from sagehen.autoscaling.capacity import Suspended
from sagehen.domain.scope import Scope
from sagehen.services.application_autoscaling.targets.target import ScalableTarget, TargetKey
from sagehen.store.database import LAST_CHARACTER, Database, Row, Transaction

MIGRATIONS = (
    """
    CREATE TABLE scaling_targets (
        account_id TEXT NOT NULL, region TEXT NOT NULL, resource_id TEXT NOT NULL, dimension TEXT NOT NULL,
        target_id TEXT NOT NULL UNIQUE, uuid TEXT NOT NULL, minimum INTEGER NOT NULL, maximum INTEGER NOT
        NULL, role_arn TEXT NOT NULL, created_at REAL NOT NULL, suspended TEXT NOT NULL, tags TEXT NOT NULL,
        PRIMARY KEY (account_id, region, resource_id, dimension)) WITHOUT ROWID;
    CREATE TABLE scaling_policies (
        account_id TEXT NOT NULL, region TEXT NOT NULL, resource_id TEXT NOT NULL, dimension TEXT NOT NULL,
        name TEXT NOT NULL, type TEXT NOT NULL, arn TEXT NOT NULL UNIQUE, configuration TEXT NOT NULL,
        alarms TEXT NOT NULL, created_at REAL NOT NULL,
        PRIMARY KEY (account_id, region, resource_id, dimension, name)) WITHOUT ROWID;
    CREATE TABLE scaling_schedules (
        account_id TEXT NOT NULL, region TEXT NOT NULL, resource_id TEXT NOT NULL, dimension TEXT NOT NULL,
        name TEXT NOT NULL, arn TEXT NOT NULL, schedule TEXT NOT NULL, timezone TEXT, start_at REAL,
        end_at REAL, minimum INTEGER, maximum INTEGER, created_at REAL NOT NULL, next_at REAL,
        PRIMARY KEY (account_id, region, resource_id, dimension, name)) WITHOUT ROWID;
    CREATE INDEX scaling_schedules_by_time ON scaling_schedules (next_at);
    CREATE TABLE scaling_activities (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account_id TEXT NOT NULL, region TEXT NOT NULL, resource_id TEXT NOT NULL, dimension TEXT NOT NULL,
        activity_id TEXT NOT NULL, description TEXT NOT NULL, cause TEXT NOT NULL, status TEXT NOT NULL,
        message TEXT NOT NULL, started_at REAL NOT NULL, ended_at REAL, not_scaled TEXT NOT NULL,
        capacity INTEGER, base INTEGER, cooldown_s REAL);
    CREATE INDEX scaling_activities_of ON scaling_activities (account_id, region, resource_id, dimension, id);
    CREATE INDEX scaling_activities_open ON scaling_activities (status) WHERE status IN ('Pending',
    'InProgress');
    """,
    "ALTER TABLE scaling_activities ADD COLUMN details TEXT NOT NULL DEFAULT '';",
)
KEY = "account_id = ? AND region = ? AND resource_id = ? AND dimension = ?"
_PARTS = ("scaling_policies", "scaling_schedules")


def key_values(key: TargetKey) -> tuple[str, str, str, str]:
    """Return what `KEY` compares with."""
    return key.scope.account_id, key.scope.region, key.resource_id, key.dimension


def key_of(row: Row) -> TargetKey:
    """Return the key of any row of these tables."""
    return TargetKey(Scope(row["account_id"], row["region"]), row["resource_id"], row["dimension"])


class TargetRecords:
    """Reads and writes of scalable targets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: TargetKey) -> ScalableTarget | None:
        """Return the target, or None where it is not registered."""
        row = self._database.one(f"SELECT * FROM scaling_targets WHERE {KEY}", key_values(key))
        return _target(row) if row else None

    def by_id(self, scope: Scope, target_id: str) -> ScalableTarget | None:
        """Return the target of an ARN's last part."""
        row = self._database.one(
            "SELECT * FROM scaling_targets WHERE target_id = ? AND account_id = ? AND region = ?",
            (target_id, scope.account_id, scope.region),
        )
        return _target(row) if row else None

    def listed(self, scope: Scope, namespace: str) -> list[ScalableTarget]:
        """Return the targets of a service namespace, at most as many as may be registered, in order."""
        rows = self._database.all(
            "SELECT * FROM scaling_targets WHERE account_id = ? AND region = ? AND dimension >= ?"
            " AND dimension < ? || ? ORDER BY resource_id, dimension",
            (scope.account_id, scope.region, f"{namespace}:", f"{namespace}:", LAST_CHARACTER),
        )
        return [_target(row) for row in rows]

    def with_prefix(self, scope: Scope, prefix: str) -> list[ScalableTarget]:
        """Return the targets whose resource id begins with `prefix`."""
        rows = self._database.all(
            "SELECT * FROM scaling_targets WHERE account_id = ? AND region = ? AND resource_id >= ?"
            " AND resource_id < ? || ?",
            (scope.account_id, scope.region, prefix, prefix, LAST_CHARACTER),
        )
        return [_target(row) for row in rows]

    def count(self, scope: Scope, dimension: str) -> int:
        """Return how many targets of a dimension are registered."""
        row = self._database.one(
            "SELECT count(*) AS n FROM scaling_targets WHERE account_id = ? AND region = ? AND dimension = ?",
            (scope.account_id, scope.region, dimension),
        )
        return int(row["n"]) if row else 0

    async def put(self, target: ScalableTarget) -> None:
        """Store a target, new or changed."""
        suspended = target.suspended
        await self._database.execute(
            "INSERT OR REPLACE INTO scaling_targets VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *key_values(target.key),
                target.target_id,
                target.uuid,
                target.minimum,
                target.maximum,
                target.role_arn,
                target.created_at.timestamp(),
                json.dumps([suspended.dynamic_in, suspended.dynamic_out, suspended.scheduled]),
                json.dumps(dict(target.tags)),
            ),
        )

    async def remove(self, keys: Sequence[TargetKey]) -> None:
        """Delete targets with their policies and scheduled actions; activities stay as history."""

        def delete(tx: Transaction) -> None:
            for key in keys:
                for table in ("scaling_targets", *_PARTS):
                    tx.execute(f"DELETE FROM {table} WHERE {KEY}", key_values(key))

        await self._database.write(delete)


def _target(row: Row) -> ScalableTarget:
    dynamic_in, dynamic_out, scheduled = json.loads(row["suspended"])
    return ScalableTarget(
        key_of(row),
        row["target_id"],
        row["uuid"],
        row["minimum"],
        row["maximum"],
        row["role_arn"],
        datetime.fromtimestamp(row["created_at"], UTC),
        Suspended(dynamic_in, dynamic_out, scheduled),
        json.loads(row["tags"]),
    )
