"""The SQL of reserved and provisioned concurrency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sagehen.concurrency.counting import Shares
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.names import FunctionReference
from sagehen.services.lambda_.storage.rows import OF_NAME, key, moment
from sagehen.services.lambda_.storage.tables import Tables
from sagehen.store.database import Row, Transaction


@dataclass(frozen=True, slots=True)
class ProvisionedConfig:
    """Provisioned concurrency of a version or alias, which qualifies the reference."""

    reference: FunctionReference
    requested: int
    modified_at: datetime


class ConcurrencyRecords:
    """Reads and writes of who may run how often at the same time."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    # --- shares --------------------------------------------------------------------------------

    def shares(self, scope: Scope) -> Shares:
        """Return what each function of a scope has reserved and provisioned; remembered."""
        return self._tables.remember(("shares", scope), lambda: self._read_shares(scope))

    def _read_shares(self, scope: Scope) -> Shares:
        scoped = (scope.account_id, scope.region)
        reserved = self._tables.database.all(
            "SELECT name, reserved FROM lambda_functions"
            " WHERE account_id = ? AND region = ? AND reserved IS NOT NULL",
            scoped,
        )
        provisioned = self._tables.database.all(
            "SELECT name, sum(requested) AS requested FROM lambda_provisioned"
            " WHERE account_id = ? AND region = ? GROUP BY name",
            scoped,
        )
        return Shares(
            {row["name"]: row["reserved"] for row in reserved},
            {row["name"]: row["requested"] for row in provisioned},
        )

    async def set_reserved(
        self, reference: FunctionReference, reserved: int | None, check: Callable[[Shares], None]
    ) -> None:
        """Reserve concurrency, or give it back (None); `check` sees the shares and may refuse."""

        def work(tx: Transaction) -> None:
            check(self._read_shares(reference.scope))
            tx.execute(
                f"UPDATE lambda_functions SET reserved = ? {OF_NAME}",
                (reserved, *key(reference)),
            )

        await self._tables.change(work)

    # --- provisioned ---------------------------------------------------------------------------

    def provisioned(self, reference: FunctionReference) -> ProvisionedConfig | None:
        """Return the configuration of exactly this version or alias."""
        row = self._tables.database.one(
            f"SELECT * FROM lambda_provisioned {OF_NAME} AND qualifier = ?",
            (*key(reference), reference.qualifier),
        )
        return None if row is None else _config_of(row)

    def provisioned_of(self, reference: FunctionReference) -> list[ProvisionedConfig]:
        """Return those of a function's versions and aliases, in the order of listings."""
        rows = self._tables.database.all(
            f"SELECT * FROM lambda_provisioned {OF_NAME} ORDER BY qualifier",
            key(reference),
        )
        return [_config_of(row) for row in rows]

    def all_provisioned(self) -> list[ProvisionedConfig]:
        """Return those of every account and region."""
        return [_config_of(row) for row in self._tables.database.all("SELECT * FROM lambda_provisioned")]

    async def put_provisioned(self, config: ProvisionedConfig) -> None:
        """Store one in place of what its qualifier had."""
        reference = config.reference
        values = (*key(reference), reference.qualifier, config.requested, config.modified_at.timestamp())
        await self._tables.change(
            lambda tx: tx.execute(
                "INSERT OR REPLACE INTO lambda_provisioned VALUES (?, ?, ?, ?, ?, ?)", values
            )
        )

    async def delete_provisioned(self, reference: FunctionReference) -> bool:
        """Delete one; False where there was none."""
        full = (*key(reference), reference.qualifier)
        return await self._tables.change(
            lambda tx: (
                tx.execute(f"DELETE FROM lambda_provisioned {OF_NAME} AND qualifier = ?", full).rowcount > 0
            )
        )


def _config_of(row: Row) -> ProvisionedConfig:
    scope = Scope(row["account_id"], row["region"])
    return ProvisionedConfig(
        FunctionReference(scope, row["name"], row["qualifier"]), row["requested"], moment(row["modified_at"])
    )
