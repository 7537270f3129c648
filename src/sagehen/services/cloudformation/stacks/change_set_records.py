"""The SQL of change sets."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.errors import (
    AlreadyExistsException,
    ChangeSetNotFound,
    LimitExceededException,
)
from sagehen.services.cloudformation.stacks.change_set import ChangeSet
from sagehen.services.cloudformation.stacks.records import insert_stack
from sagehen.services.cloudformation.stacks.stack import REVIEW, Stack
from sagehen.store.database import Database, Transaction

_MOST = 100
_BENEATH = "json_extract(body, '$.parent') = ?"


@dataclass(frozen=True, slots=True)
class Branch:
    """A nested stack and its change set.

    Args:
        event: The first of a stack that is not there yet.
    """

    stack: Stack
    change_set: ChangeSet
    event: dict[str, Any] | None = None


class ChangeSetRecords:
    """Reads and writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, stack: Stack) -> list[ChangeSet]:
        """Return a stack's change sets, the newest first."""
        rows = self._database.all(
            "SELECT body FROM cloudformation_change_sets WHERE stack_id = ? ORDER BY created_at DESC",
            (stack.id,),
        )
        return [ChangeSet(**json.loads(row["body"])) for row in rows]

    def require(self, stack: Stack, name_or_arn: str) -> ChangeSet:
        """Return a change set, by its name or its ARN. ChangeSetNotFound where there is none."""
        identity = name_or_arn.rpartition("/")[2] if name_or_arn.startswith("arn:") else None
        for one in self.all(stack):
            if identity == one.id or name_or_arn == one.name:
                return one
        raise ChangeSetNotFound(f"ChangeSet [{name_or_arn}] does not exist")

    def stack_of(self, scope: Scope, arn: str) -> str | None:
        """Return the ARN of the stack whose change set has an ARN, or None. No template is read for it."""
        kind, _, rest = arn.rpartition(":")[2].partition("/")
        name, _, identity = rest.partition("/")
        row = self._database.one(
            "SELECT s.name, s.id FROM cloudformation_stacks s"
            " JOIN cloudformation_change_sets c ON c.stack_id = s.id AND c.name = ?"
            " WHERE s.account_id = ? AND s.region = ? AND json_extract(c.body, '$.id') = ?",
            (name, scope.account_id, scope.region, identity),
        )
        if row is None or scope.arn("cloudformation", f"{kind}/{name}/{identity}") != arn:
            return None
        return scope.arn("cloudformation", f"stack/{row['name']}/{row['id']}")

    def child(self, parent: str, logical_id: str) -> ChangeSet | None:
        """Return the change set of a nested stack that is beneath one, by their ARN, or None."""
        rows = self._database.all(f"SELECT body FROM cloudformation_change_sets WHERE {_BENEATH}", (parent,))
        every = (ChangeSet(**json.loads(row["body"])) for row in rows)
        return next((one for one in every if one.logical_id == logical_id), None)

    async def add(self, stack: Stack, change_set: ChangeSet, branches: Sequence[Branch] = ()) -> None:
        """Store a new one, and those of nested stacks beneath it: all or none.

        Raises:
            AlreadyExistsException, LimitExceededException.
        """

        def insert(tx: Transaction) -> None:
            for branch in branches:
                if branch.event is not None:
                    insert_stack(tx, branch.stack, branch.event)
                _insert(tx, branch.stack, branch.change_set)
            _insert(tx, stack, change_set)

        await self._database.write(insert)

    async def change(self, stack: Stack, name: str, change: Callable[[ChangeSet], ChangeSet]) -> ChangeSet:
        """Replace one by what `change` makes of it. ChangeSetNotFound where it is gone."""

        def update(tx: Transaction) -> ChangeSet:
            row = tx.execute(
                "SELECT body FROM cloudformation_change_sets WHERE stack_id = ? AND name = ?",
                (stack.id, name),
            ).fetchone()
            if row is None:
                raise ChangeSetNotFound(f"ChangeSet [{name}] does not exist")
            changed = change(ChangeSet(**json.loads(row["body"])))
            tx.execute(
                "UPDATE cloudformation_change_sets SET body = ? WHERE stack_id = ? AND name = ?",
                (json.dumps(asdict(changed)), stack.id, name),
            )
            return changed

        return await self._database.write(update)

    async def remove(self, stack: Stack, name: str | None = None, *, executed: str = "") -> None:
        """Forget one, or all of a stack, with those beneath.

        Args:
            executed: ARN of one whose nested change sets are still to be carried out.
        """
        more, values = (" AND name = ?", (stack.id, name)) if name else ("", (stack.id,))

        def write(tx: Transaction) -> None:
            rows = tx.execute(
                f"SELECT json_extract(body, '$.arn') AS arn FROM cloudformation_change_sets "
                f"WHERE stack_id = ?{more}",
                values,
            ).fetchall()
            tx.execute(f"DELETE FROM cloudformation_change_sets WHERE stack_id = ?{more}", values)
            _remove_beneath(tx, [row["arn"] for row in rows if row["arn"] and row["arn"] != executed])

        await self._database.write(write)

    async def remove_beneath(self, arn: str) -> None:
        """Forget what is beneath a change set; stacks that are not there yet go with it."""
        await self._database.write(lambda tx: _remove_beneath(tx, [arn]))

    async def sweep(self) -> None:
        """Forget those of nested stacks whose root is gone, and not being carried out either."""

        def write(tx: Transaction) -> None:
            roots = tx.execute(
                "SELECT DISTINCT json_extract(body, '$.root') AS root FROM cloudformation_change_sets "
                "WHERE json_extract(body, '$.parent') != ''"
            ).fetchall()
            kept = {
                row["arn"]
                for row in tx.execute(
                    "SELECT json_extract(body, '$.arn') AS arn FROM cloudformation_change_sets UNION "
                    "SELECT json_extract(body, '$.version.change_set') FROM cloudformation_stacks "
                    "WHERE status LIKE '%_IN_PROGRESS'"
                ).fetchall()
            }
            _remove_beneath(tx, [row["root"] for row in roots if row["root"] not in kept])

        await self._database.write(write)


def _insert(tx: Transaction, stack: Stack, change_set: ChangeSet) -> None:
    (count,) = tx.execute(
        "SELECT count(*) FROM cloudformation_change_sets WHERE stack_id = ?", (stack.id,)
    ).fetchone()
    if count >= _MOST:
        raise LimitExceededException(f"A stack has {_MOST} change sets at most.")
    added = tx.execute(
        "INSERT OR IGNORE INTO cloudformation_change_sets VALUES (?, ?, ?, ?)",
        (stack.id, change_set.name, change_set.created_at, json.dumps(asdict(change_set))),
    ).rowcount
    if not added:
        raise AlreadyExistsException(f"ChangeSet {change_set.name} cannot be created: it already exists")


def _remove_beneath(tx: Transaction, arns: list[str]) -> None:
    while arns:
        parent = (arns.pop(),)
        rows = tx.execute(
            "SELECT stack_id, json_extract(body, '$.arn') AS arn FROM cloudformation_change_sets "
            f"WHERE {_BENEATH}",
            parent,
        ).fetchall()
        tx.execute(f"DELETE FROM cloudformation_change_sets WHERE {_BENEATH}", parent)
        for row in rows:
            arns.append(row["arn"])
            gone = tx.execute(
                "DELETE FROM cloudformation_stacks WHERE id = ? AND status = ?", (row["stack_id"], REVIEW)
            ).rowcount
            if gone:
                tx.execute("DELETE FROM cloudformation_events WHERE stack_id = ?", (row["stack_id"],))
