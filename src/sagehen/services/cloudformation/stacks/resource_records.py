"""The SQL of stacks' resources and events."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.stacks.stack import Resource, Stack
from sagehen.store.database import Database, Transaction

# Of one stack: four updates of all the resources that it may have.
_MOST_EVENTS = 5_000


class ResourceRecords:
    """Reads and writes stacks' resources, and what happened."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def resources(self, stack: Stack) -> dict[str, Resource]:
        """Return a stack's resources by logical id."""
        rows = self._database.all("SELECT * FROM cloudformation_resources WHERE stack_id = ?", (stack.id,))
        return {row["logical_id"]: Resource(**json.loads(row["body"])) for row in rows}

    def owner_of(self, scope: Scope, kind: str, physical_id: str) -> str | None:
        """Return the name of the stack that has a resource, or None."""
        row = self._database.one(
            "SELECT s.name FROM cloudformation_stacks s JOIN cloudformation_resources r ON r.stack_id = s.id "
            "WHERE s.account_id = ? AND s.region = ? AND s.status != 'DELETE_COMPLETE' "
            "AND json_extract(r.body, '$.physical_id') = ? AND json_extract(r.body, '$.type') = ?",
            (scope.account_id, scope.region, physical_id, kind),
        )
        return row["name"] if row else None

    def is_physical(self, stack_id: str, logical_id: str, physical_id: str) -> bool:
        """Tell whether a stack's resource has that physical id."""
        row = self._database.one(
            "SELECT 1 FROM cloudformation_resources WHERE stack_id = ? AND logical_id = ? "
            "AND json_extract(body, '$.physical_id') = ?",
            (stack_id, logical_id, physical_id),
        )
        return row is not None

    async def put(self, stack: Stack, resource: Resource, event: dict[str, Any] | None = None) -> None:
        """Store a resource as it is now, and what happened."""

        def write(tx: Transaction) -> None:
            tx.execute(
                "REPLACE INTO cloudformation_resources VALUES (?, ?, ?)",
                (stack.id, resource.logical_id, as_json(asdict(resource))),
            )
            if event is not None:
                add_event(tx, stack.id, event)

        await self._database.write(write)

    async def forget(self, stack: Stack, logical_id: str, event: dict[str, Any] | None = None) -> None:
        """Forget a resource that is gone."""

        def write(tx: Transaction) -> None:
            tx.execute(
                "DELETE FROM cloudformation_resources WHERE stack_id = ? AND logical_id = ?",
                (stack.id, logical_id),
            )
            if event is not None:
                add_event(tx, stack.id, event)

        await self._database.write(write)

    def events(self, stack: Stack, before: int | None, limit: int) -> list[tuple[int, dict[str, Any]]]:
        """Return events, the newest first, with their numbers; `before`: older than that one."""
        rows = self._database.all(
            "SELECT * FROM cloudformation_events WHERE stack_id = ? AND number < ? "
            "ORDER BY number DESC LIMIT ?",
            (stack.id, before if before is not None else 1 << 62, limit),
        )
        return [(row["number"], json.loads(row["body"])) for row in rows]

    def reason_of(self, stack: Stack, status: str) -> str:
        """Return the reason with which a stack last came into a status."""
        row = self._database.one(
            "SELECT json_extract(body, '$.ResourceStatusReason') AS reason FROM cloudformation_events "
            "WHERE stack_id = ? AND json_extract(body, '$.PhysicalResourceId') = ? "
            "AND json_extract(body, '$.ResourceStatus') = ? ORDER BY number DESC LIMIT 1",
            (stack.id, stack.arn, status),
        )
        return str(row["reason"] or "") if row else ""


def add_event(tx: Transaction, stack_id: str, event: dict[str, Any]) -> None:
    """Store what happened."""
    tx.execute("INSERT INTO cloudformation_events (stack_id, body) VALUES (?, ?)", (stack_id, as_json(event)))
    # Each stack has its own: others' do not shorten its history.
    tx.execute(
        "DELETE FROM cloudformation_events WHERE stack_id = ? AND number <= (SELECT number FROM "
        "cloudformation_events WHERE stack_id = ? ORDER BY number DESC LIMIT 1 OFFSET ?)",
        (stack_id, stack_id, _MOST_EVENTS),
    )


def as_json(value: Any) -> str:
    """Return a row's body."""
    return json.dumps(value, separators=(",", ":"), default=str)
