"""The SQL of functions' resource policies: one per function, and one per version or alias."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from sagehen.services.lambda_.functions.rows import touch_version
from sagehen.services.lambda_.names import LATEST, FunctionReference, is_version
from sagehen.services.lambda_.statements import ResourcePolicy, Statement
from sagehen.services.lambda_.storage.rows import OF_NAME, key
from sagehen.services.lambda_.storage.tables import Tables
from sagehen.store.database import Transaction

_ONE = f"SELECT * FROM lambda_policies {OF_NAME} AND qualifier = ?"


class PolicyRecords:
    """Reads and writes of policies. A policy's RevisionId is its function's, version's or alias's."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(self, reference: FunctionReference) -> ResourcePolicy | None:
        """Return the policy of exactly this qualifier; '' is the function itself."""
        row = self._tables.database.one(_ONE, (*key(reference), reference.qualifier))
        return None if row is None else ResourcePolicy(json.loads(row["statements"]))

    def document(self, reference: FunctionReference) -> str | None:
        """Return the policy document; remembered, for every invocation asks."""

        def read() -> str | None:
            policy = self.get(reference)
            return policy.document() if policy else None

        return self._tables.remember(("policy", reference), read)

    async def change(
        self,
        reference: FunctionReference,
        revision_id: str,
        change: Callable[[ResourcePolicy | None], Sequence[Statement]],
    ) -> None:
        """Replace the statements by what `change` returns; none left means no policy.

        Args:
            revision_id: What the function, version or alias has from then on: on AWS a policy has
                no RevisionId of its own (recorded).
        """

        def work(tx: Transaction) -> None:
            full = (*key(reference), reference.qualifier)
            row = tx.execute(_ONE, full).fetchone()
            current = None if row is None else ResourcePolicy(json.loads(row["statements"]))
            statements = change(current)
            tx.execute(f"DELETE FROM lambda_policies {OF_NAME} AND qualifier = ?", full)
            if statements:
                values = (*full, revision_id, json.dumps(list(statements)))
                tx.execute("INSERT INTO lambda_policies VALUES (?, ?, ?, ?, ?, ?)", values)
            if reference.qualifier and not is_version(reference.qualifier):
                tx.execute(
                    f"UPDATE lambda_aliases SET revision_id = ? {OF_NAME} AND alias = ?",
                    (revision_id, *full),
                )
            else:
                touch_version(tx, reference.qualified(reference.qualifier or LATEST), revision_id)

        await self._tables.change(work)
