"""State: where EC2's resources are; every change is one transaction, with all of its checks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from sagehen.api.operation import Request
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.ec2.errors import DryRunOperation
from sagehen.services.ec2.resources.view import MIGRATIONS, View
from sagehen.store.database import Database, Transaction

T = TypeVar("T")
# Puts into a region of an account what AWS has put there.
Furnish = Callable[[View], None]
# Rows of a scope that are read and described within some ms; more are in a thread.
_FEW_ROWS = 400


class State:
    """Reads and changes.

    Args:
        database: Where rows are.
        ids: Draws ids.
        furnish: Called once for each region of each account, before anything is asked of it.
    """

    def __init__(self, database: Database, ids: Ids, furnish: Furnish) -> None:
        database.migrate("ec2", MIGRATIONS)
        self._database = database
        self._ids = ids
        self._furnish = furnish
        self._furnished: set[Scope] = set()
        # Told after each change: machines see tags, groups and addresses.
        self.listeners: list[Callable[[Scope], None]] = []

    async def prepare(self, scope: Scope) -> None:
        """Make the default VPC and what belongs to it, where nobody has asked for anything yet."""
        if scope in self._furnished:
            return

        def work(tx: Transaction) -> None:
            view = self._within(tx, scope)
            if not view.is_furnished:
                view.note_furnished()
                self._furnish(view)

        if not self.view(scope).is_furnished:
            await self._database.write(work)
        self._furnished.add(scope)

    def forget(self) -> None:
        """Forget which regions have been prepared: the tables were emptied."""
        self._furnished.clear()

    def scopes(self) -> list[Scope]:
        """Return the accounts' regions that anything was ever asked of."""
        rows = self._database.all("SELECT account_id, region FROM ec2_regions", ())
        return [Scope(row["account_id"], row["region"]) for row in rows]

    def view(self, scope: Scope) -> View:
        """Return what the calling thread reads."""
        return View(self._database.all, scope, self._ids.hex)

    async def read(self, scope: Scope, work: Callable[[View], T]) -> T:
        """Return what `work` makes of the resources: off the event loop where there are many."""
        rows = self._database.all(
            "SELECT count(*) AS n FROM (SELECT 1 FROM ec2_resources WHERE account_id = ? AND region = ?"
            " LIMIT ?)",
            (scope.account_id, scope.region, _FEW_ROWS),
        )
        if rows[0]["n"] < _FEW_ROWS:
            return work(self.view(scope))
        return await asyncio.to_thread(lambda: work(self.view(scope)))

    async def change(
        self, scope: Scope, request: Request, work: Callable[[View], T], *, quiet: bool = False
    ) -> T:
        """Run `work` in a transaction and return what it returns; what it raises undoes it.

        Args:
            quiet: Nobody is told: who keeps machines as their rows say has changed one.

        Raises:
            DryRunOperation: The request is a dry run, and nothing spoke against it.
        """

        def within(tx: Transaction) -> T:
            result = work(self._within(tx, scope))
            if request.get("DryRun"):
                raise DryRunOperation
            return result

        result = await self._database.write(within)
        for listener in () if quiet else self.listeners:
            listener(scope)
        return result

    def _within(self, tx: Transaction, scope: Scope) -> View:
        def rows(sql: str, parameters: Any) -> list[Any]:
            return tx.execute(sql, parameters).fetchall()

        return View(rows, scope, self._ids.hex)
