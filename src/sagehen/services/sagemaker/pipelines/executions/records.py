"""The SQL of executions and their steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.pipelines.executions.execution import UNFINISHED, Execution, pipeline_arn
from sagehen.services.sagemaker.pipelines.executions.room import make_room, require_room
from sagehen.services.sagemaker.pipelines.executions.rows import (
    OF_EXECUTION,
    OF_PIPELINE,
    STEPS,
    TABLE,
    execution_of,
    record_of,
)
from sagehen.services.sagemaker.pipelines.executions.step_record import SUCCEEDED, StepRecord
from sagehen.services.sagemaker.resources.listing import in_order
from sagehen.services.sagemaker.resources.rows import KEY, key
from sagehen.services.sagemaker.tags.records import delete_all_tags, insert_tags
from sagehen.store.database import Database, Transaction


class ExecutionRecords:
    """Reads and writes of executions and their steps."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, scope: Scope, execution_id: str) -> Execution | None:
        """Return an execution, or None."""
        row = self._database.one(f"SELECT * FROM {TABLE} WHERE {KEY}", key(scope, execution_id))
        return execution_of(row) if row else None

    def unfinished(self) -> list[Execution]:
        """Return every execution, of every account, that has not ended: what a start has to take up."""
        rows = self._database.all(f"SELECT * FROM {TABLE} WHERE status IN (?, ?)", UNFINISHED)
        return [execution_of(row) for row in rows]

    def last_of(self, scope: Scope, pipeline: str, version: int | None = None) -> Execution | None:
        """Return a pipeline's latest execution, or one version's."""
        more, values = ("", ()) if version is None else (" AND version = ?", (version,))
        row = self._database.one(
            f"SELECT * FROM {TABLE} WHERE {OF_PIPELINE}{more} ORDER BY created_at DESC LIMIT 1",
            (*key(scope, pipeline), *values),
        )
        return execution_of(row) if row else None

    def page(
        self, scope: Scope, pipeline: str, version: int | None, request: Mapping[str, Any]
    ) -> tuple[list[Execution], str | None]:
        """Return one page for ListPipelineExecutions, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        where: list[str] = [OF_PIPELINE]
        values: list[str | float] = [*key(scope, pipeline)]
        filters = (
            ("CreatedAfter", "created_at >= ?"),
            ("CreatedBefore", "created_at <= ?"),
        )
        for member, condition in filters:
            if (moment := request.get(member)) is not None:
                where.append(condition)
                values.append(moment.timestamp())
        if version is not None:
            where.append("version = ?")
            values.append(version)
        by_arn = request.get("SortBy") == "PipelineExecutionArn"
        rows, token = in_order(
            self._database,
            f"SELECT * FROM {TABLE}",
            where,
            values,
            request,
            order=("name" if by_arn else "created_at", "name"),
            kinds=(str if by_arn else float, str),
            # Documented: by the time of creation, the newest first.
            ascending=request.get("SortOrder") == "Ascending",
            listing=f"{TABLE} {pipeline}",
        )
        return [execution_of(row) for row in rows], token

    async def add(
        self,
        execution: Execution,
        token: str,
        steps: Sequence[tuple[StepRecord, str]],
        tags: Mapping[str, str],
    ) -> str:
        """Store a new execution with the steps that it takes over; return the id of what is stored.

        That is another one's where an execution of the same pipeline was started with the same token.

        Args:
            steps: Records with their properties, as text.
            tags: Of the execution.

        Raises:
            ResourceLimitExceeded: Too many of the account's go on, or their definitions are too long.
        """

        def insert(tx: Transaction) -> str:
            known = tx.execute(
                f"SELECT name FROM {TABLE} WHERE {OF_PIPELINE} AND token = ?",
                (*key(execution.scope, execution.pipeline), token),
            ).fetchone()
            if known is not None:
                return str(known["name"])
            require_room(tx, execution)
            make_room(tx, execution)
            tx.execute(
                f"INSERT INTO {TABLE} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *key(execution.scope, execution.id), execution.pipeline, execution.version,
                    execution.created_at, execution.modified_at, execution.status, token,
                    record_of(execution),
                ),
            )  # fmt: skip
            for record, properties in steps:
                _put(tx, execution, record, properties)
            insert_tags(tx, execution.arn, [{"Key": key, "Value": value} for key, value in tags.items()])
            return execution.id

        return await self._database.write(insert)

    async def change(
        self, scope: Scope, execution_id: str, step: Callable[[Execution], Execution]
    ) -> Execution | None:
        """Apply `step` to an execution as it is in the very transaction; return what is stored now.

        `step` may raise: then nothing is stored and the error comes out here.
        """

        def apply(tx: Transaction) -> Execution | None:
            row = tx.execute(f"SELECT * FROM {TABLE} WHERE {KEY}", key(scope, execution_id)).fetchone()
            if row is None:
                return None
            changed = step(execution_of(row))
            _update(tx, changed)
            return changed

        return await self._database.write(apply)

    async def begin_again(
        self, scope: Scope, execution_id: str, step: Callable[[Execution], Execution]
    ) -> Execution | None:
        """As `change`, and forget the steps that did not succeed, in the same transaction.

        Raises:
            ResourceLimitExceeded: As `add`.
        """

        def apply(tx: Transaction) -> Execution | None:
            row = tx.execute(f"SELECT * FROM {TABLE} WHERE {KEY}", key(scope, execution_id)).fetchone()
            if row is None:
                return None
            before = execution_of(row)
            changed = step(before)
            if changed is not before:
                if before.ended and not changed.ended:
                    require_room(tx, changed)
                _update(tx, changed)
                tx.execute(
                    f"DELETE FROM {STEPS} WHERE {OF_EXECUTION} AND status <> ?",
                    (*key(scope, execution_id), SUCCEEDED),
                )
            return changed

        return await self._database.write(apply)

    # --- steps ---------------------------------------------------------------------------------

    def steps(self, execution: Execution) -> dict[str, StepRecord]:
        """Return the steps of an execution that began, in the order of their beginnings."""
        sql = f"SELECT record FROM {STEPS} WHERE {OF_EXECUTION} ORDER BY position"
        rows = self._database.all(sql, key(execution.scope, execution.id))
        found = [StepRecord.from_json(row["record"]) for row in rows]
        return {one.name: one for one in found}

    def properties(self, execution: Execution, names: Sequence[str]) -> dict[str, str]:
        """Return what the Describe operations answered of steps, as text."""
        sql = f"SELECT properties FROM {STEPS} WHERE {OF_EXECUTION} AND name = ?"
        found = {name: self._database.one(sql, (*key(execution.scope, execution.id), name)) for name in names}
        return {name: row["properties"] for name, row in found.items() if row is not None}

    def cached(
        self, execution: Execution, step: str, cache_key: str, not_before: float
    ) -> tuple[StepRecord, str] | None:
        """Return the latest step of that name and key that succeeded in an execution of the pipeline."""
        row = self._database.one(
            f"SELECT * FROM {STEPS} WHERE {OF_PIPELINE} AND name = ? AND cache_key = ? AND ended_at >= ?"
            f" AND status = '{SUCCEEDED}' ORDER BY ended_at DESC LIMIT 1",
            (*key(execution.scope, execution.pipeline), step, cache_key, not_before),
        )
        if row is None:
            return None
        record = StepRecord.from_json(row["record"])
        source = record.cached_from or f"{execution.pipeline_arn}/execution/{row['execution']}"
        return replace(record, cached_from=source), row["properties"]

    async def put_step(self, execution: Execution, record: StepRecord, properties: str | None = None) -> None:
        """Store a step; what was answered of it stays where nothing new is said."""
        await self._database.write(lambda tx: _put(tx, execution, record, properties))


def delete_of(tx: Transaction, scope: Scope, pipeline: str) -> None:
    """Forget all executions of a pipeline, within the transaction that removes it."""
    sql = f"SELECT name FROM {TABLE} WHERE {OF_PIPELINE}"
    for row in tx.execute(sql, key(scope, pipeline)).fetchall():
        delete_all_tags(tx, f"{pipeline_arn(scope, pipeline)}/execution/{row['name']}")
    for table in (STEPS, TABLE):
        tx.execute(f"DELETE FROM {table} WHERE {OF_PIPELINE}", key(scope, pipeline))


def goes_on(tx: Transaction, scope: Scope, pipeline: str) -> bool:
    """Tell whether an execution of a pipeline has not ended."""
    sql = f"SELECT 1 FROM {TABLE} WHERE {OF_PIPELINE} AND status IN (?, ?) LIMIT 1"
    return tx.execute(sql, (*key(scope, pipeline), *UNFINISHED)).fetchone() is not None


def versions_in_use(tx: Transaction, scope: Scope, pipeline: str) -> set[int]:
    """Return the versions that a pipeline's executions are of."""
    sql = f"SELECT DISTINCT version FROM {TABLE} WHERE {OF_PIPELINE}"
    return {row["version"] for row in tx.execute(sql, key(scope, pipeline)).fetchall()}


def _update(tx: Transaction, execution: Execution) -> None:
    tx.execute(
        f"UPDATE {TABLE} SET modified_at = ?, status = ?, record = ? WHERE {KEY}",
        (execution.modified_at, execution.status, record_of(execution), *key(execution.scope, execution.id)),
    )


def _put(tx: Transaction, execution: Execution, record: StepRecord, properties: str | None) -> None:
    tx.execute(
        f"INSERT INTO {STEPS} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (account_id, region, execution, name) DO UPDATE SET status = excluded.status,"
        " cache_key = excluded.cache_key, ended_at = excluded.ended_at, record = excluded.record,"
        " properties = coalesce(?, properties)",
        (
            *key(execution.scope, execution.id), record.name, execution.pipeline, record.position,
            record.status, record.cache_key, record.ended_at, record.to_json(), properties or "{}",
            properties,
        ),
    )  # fmt: skip
