"""The SQL of exports."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.stacks.stack import Stack
from sagehen.store.database import Database, Transaction


class ExportRecords:
    """Reads and writes what stacks export."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
