"""The SQL of functions and their versions: a row for each, `$LATEST` being a version."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.errors import ResourceConflictException, function_not_found
from sagehen.services.lambda_.functions.rows import (
    VersionRecord,
    delete_qualified,
    put_version,
    touch_version,
    update_version,
    version_of,
    version_row,
)
from sagehen.services.lambda_.names import LATEST, FunctionReference
from sagehen.services.lambda_.storage.quota import CodeQuota
from sagehen.services.lambda_.storage.rows import OF_NAME, key
from sagehen.services.lambda_.storage.tables import Tables
from sagehen.store.database import Transaction

# Tables whose rows belong to one function and go with it.
_OWNED = (
    "lambda_functions", "lambda_versions", "lambda_aliases", "lambda_policies",
    "lambda_provisioned", "lambda_event_invoke_configs", "lambda_events", "lambda_urls",
    "lambda_recursion",
)  # fmt: skip
# Of configurations on a page: environments of 4 kB and more each.
_PAGE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FunctionRecord:
    """What belongs to a function as a whole. `reserved` None: it shares the unreserved pool."""

    reference: FunctionReference
    reserved: int | None
    tags: Mapping[str, str]


class FunctionRecords:
    """Functions and versions."""

    def __init__(self, tables: Tables, quota: CodeQuota) -> None:
        self._tables = tables
        self._database = tables.database
        self._quota = quota

    # --- reading -----------------------------------------------------------------------------

    def function(self, reference: FunctionReference) -> FunctionRecord | None:
        """Return a function, whatever the reference is qualified with."""
        row = self._database.one(f"SELECT * FROM lambda_functions {OF_NAME}", key(reference))
        if row is None:
            return None
        plain = reference.qualified("")
        return FunctionRecord(plain, row["reserved"], json.loads(row["tags"]))

    def require_function(self, reference: FunctionReference) -> FunctionRecord:
        """As `function`.

        Raises:
            ResourceNotFoundException: It names the function as the reference does, with its qualifier.
        """
        record = self.function(reference)
        if record is None:
            raise function_not_found(reference.arn)
        return record

    def version(self, reference: FunctionReference, version: str) -> VersionRecord | None:
        """Return `$LATEST` or a published version, whatever the reference is qualified with."""
        row = self._database.one(
            f"SELECT * FROM lambda_versions {OF_NAME} AND version = ?",
            (*key(reference), version),
        )
        return None if row is None else version_of(row)

    def require_version(self, reference: FunctionReference, version: str) -> VersionRecord:
        """As `version`.

        Raises:
            ResourceNotFoundException: It names the function as the reference does, with its qualifier.
        """
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
        rows, whole = self._database.within(
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
        rows = self._database.all(
            "SELECT * FROM lambda_versions WHERE state = 'Pending' OR update_status = 'InProgress'"
        )
        return [version_of(row) for row in rows]

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

        await self._quota.change(record.reference.scope, insert)

    async def update(
        self, reference: FunctionReference, change: Callable[[VersionRecord], VersionRecord]
    ) -> VersionRecord:
        """Replace `$LATEST` by what `change` makes of it; `change` may refuse by raising."""
        return await self._tables.change(lambda tx: update_version(tx, reference, LATEST, change))

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

        await self._tables.change(finish)

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
            row = tx.execute(f"SELECT tags FROM lambda_functions {OF_NAME}", key(reference)).fetchone()
            if row is None:
                raise function_not_found(reference.arn)
            tags = change(json.loads(row["tags"]))
            if tags is not None:
                tx.execute(
                    f"UPDATE lambda_functions SET tags = ? {OF_NAME}",
                    (json.dumps(dict(tags)), *key(reference)),
                )
                touch_version(tx, reference.qualified(LATEST), revision_id)

        await self._tables.change(work)

    async def delete(self, reference: FunctionReference) -> bool:
        """Delete a function with all that belongs to it."""

        def delete(tx: Transaction) -> bool:
            counts = [
                tx.execute(f"DELETE FROM {table} {OF_NAME}", key(reference)).rowcount for table in _OWNED
            ]
            return counts[0] > 0

        return await self._tables.change(delete)

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
                    f"SELECT alias, version, weights FROM lambda_aliases {OF_NAME}",
                    key(reference),
                ).fetchall()
                if row["version"] == reference.qualifier or reference.qualifier in json.loads(row["weights"])
            ]
            # Recorded; deployment tools read these words.
            if aliases:
                raise ResourceConflictException(
                    "Unable to delete version because the following aliases reference it: "
                    f"[{', '.join(aliases)}]"
                )
            tx.execute(f"DELETE FROM lambda_versions {OF_NAME} AND version = ?", full)
            delete_qualified(tx, reference)

        await self._tables.change(delete)
