"""The SQL of stacks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.errors import (
    AlreadyExistsException,
    LimitExceededException,
    ValidationError,
)
from sagehen.services.cloudformation.stacks.export_records import ExportRecords
from sagehen.services.cloudformation.stacks.resource_records import ResourceRecords, add_event, as_json
from sagehen.services.cloudformation.stacks.stack import IN_PROGRESS, Stack, Version
from sagehen.store.database import Row, Transaction

# Documented quota of stacks.
_MOST_STACKS = 2000
# AWS shows deleted stacks for 90 days; as many are kept here.
_MOST_DELETED = 500
_WITHOUT_TEMPLATES = (
    "account_id, region, id, name, created_at, status, "
    "json_remove(body, '$.version.template', '$.version.original', '$.before.template', '$.before.original') "
    "AS body"
)
_STACK = ("scope", "id", "name", "created_at", "status")


class StackRecords(ResourceRecords, ExportRecords):
    """Reads and writes stacks; what they have and export, too."""

    def find(self, scope: Scope, name_or_arn: str) -> Stack | None:
        """Return a stack by its ARN, deleted ones too, or by its name, the one that is there."""
        identity = name_or_arn.rpartition("/")[2] if name_or_arn.startswith("arn:") else None
        column, value = ("id", identity) if identity else ("name", name_or_arn)
        more = "" if identity else " AND status != 'DELETE_COMPLETE'"
        row = self._database.one(
            f"SELECT * FROM cloudformation_stacks WHERE account_id = ? AND region = ? AND {column} = ?{more}",
            (scope.account_id, scope.region, value),
        )
        stack = _stack(row) if row else None
        # Rights are asked for of the ARN that was given: all of it has to be the stack's.
        return None if stack is not None and identity and stack.arn != name_or_arn else stack

    def require(self, scope: Scope, name_or_arn: str) -> Stack:
        """Return a stack. ValidationError where there is none (recorded: the CLI's waiters read it)."""
        stack = self.find(scope, name_or_arn)
        if stack is None:
            raise ValidationError(f"Stack with id {name_or_arn} does not exist")
        return stack

    def all(self, scope: Scope) -> list[Stack]:
        """Return every stack, deleted ones too, the newest first; without their templates."""
        rows = self._database.all(
            f"SELECT {_WITHOUT_TEMPLATES} FROM cloudformation_stacks WHERE account_id = ? AND region = ? "
            "ORDER BY created_at DESC, id",
            (scope.account_id, scope.region),
        )
        return [_stack(row) for row in rows]

    def unfinished(self) -> list[Stack]:
        """Return every stack, of every account, in which something goes on."""
        holes = ", ".join("?" * len(IN_PROGRESS))
        return [
            _stack(row)
            for row in self._database.all(
                f"SELECT * FROM cloudformation_stacks WHERE status IN ({holes})", IN_PROGRESS
            )
        ]

    async def add(self, stack: Stack, event: dict[str, Any]) -> None:
        """Store a new stack.

        Raises:
            AlreadyExistsException, LimitExceededException.
        """

        await self._database.write(lambda tx: insert_stack(tx, stack, event))

    async def change(
        self, stack: Stack, change: Callable[[Stack], Stack], event: dict[str, Any] | None = None
    ) -> Stack:
        """Replace a stack by what `change` makes of it as it is now, in one transaction with an event."""

        def update(tx: Transaction) -> Stack:
            row = tx.execute(
                "SELECT * FROM cloudformation_stacks WHERE account_id = ? AND region = ? AND id = ?",
                (stack.scope.account_id, stack.scope.region, stack.id),
            ).fetchone()
            if row is None:
                raise ValidationError(f"Stack with id {stack.name} does not exist")
            changed = change(_stack(row))
            _put(tx, changed)
            if event is not None:
                add_event(tx, stack.id, event)
            return changed

        return await self._database.write(update)

    async def sweep(self, scope: Scope) -> None:
        """Forget the oldest of the deleted stacks, with all that is kept of them."""

        def write(tx: Transaction) -> None:
            rows = tx.execute(
                "SELECT id FROM cloudformation_stacks WHERE account_id = ? AND region = ? "
                "AND status = 'DELETE_COMPLETE' ORDER BY created_at DESC LIMIT -1 OFFSET ?",
                (scope.account_id, scope.region, _MOST_DELETED),
            ).fetchall()
            for row in rows:
                for table, column in (
                    ("stacks", "id"), ("resources", "stack_id"), ("events", "stack_id"),
                    ("change_sets", "stack_id"), ("signals", "stack_id"), ("drifts", "stack_id"),
                ):  # fmt: skip
                    tx.execute(f"DELETE FROM cloudformation_{table} WHERE {column} = ?", (row["id"],))

        await self._database.write(write)


def insert_stack(tx: Transaction, stack: Stack, event: dict[str, Any]) -> None:
    """Store a new stack; see `StackRecords.add`."""
    rows = tx.execute(
        "SELECT name FROM cloudformation_stacks WHERE account_id = ? AND region = ? "
        "AND status != 'DELETE_COMPLETE'",
        (stack.scope.account_id, stack.scope.region),
    ).fetchall()
    if any(row["name"] == stack.name for row in rows):
        raise AlreadyExistsException(f"Stack [{stack.name}] already exists")
    if len(rows) >= _MOST_STACKS:
        raise LimitExceededException(f"Limit for stack has been exceeded: {_MOST_STACKS}")
    _put(tx, stack)
    add_event(tx, stack.id, event)


def _put(tx: Transaction, stack: Stack) -> None:
    body = {name: value for name, value in asdict(stack).items() if name not in _STACK}
    tx.execute(
        "REPLACE INTO cloudformation_stacks VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            stack.scope.account_id, stack.scope.region, stack.id, stack.name, stack.created_at, stack.status,
            as_json(body),
        ),
    )  # fmt: skip


def _stack(row: Row) -> Stack:
    body = json.loads(row["body"])
    body["version"] = Version(**{"template": "", **body["version"]})
    body["before"] = Version(**{"template": "", **body["before"]}) if body["before"] else None
    return Stack(
        scope=Scope(row["account_id"], row["region"]),
        id=row["id"],
        name=row["name"],
        created_at=row["created_at"],
        status=row["status"],
        **body,
    )
