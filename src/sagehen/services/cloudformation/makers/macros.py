"""Macros of one's own, as resources: a name, and the function that it stands for."""

from __future__ import annotations

import re
from dataclasses import replace

from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.makers.contract import Job, MakerFailed
from sagehen.services.cloudformation.types.known import Known
from sagehen.store.database import Database, Transaction

# AWS's own begin with `AWS::`.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")
_PROPERTIES = {"Name", "FunctionName", "Description"}


class MacroRecords:
    """The SQL of macros: names are an account's in a region."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def function_of(self, scope: Scope, name: str) -> str | None:
        """Return the function that a macro stands for; None where there is no such."""
        row = self._database.one(
            "SELECT function FROM cloudformation_macros WHERE account_id = ? AND region = ? AND name = ?",
            (scope.account_id, scope.region, name),
        )
        return row["function"] if row else None

    async def put(self, scope: Scope, name: str, function: str, owner: tuple[str, str]) -> bool:
        """Keep a macro; False where another resource has its name.

        Args:
            owner: The resource: its stack's id and its logical id.
        """

        def write(tx: Transaction) -> bool:
            key = (scope.account_id, scope.region, name)
            row = tx.execute(
                "SELECT stack_id, logical_id FROM cloudformation_macros "
                "WHERE account_id = ? AND region = ? AND name = ?",
                key,
            ).fetchone()
            if row is not None and (row["stack_id"], row["logical_id"]) != owner:
                return False
            tx.execute(
                "REPLACE INTO cloudformation_macros VALUES (?, ?, ?, ?, ?, ?)", (*key, function, *owner)
            )
            return True

        return await self._database.write(write)

    async def remove(self, scope: Scope, name: str, owner: tuple[str, str]) -> None:
        """Forget a macro, where it is that resource's."""
        await self._database.write(
            lambda tx: tx.execute(
                "DELETE FROM cloudformation_macros WHERE account_id = ? AND region = ? AND name = ? "
                "AND stack_id = ? AND logical_id = ?",
                (scope.account_id, scope.region, name, *owner),
            )
        )


class MacroMaker:
    """Makes `AWS::CloudFormation::Macro`."""

    def __init__(self, records: MacroRecords) -> None:
        self._records = records

    def identity(self, job: Job) -> str:
        """See Maker: its name, once that is known."""
        return f"{job.stack_name}-{job.logical_id}"

    async def create(self, job: Job, known: Known) -> Known:
        """See Maker."""
        return await self._put(job, known)

    async def change(self, job: Job, old: Known, new: Known) -> Known:
        """See Maker. Under another name it is another macro."""
        return await self._put(job, new)

    async def take_back(self, job: Job, old: Known, new: Known) -> Known:
        """See Maker."""
        return await self._put(job, new)

    async def settle(self, job: Job, known: Known) -> None:
        """See Maker."""

    async def delete(self, job: Job, known: Known) -> None:
        """See Maker."""
        await self._records.remove(job.scope, str(known.properties.get("Name")), _owner(job))

    async def _put(self, job: Job, known: Known) -> Known:
        properties = known.properties
        if unknown := properties.keys() - _PROPERTIES:
            raise MakerFailed(f"Encountered unsupported property {min(unknown)}")
        name, function = properties.get("Name"), properties.get("FunctionName")
        if not isinstance(name, str) or not _NAME.match(name):
            raise MakerFailed("A macro's Name has letters, digits, - and _.")
        if not isinstance(function, str):
            raise MakerFailed("A macro's FunctionName is the ARN of a function.")
        if not await self._records.put(job.scope, name, function, _owner(job)):
            raise MakerFailed(f"Macro {name} already exists.")
        return replace(known, identity=name)


def _owner(job: Job) -> tuple[str, str]:
    return job.stack_id, job.logical_id
