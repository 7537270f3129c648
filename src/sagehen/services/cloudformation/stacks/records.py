"""The SQL of stacks, their resources, events and exports."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.errors import (
    AlreadyExistsException,
    LimitExceededException,
    ValidationError,
)
from sagehen.services.cloudformation.stacks.stack import IN_PROGRESS, Resource, Stack, Version
from sagehen.store.database import Database, Row, Transaction

# Documented quota of stacks.
_MOST_STACKS = 2000
# AWS shows deleted stacks for 90 days; as many are kept here.
_MOST_DELETED = 500
# Of one stack: four updates of all the resources that it may have.
_MOST_EVENTS = 5_000
_WITHOUT_TEMPLATES = (
    "account_id, region, id, name, created_at, status, "
    "json_remove(body, '$.version.template', '$.version.original', '$.before.template', '$.before.original') "
    "AS body"
)
_STACK = ("scope", "id", "name", "created_at", "status")


class StackRecords:
    """Reads and writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

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

    def importing(self, scope: Scope, export: str) -> str | None:
        """Return the name of a stack whose template imports what is exported under a name, or None."""
        row = self._database.one(
            "SELECT name FROM cloudformation_stacks WHERE account_id = ? AND region = ? "
            "AND status != 'DELETE_COMPLETE' "
            "AND instr(json_extract(body, '$.version.template'), 'ImportValue') "
            "AND instr(json_extract(body, '$.version.template'), ?)",
            (scope.account_id, scope.region, export),
        )
        return row["name"] if row else None

    def require_not_imported(self, stack: Stack) -> None:
        """Refuse to delete what another stack imports. ValidationError."""
        for one in self.exports(stack.scope):
            other = self.importing(stack.scope, one["name"]) if one["stack_id"] == stack.id else None
            if other is not None:
                raise ValidationError(f"Export {one['name']} cannot be deleted as it is in use by {other}")

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

        def insert(tx: Transaction) -> None:
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
            _add_event(tx, stack.id, event)

        await self._database.write(insert)

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
                _add_event(tx, stack.id, event)
            return changed

        return await self._database.write(update)

    # --- resources and events --------------------------------------------------------------

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
                (stack.id, resource.logical_id, _json(asdict(resource))),
            )
            if event is not None:
                _add_event(tx, stack.id, event)

        await self._database.write(write)

    async def forget(self, stack: Stack, logical_id: str, event: dict[str, Any] | None = None) -> None:
        """Forget a resource that is gone."""

        def write(tx: Transaction) -> None:
            tx.execute(
                "DELETE FROM cloudformation_resources WHERE stack_id = ? AND logical_id = ?",
                (stack.id, logical_id),
            )
            if event is not None:
                _add_event(tx, stack.id, event)

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

    # --- exports ---------------------------------------------------------------------------

    def exports(self, scope: Scope) -> list[dict[str, str]]:
        """Return what an account's stacks export, in the order of names."""
        rows = self._database.all(
            "SELECT * FROM cloudformation_exports WHERE account_id = ? AND region = ? ORDER BY name",
            (scope.account_id, scope.region),
        )
        return [dict(row) for row in rows]

    async def set_exports(self, stack: Stack, exports: Sequence[tuple[str, str]]) -> None:
        """Replace what a stack exports.

        Raises:
            ValidationError: Another stack exports that name.
        """

        def write(tx: Transaction) -> None:
            tx.execute("DELETE FROM cloudformation_exports WHERE stack_id = ?", (stack.id,))
            for name, value in exports:
                added = tx.execute(
                    "INSERT OR IGNORE INTO cloudformation_exports VALUES (?, ?, ?, ?, ?)",
                    (stack.scope.account_id, stack.scope.region, name, value, stack.id),
                ).rowcount
                if not added:
                    raise ValidationError(f"Export with name {name} is already exported by another stack")

        await self._database.write(write)

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


def _add_event(tx: Transaction, stack_id: str, event: dict[str, Any]) -> None:
    tx.execute("INSERT INTO cloudformation_events (stack_id, body) VALUES (?, ?)", (stack_id, _json(event)))
    # Each stack has its own: others' do not shorten its history.
    tx.execute(
        "DELETE FROM cloudformation_events WHERE stack_id = ? AND number <= (SELECT number FROM "
        "cloudformation_events WHERE stack_id = ? ORDER BY number DESC LIMIT 1 OFFSET ?)",
        (stack_id, stack_id, _MOST_EVENTS),
    )


def _put(tx: Transaction, stack: Stack) -> None:
    body = {name: value for name, value in asdict(stack).items() if name not in _STACK}
    tx.execute(
        "REPLACE INTO cloudformation_stacks VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            stack.scope.account_id, stack.scope.region, stack.id, stack.name, stack.created_at, stack.status,
            _json(body),
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


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), default=str)
