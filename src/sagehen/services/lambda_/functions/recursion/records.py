"""The SQL of what functions say of recursive loops."""

from __future__ import annotations

from sagehen.services.lambda_.errors import function_not_found
from sagehen.services.lambda_.names import FunctionReference
from sagehen.services.lambda_.storage.rows import OF_NAME, key
from sagehen.services.lambda_.storage.tables import Tables
from sagehen.store.database import Transaction

# Documented: what a function has that was never told.
DEFAULT = "Terminate"


class RecursionRecords:
    """Reads and writes of `RecursiveLoop`: `Allow` or `Terminate`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def recursive_loop(self, reference: FunctionReference) -> str:
        """Return what a function says; remembered, for loops ask often."""

        def read() -> str:
            row = self._tables.database.one(
                f"SELECT recursive_loop FROM lambda_recursion {OF_NAME}", key(reference)
            )
            return DEFAULT if row is None else str(row["recursive_loop"])

        return self._tables.remember(("recursion", key(reference)), read)

    async def put(self, reference: FunctionReference, recursive_loop: str) -> None:
        """Store it.

        Raises:
            ResourceNotFoundException: There is no such function.
        """

        def work(tx: Transaction) -> None:
            if tx.execute(f"SELECT 1 FROM lambda_functions {OF_NAME}", key(reference)).fetchone() is None:
                raise function_not_found(reference.unqualified_arn)
            values = (*key(reference), recursive_loop)
            tx.execute("INSERT OR REPLACE INTO lambda_recursion VALUES (?, ?, ?, ?)", values)

        await self._tables.change(work)
