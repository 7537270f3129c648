"""The SQL of scheduled actions."""

from __future__ import annotations

from datetime import UTC, datetime

from sagehen.domain.scope import Scope
from sagehen.services.application_autoscaling.scheduled.action import ScheduledAction, moment
from sagehen.services.application_autoscaling.targets.records import KEY, key_of, key_values
from sagehen.services.application_autoscaling.targets.target import TargetKey
from sagehen.store.database import LAST_CHARACTER, Database, Row

_AT_ONCE = 100


class ScheduleRecords:
    """Reads and writes of scheduled actions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: TargetKey, name: str) -> ScheduledAction | None:
        """Return an action of a target by its name."""
        row = self._database.one(
            f"SELECT * FROM scaling_schedules WHERE {KEY} AND name = ?", (*key_values(key), name)
        )
        return _action(row) if row else None

    def count(self, key: TargetKey) -> int:
        """Return how many actions a target has."""
        row = self._database.one(f"SELECT count(*) AS n FROM scaling_schedules WHERE {KEY}", key_values(key))
        return int(row["n"]) if row else 0

    def listed(
        self, scope: Scope, namespace: str, after: tuple[str, str, str], limit: int
    ) -> list[ScheduledAction]:
        """Return actions of a namespace behind (resource id, dimension, name), in that order."""
        rows = self._database.all(
            "SELECT * FROM scaling_schedules WHERE account_id = ? AND region = ? AND dimension >= ?"
            " AND dimension < ? || ? AND (resource_id, dimension, name) > (?, ?, ?)"
            " ORDER BY resource_id, dimension, name LIMIT ?",
            (scope.account_id, scope.region, f"{namespace}:", f"{namespace}:", LAST_CHARACTER, *after, limit),
        )
        return [_action(row) for row in rows]

    def due(self, now: datetime) -> list[ScheduledAction]:
        """Return actions that are due, in the order in which they became so; up to a hundred."""
        rows = self._database.all(
            "SELECT * FROM scaling_schedules WHERE next_at <= ? ORDER BY next_at LIMIT ?",
            (now.timestamp(), _AT_ONCE),
        )
        return [_action(row) for row in rows]

    def next_at(self) -> float | None:
        """Return when the next action is due, in seconds since the epoch; None where none is."""
        row = self._database.one("SELECT min(next_at) AS at FROM scaling_schedules")
        return row["at"] if row else None

    async def put(self, action: ScheduledAction) -> None:
        """Store an action, new or changed."""
        await self._database.execute(
            "INSERT OR REPLACE INTO scaling_schedules VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *key_values(action.key),
                action.name,
                action.arn,
                action.expression,
                action.timezone,
                _seconds(action.start_at),
                _seconds(action.end_at),
                action.minimum,
                action.maximum,
                action.created_at.timestamp(),
                _seconds(action.next_at),
            ),
        )

    async def remove(self, action: ScheduledAction) -> None:
        """Delete an action."""
        await self._database.execute(
            f"DELETE FROM scaling_schedules WHERE {KEY} AND name = ?", (*key_values(action.key), action.name)
        )


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()


def _action(row: Row) -> ScheduledAction:
    return ScheduledAction(
        key_of(row),
        row["name"],
        row["arn"],
        row["schedule"],
        row["timezone"],
        moment(row["start_at"]),
        moment(row["end_at"]),
        row["minimum"],
        row["maximum"],
        datetime.fromtimestamp(row["created_at"], UTC),
        moment(row["next_at"]),
    )
