"""The SQL of scaling activities."""

from __future__ import annotations

import json
from dataclasses import replace

from sagehen.domain.scope import Scope
from sagehen.services.application_autoscaling.activities.activity import OPEN, ScalingActivity, Status
from sagehen.services.application_autoscaling.targets.records import KEY, key_of, key_values
from sagehen.services.application_autoscaling.targets.target import TargetKey
from sagehen.store.database import LAST_CHARACTER, Database, Row, Transaction

# AWS keeps them for six weeks (User Guide, Scaling activities).
KEPT_S = 42 * 86_400.0
_COLUMNS = (
    "account_id, region, resource_id, dimension, activity_id, description, cause, status, message,"
    " started_at, ended_at, not_scaled, capacity, base, cooldown_s, details"
)


class ActivityRecords:
    """Reads and writes of activities."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, activity: ScalingActivity) -> ScalingActivity:
        """Store a new activity and return it with its number."""

        def insert(tx: Transaction) -> int:
            marks = ", ".join("?" * 16)
            row = tx.execute(
                f"INSERT INTO scaling_activities ({_COLUMNS}) VALUES ({marks})", _values(activity)
            ).lastrowid
            assert row is not None
            return row

        return replace(activity, row=await self._database.write(insert))

    async def change(
        self, activity: ScalingActivity, status: Status, message: str, now: float
    ) -> ScalingActivity:
        """Store how an activity goes on."""
        changed = replace(
            activity,
            status=status,
            message=message,
            ended_at=activity.ended_at if status in OPEN else now,
        )
        await self._database.execute(
            "UPDATE scaling_activities SET status = ?, message = ?, ended_at = ? WHERE id = ?",
            (status, message, changed.ended_at, activity.row),
        )
        return changed

    def open(self) -> list[ScalingActivity]:
        """Return every activity that has not ended, the oldest first."""
        rows = self._database.all(
            "SELECT * FROM scaling_activities WHERE status IN ('Pending', 'InProgress') ORDER BY id"
        )
        return [_activity(row) for row in rows]

    def last_of_policies(self, key: TargetKey) -> ScalingActivity | None:
        """Return the target's newest activity that a policy caused and that was not refused."""
        row = self._database.one(
            f"SELECT * FROM scaling_activities WHERE {KEY} AND cooldown_s IS NOT NULL"
            " AND status NOT IN ('Failed', 'Unfulfilled') ORDER BY id DESC LIMIT 1",
            key_values(key),
        )
        return _activity(row) if row else None

    def newest(self, key: TargetKey) -> ScalingActivity | None:
        """Return the target's newest activity of any kind."""
        row = self._database.one(
            f"SELECT * FROM scaling_activities WHERE {KEY} ORDER BY id DESC LIMIT 1", key_values(key)
        )
        return _activity(row) if row else None

    def listed(
        self,
        scope: Scope,
        namespace: str,
        resource_id: str | None,
        dimension: str | None,
        before: int | None,
        limit: int,
        *,
        not_scaled: bool,
    ) -> list[ScalingActivity]:
        """Return activities of a namespace, the newest first.

        Args:
            scope: Whose.
            namespace: AWS's service namespace.
            resource_id: Only of this resource.
            dimension: Only of this dimension.
            before: Only those with smaller numbers.
            limit: At most so many.
            not_scaled: Those that scaled nothing as well.
        """
        where = ["account_id = ?", "region = ?", "dimension >= ?", "dimension < ? || ?"]
        values: list[object] = [
            scope.account_id,
            scope.region,
            f"{namespace}:",
            f"{namespace}:",
            LAST_CHARACTER,
        ]
        for condition, value in (
            ("resource_id = ?", resource_id),
            ("dimension = ?", dimension),
            ("id < ?", before),
        ):
            if value is not None:
                where.append(condition)
                values.append(value)
        if not not_scaled:
            where.append("not_scaled = '[]'")
        rows = self._database.all(
            f"SELECT * FROM scaling_activities WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ?",
            (*values, limit),
        )
        return [_activity(row) for row in rows]

    async def forget(self, now: float) -> None:
        """Delete what ended more than six weeks ago; what was done at once has no end of its own."""
        await self._database.execute(
            "DELETE FROM scaling_activities WHERE coalesce(ended_at, started_at) < ?"
            " AND status NOT IN ('Pending', 'InProgress')",
            (now - KEPT_S,),
        )


def _values(one: ScalingActivity) -> tuple[object, ...]:
    return (
        *key_values(one.key),
        one.activity_id,
        one.description,
        one.cause,
        one.status,
        one.message,
        one.started_at,
        one.ended_at,
        json.dumps(list(one.not_scaled)),
        one.capacity,
        one.base,
        one.cooldown_s,
        one.details,
    )


def _activity(row: Row) -> ScalingActivity:
    return ScalingActivity(
        key_of(row),
        row["activity_id"],
        row["description"],
        row["cause"],
        row["status"],
        row["started_at"],
        row["message"],
        row["ended_at"],
        row["capacity"],
        row["base"],
        row["cooldown_s"],
        tuple(json.loads(row["not_scaled"])),
        row["id"],
        row["details"],
    )
