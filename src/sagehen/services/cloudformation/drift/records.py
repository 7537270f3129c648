"""The SQL of drift: what was last found of each resource, and of each stack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.stacks.stack import Resource, Stack
from sagehen.store.database import Database, Transaction

# Stands for the stack itself among its resources.
_STACK = ""


class DriftRecords:
    """Reads and writes; rows go with their stack's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_stack(self, stack: Stack) -> dict[str, Any] | None:
        """Return a stack's last detection: `id`, `state`, `status`, `at`, `reason`, `count`; or None."""
        return self._rows(stack).get(_STACK)

    def of_resources(self, stack: Stack, resources: Mapping[str, Resource]) -> dict[str, dict[str, Any]]:
        """Return what was found of resources, of those that were not changed since."""
        rows = self._rows(stack)
        return {
            name: rows[name] for name, one in resources.items() if name in rows and rows[name]["at"] >= one.at
        }

    def stack_of(self, scope: Scope, detection_id: str) -> str | None:
        """Return the ARN of the stack whose last detection has an id, or None."""
        row = self._database.one(
            "SELECT s.name, s.id FROM cloudformation_drifts d JOIN cloudformation_stacks s "
            "ON s.id = d.stack_id WHERE s.account_id = ? AND s.region = ? AND d.logical_id = '' "
            "AND json_extract(d.body, '$.id') = ?",
            (scope.account_id, scope.region, detection_id),
        )
        return scope.arn("cloudformation", f"stack/{row['name']}/{row['id']}") if row else None

    async def begin(self, stack: Stack, detection: Mapping[str, Any]) -> None:
        """Store that a detection begins; what was found of resources that are the stack's no more goes."""

        def write(tx: Transaction) -> None:
            tx.execute(
                "DELETE FROM cloudformation_drifts WHERE stack_id = ? AND logical_id NOT IN "
                "(SELECT logical_id FROM cloudformation_resources WHERE stack_id = ?)",
                (stack.id, stack.id),
            )
            _put(tx, stack, _STACK, detection)

        await self._database.write(write)

    async def put(self, stack: Stack, logical_id: str, found: Mapping[str, Any]) -> None:
        """Store what was found of a resource; under '' what of the stack."""
        await self._database.write(lambda tx: _put(tx, stack, logical_id, found))

    async def end_unfinished(self, reason: str) -> None:
        """Let detections fail that an earlier life left."""

        def write(tx: Transaction) -> None:
            tx.execute(
                "UPDATE cloudformation_drifts SET body = json_set(body, '$.state', 'DETECTION_FAILED', "
                "'$.reason', ?) WHERE logical_id = '' "
                "AND json_extract(body, '$.state') = 'DETECTION_IN_PROGRESS'",
                (reason,),
            )

        await self._database.write(write)

    def _rows(self, stack: Stack) -> dict[str, dict[str, Any]]:
        rows = self._database.all("SELECT * FROM cloudformation_drifts WHERE stack_id = ?", (stack.id,))
        return {row["logical_id"]: json.loads(row["body"]) for row in rows}


def _put(tx: Transaction, stack: Stack, logical_id: str, found: Mapping[str, Any]) -> None:
    body = json.dumps(found, default=str)
    tx.execute("REPLACE INTO cloudformation_drifts VALUES (?, ?, ?)", (stack.id, logical_id, body))
