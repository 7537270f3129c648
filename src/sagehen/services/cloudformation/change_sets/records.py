"""The SQL of change sets."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict

from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.change_sets.change_set import ChangeSet
from sagehen.services.cloudformation.errors import (
    AlreadyExistsException,
    ChangeSetNotFound,
    LimitExceededException,
)
from sagehen.services.cloudformation.stacks.stack import Stack
from sagehen.store.database import Database, Transaction

_MOST = 100


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

    async def add(self, stack: Stack, change_set: ChangeSet) -> None:
        """Store a new one.

        Raises:
            AlreadyExistsException, LimitExceededException.
        """

        def insert(tx: Transaction) -> None:
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
                raise AlreadyExistsException(
                    f"ChangeSet {change_set.name} cannot be created: it already exists"
                )

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

    async def remove(self, stack: Stack, name: str | None = None) -> None:
        """Forget one, or all of a stack."""
        more, values = (" AND name = ?", (stack.id, name)) if name else ("", (stack.id,))
        await self._database.write(
            lambda tx: tx.execute(f"DELETE FROM cloudformation_change_sets WHERE stack_id = ?{more}", values)
        )
