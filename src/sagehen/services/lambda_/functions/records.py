"""The SQL of functions and their versions.

A function is one row plus one row per version, `$LATEST` among them. Reads that invocations need
are remembered until anything is written (`generation`): the service is the only writer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.errors import (
    CodeStorageExceededException,
    ResourceConflictException,
    function_not_found,
)
from sagehen.services.lambda_.functions.rows import (
    VersionRecord,
    key,
    put_version,
    touch_version,
    update_version,
    version_of,
    version_row,
)
from sagehen.services.lambda_.names import LATEST, FunctionReference
from sagehen.store.database import Database, Transaction

T = TypeVar("T")

# Tables whose rows belong to one function and go with it.
_OWNED = (
    "lambda_functions", "lambda_versions", "lambda_aliases", "lambda_policies",
    "lambda_provisioned", "lambda_event_invoke_configs", "lambda_events",
)  # fmt: skip
# Of configurations on a page: environments of 4 kB and more each.
_PAGE_BYTES = 4 * 1024 * 1024

_OF_SCOPE = "WHERE account_id = :account AND region = :region"
_USAGE = (
    f"SELECT (SELECT coalesce(sum(code_size), 0) FROM lambda_versions {_OF_SCOPE})"
    f" + (SELECT coalesce(sum(code_size), 0) FROM lambda_layer_versions {_OF_SCOPE}) AS bytes,"
    f" (SELECT count(*) FROM lambda_functions {_OF_SCOPE}) AS functions"
)


@dataclass(frozen=True, slots=True)
class FunctionRecord:
    """What belongs to a function as a whole. `reserved` None: it shares the unreserved pool."""

    reference: FunctionReference
    reserved: int | None
    tags: Mapping[str, str]


class Records:
    """Functions and versions; the base that the other records of this service write through.

    Args:
        most_code_bytes: Of the packages of all versions and layers of an account in one region.
    """

    def __init__(self, database: Database, most_code_bytes: int) -> None:
        self.database = database
        self._most_code_bytes = most_code_bytes
        self.generation = 0
        self._remembered: dict[Any, Any] = {}

    # --- remembering -------------------------------------------------------------------------

    async def change(self, work: Callable[[Transaction], T]) -> T:
        """Write, and forget what was remembered."""
        try:
            return await self.database.write(work)
        finally:
            self.forget()

    async def change_code(self, scope: Scope, work: Callable[[Transaction], T]) -> T:
        """Write what may add packages to those of a scope.

        Raises:
            CodeStorageExceededException: They would be more than an account may store; each version counts,
                as on AWS. In words from memory.
        """

        def checked(tx: Transaction) -> T:
            result = work(tx)
            if tx.execute(_USAGE, _scoped(scope)).fetchone()["bytes"] > self._most_code_bytes:
                raise CodeStorageExceededException("Code storage limit exceeded.")
            return result

        return await self.change(checked)

    def forget(self) -> None:
        self.generation += 1
        self._remembered.clear()

    def remember(self, key: Any, read: Callable[[], T]) -> T:
        """Return what `read` returned since the last write."""
        try:
            known: T = self._remembered[key]
        except KeyError:
            known = self._remembered[key] = read()
        return known

    # --- reading -----------------------------------------------------------------------------

    def function(self, reference: FunctionReference) -> FunctionRecord | None:
        row = self.database.one(
            "SELECT * FROM lambda_functions WHERE account_id = ? AND region = ? AND name = ?", key(reference)
        )
        if row is None:
            return None
        plain = reference.qualified("")
        return FunctionRecord(plain, row["reserved"], json.loads(row["tags"]))

    def functions(self, scope: Scope) -> list[FunctionRecord]:
        rows = self.database.all(
            "SELECT * FROM lambda_functions WHERE account_id = ? AND region = ? ORDER BY name",
            (scope.account_id, scope.region),
        )
        return [
            FunctionRecord(FunctionReference(scope, row["name"]), row["reserved"], json.loads(row["tags"]))
            for row in rows
        ]

    def require_function(self, reference: FunctionReference) -> FunctionRecord:
        record = self.function(reference)
        if record is None:
            raise function_not_found(reference.arn)
        return record

    def version(self, reference: FunctionReference, version: str) -> VersionRecord | None:
        row = self.database.one(
            "SELECT * FROM lambda_versions WHERE account_id = ? AND region = ? AND name = ? AND version = ?",
            (*key(reference), version),
        )
        return None if row is None else version_of(row)

    def require_version(self, reference: FunctionReference, version: str) -> VersionRecord:
        record = self.version(reference, version)
        if record is None:
            raise function_not_found(reference.arn)
        return record

    def version_page(
        self,
        scope: Scope,
        *,
        every: bool,
        after: tuple[str, int] | None,
        limit: int,
        function: str | None = None,
    ) -> tuple[list[VersionRecord], bool]:
        """Return a page's versions in order of name and number, and whether their size left none out.

        Args:
            function: Of this one alone.
            every: All versions, not `$LATEST` alone, whose number is 0.
            after: Name and number of the last one shown.
            limit: How many at most.
        """
        name, number = after or (function or "", -1)
        # x'', a blob, is greater than any text.
        rows, whole = self.database.within(
            "SELECT * FROM lambda_versions WHERE account_id = :account AND region = :region"
            " AND (:every OR version = :latest) AND name BETWEEN :name AND ifnull(:function, x'')"
            " AND (name, CAST(version AS INTEGER)) > (:name, :number)"
            " ORDER BY name, CAST(version AS INTEGER) LIMIT :limit",
            {
                "account": scope.account_id,
                "region": scope.region,
                "every": every,
                "latest": LATEST,
                "name": name,
                "number": number,
                "function": function,
                "limit": limit,
            },
            most_bytes=_PAGE_BYTES,
            size=lambda row: len(row["configuration"]),
        )
        return [version_of(row) for row in rows], whole

    def unfinished(self) -> list[VersionRecord]:
        """Return versions that an earlier life left in preparation."""
        rows = self.database.all(
            "SELECT * FROM lambda_versions WHERE state = 'Pending' OR update_status = 'InProgress'"
        )
        return [version_of(row) for row in rows]

    def code_shas(self) -> set[str]:
        """Return every package that a version or a layer still needs."""
        rows = self.database.all(
            "SELECT code_sha FROM lambda_versions UNION SELECT code_sha FROM lambda_layer_versions"
        )
        return {row["code_sha"] for row in rows}

    def usage(self, scope: Scope) -> tuple[int, int]:
        """Return (bytes of packages, number of functions) of a scope."""
        code = self.database.one(_USAGE, _scoped(scope))
        assert code is not None
        return code["bytes"], code["functions"]

    # --- writing -----------------------------------------------------------------------------

    async def create(
        self, record: VersionRecord, tags: Mapping[str, str], published: VersionRecord | None = None
    ) -> None:
        """Store a new function with its `$LATEST`.

        Args:
            published: Its version 1, where it is published at once.

        Raises:
            ResourceConflictException: The name is taken.
            CodeStorageExceededException.
        """

        def insert(tx: Transaction) -> None:
            next_number = 1 if published is None else 2
            added = tx.execute(
                "INSERT OR IGNORE INTO lambda_functions VALUES (?, ?, ?, ?, ?, NULL, ?)",
                (*key(record.reference), record.modified_at.timestamp(), next_number, json.dumps(dict(tags))),
            ).rowcount
            if not added:
                raise ResourceConflictException(f"Function already exist: {record.reference.name}")
            put_version(tx, record)
            if published is not None:
                put_version(tx, published)

        await self.change_code(record.reference.scope, insert)

    async def update(
        self, reference: FunctionReference, change: Callable[[VersionRecord], VersionRecord]
    ) -> VersionRecord:
        """Replace `$LATEST` by what `change` makes of it; `change` may refuse by raising."""
        return await self.change(lambda tx: update_version(tx, reference, LATEST, change))

    async def finish(self, record: VersionRecord, revision_id: str, failure: str = "") -> None:
        """Note the end of a version's preparation, unless a newer change has begun another.

        Clients see that as a change: it has a RevisionId of its own (recorded).
        """

        def finish(tx: Transaction) -> None:
            row = version_row(tx, record.reference, record.version)
            if row is None or row["revision"] != record.revision:
                return
            found = version_of(row)
            created = found.state == "Pending"
            state = ("Failed" if failure else "Active") if created else found.state
            status = "Failed" if failure else "Successful"
            finished = replace(
                found, revision_id=revision_id, state=state, update_status=status, reason=failure
            )
            put_version(tx, finished)

        await self.change(finish)

    async def change_tags(
        self,
        reference: FunctionReference,
        revision_id: str,
        change: Callable[[Mapping[str, str]], Mapping[str, str] | None],
    ) -> None:
        """Replace a function's tags by what `change` makes of them, if anything.

        Args:
            revision_id: What its `$LATEST` has then (recorded).
        """

        def work(tx: Transaction) -> None:
            where = "WHERE account_id = ? AND region = ? AND name = ?"
            row = tx.execute(f"SELECT tags FROM lambda_functions {where}", key(reference)).fetchone()
            if row is None:
                raise function_not_found(reference.arn)
            tags = change(json.loads(row["tags"]))
            if tags is not None:
                tx.execute(
                    f"UPDATE lambda_functions SET tags = ? {where}", (json.dumps(dict(tags)), *key(reference))
                )
                touch_version(tx, reference.qualified(LATEST), revision_id)

        await self.change(work)

    async def delete(self, reference: FunctionReference) -> bool:
        """Delete a function with all that belongs to it."""

        def delete(tx: Transaction) -> bool:
            counts = [
                tx.execute(
                    f"DELETE FROM {table} WHERE account_id = ? AND region = ? AND name = ?", key(reference)
                ).rowcount
                for table in _OWNED
            ]
            return counts[0] > 0

        return await self.change(delete)

    async def delete_version(self, reference: FunctionReference) -> None:
        """Delete the version that the reference is qualified with; one that is not there is no fault.

        Raises:
            ResourceConflictException: An alias points to it.
        """

        def delete(tx: Transaction) -> None:
            full = (*key(reference), reference.qualifier)
            aliases = [
                row["alias"]
                for row in tx.execute(
                    "SELECT alias, version, weights FROM lambda_aliases"
                    " WHERE account_id = ? AND region = ? AND name = ?",
                    key(reference),
                ).fetchall()
                if row["version"] == reference.qualifier or reference.qualifier in json.loads(row["weights"])
            ]
            if aliases:
                raise ResourceConflictException(
                    "Unable to delete version because the following aliases reference it: "
                    f"[{', '.join(aliases)}]"
                )
            where = "WHERE account_id = ? AND region = ? AND name = ?"
            tx.execute(f"DELETE FROM lambda_versions {where} AND version = ?", full)
            for table in ("lambda_policies", "lambda_provisioned", "lambda_event_invoke_configs"):
                tx.execute(f"DELETE FROM {table} {where} AND qualifier = ?", full)

        await self.change(delete)


def _scoped(scope: Scope) -> dict[str, str]:
    return {"account": scope.account_id, "region": scope.region}
