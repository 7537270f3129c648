"""The SQL of scaling policies."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sagehen.domain.scope import Scope
from sagehen.services.application_autoscaling.policies.policy import ScalingPolicy
from sagehen.services.application_autoscaling.targets.records import KEY, key_of, key_values
from sagehen.services.application_autoscaling.targets.target import TargetKey
from sagehen.store.database import LAST_CHARACTER, Database, Row


class PolicyRecords:
    """Reads and writes of policies."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: TargetKey, name: str) -> ScalingPolicy | None:
        """Return a policy of a target by its name."""
        row = self._database.one(
            f"SELECT * FROM scaling_policies WHERE {KEY} AND name = ?", (*key_values(key), name)
        )
        return _policy(row) if row else None

    def by_arn(self, arn: str) -> ScalingPolicy | None:
        """Return the policy that an alarm names as its action."""
        row = self._database.one("SELECT * FROM scaling_policies WHERE arn = ?", (arn,))
        return _policy(row) if row else None

    def of_target(self, key: TargetKey) -> list[ScalingPolicy]:
        """Return every policy of a target."""
        rows = self._database.all(
            f"SELECT * FROM scaling_policies WHERE {KEY} ORDER BY name", key_values(key)
        )
        return [_policy(row) for row in rows]

    def listed(
        self, scope: Scope, namespace: str, after: tuple[str, str, str], limit: int
    ) -> list[ScalingPolicy]:
        """Return policies of a namespace behind (resource id, dimension, name), in that order."""
        rows = self._database.all(
            "SELECT * FROM scaling_policies WHERE account_id = ? AND region = ? AND dimension >= ?"
            " AND dimension < ? || ? AND (resource_id, dimension, name) > (?, ?, ?)"
            " ORDER BY resource_id, dimension, name LIMIT ?",
            (scope.account_id, scope.region, f"{namespace}:", f"{namespace}:", LAST_CHARACTER, *after, limit),
        )
        return [_policy(row) for row in rows]

    def tracking(self) -> list[ScalingPolicy]:
        """Return every target tracking policy there is."""
        rows = self._database.all("SELECT * FROM scaling_policies WHERE type = 'TargetTrackingScaling'")
        return [_policy(row) for row in rows]

    async def put(self, policy: ScalingPolicy) -> None:
        """Store a policy, new or changed."""
        await self._database.execute(
            "INSERT OR REPLACE INTO scaling_policies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *key_values(policy.key),
                policy.name,
                policy.type,
                policy.arn,
                json.dumps(dict(policy.configuration)),
                json.dumps(policy.alarms),
                policy.created_at.timestamp(),
            ),
        )

    async def remove(self, policy: ScalingPolicy) -> None:
        """Delete a policy."""
        await self._database.execute(
            f"DELETE FROM scaling_policies WHERE {KEY} AND name = ?", (*key_values(policy.key), policy.name)
        )


def _policy(row: Row) -> ScalingPolicy:
    return ScalingPolicy(
        key_of(row),
        row["name"],
        row["type"],
        row["arn"],
        json.loads(row["configuration"]),
        tuple(json.loads(row["alarms"])),
        datetime.fromtimestamp(row["created_at"], UTC),
    )
