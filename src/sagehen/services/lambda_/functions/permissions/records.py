"""The SQL of functions' resource policies: one per function, and one per version or alias."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.services.lambda_.functions.records import Records
from sagehen.services.lambda_.functions.rows import key, touch_version
from sagehen.services.lambda_.names import LATEST, FunctionReference, is_version

_ONE = "SELECT * FROM lambda_policies WHERE account_id = ? AND region = ? AND name = ? AND qualifier = ?"


@dataclass(frozen=True, slots=True)
class ResourcePolicy:
    """Statements in the order in which they were added."""

    statements: Sequence[Mapping[str, Any]]

    def document(self) -> str:
        return json.dumps(
            {"Version": "2012-10-17", "Id": "default", "Statement": list(self.statements)},
            separators=(",", ":"),
        )


class PolicyRecords:
    def __init__(self, records: Records) -> None:
        self._records = records

    def get(self, reference: FunctionReference) -> ResourcePolicy | None:
        """Return the policy of exactly this qualifier; '' is the function itself."""
        row = self._records.database.one(_ONE, (*key(reference), reference.qualifier))
        return None if row is None else ResourcePolicy(json.loads(row["statements"]))

    def document(self, reference: FunctionReference) -> str | None:
        """Return the policy document; remembered, for every invocation asks."""

        def read() -> str | None:
            policy = self.get(reference)
            return policy.document() if policy else None

        return self._records.remember(("policy", reference), read)

    async def change(
        self,
        reference: FunctionReference,
        revision_id: str,
        change: Callable[[ResourcePolicy | None], Sequence[Mapping[str, Any]]],
    ) -> None:
        """Replace the statements by what `change` returns; none left means no policy.

        Args:
            revision_id: What the function, version or alias has from then on: on AWS a policy has
                no RevisionId of its own (recorded).
        """

        def work(tx: Any) -> None:
            full = (*key(reference), reference.qualifier)
            row = tx.execute(_ONE, full).fetchone()
            current = None if row is None else ResourcePolicy(json.loads(row["statements"]))
            statements = change(current)
            tx.execute(
                "DELETE FROM lambda_policies"
                " WHERE account_id = ? AND region = ? AND name = ? AND qualifier = ?",
                full,
            )
            if statements:
                values = (*full, revision_id, json.dumps(list(statements)))
                tx.execute("INSERT INTO lambda_policies VALUES (?, ?, ?, ?, ?, ?)", values)
            if reference.qualifier and not is_version(reference.qualifier):
                tx.execute(
                    "UPDATE lambda_aliases SET revision_id = ?"
                    " WHERE account_id = ? AND region = ? AND name = ? AND alias = ?",
                    (revision_id, *full),
                )
            else:
                touch_version(tx, reference.qualified(reference.qualifier or LATEST), revision_id)

        await self._records.change(work)
