"""The SQL of tuning jobs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources.errors import ResourceInUse, ResourceLimitExceeded
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.resources.rows import KEY, key, scope_of, to_json
from sagehen.services.sagemaker.tags.records import delete_all_tags, insert_tags
from sagehen.services.sagemaker.tuning.job import TuningJob
from sagehen.store.database import Database, Row, Transaction

_TABLE = "sagemaker_tuning_jobs"
# Documented: Resource limits for automatic model tuning.
_MOST_AT_ONCE = 100
# Kept in the JSON column `progress`: nothing is searched by them.
_PROGRESS = ("seed", "overall", "ended_at", "failure_reason", "ending", "converged_at")


class TuningJobRecords:
    """Reads and writes of tuning jobs. What a job was told of its parents is kept apart."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, scope: Scope, name: str) -> TuningJob | None:
        """Return a job by its name, in whatever case, or None."""
        row = self._database.one(f"SELECT * FROM {_TABLE} WHERE {KEY}", key(scope, name))
        return _job(row) if row else None

    def parents(self, job: TuningJob) -> list[tuple[dict[str, str], float]]:
        """Return what a job was told of its parents' trials. Blocking: megabytes, at most."""
        sql = "SELECT told FROM sagemaker_tuning_parents WHERE account_id = ? AND region = ? AND tuning = ?"
        row = self._database.one(sql, key(job.scope, job.name))
        return [] if row is None else [(tuned, value) for tuned, value in json.loads(row["told"])]

    def unfinished(self) -> list[TuningJob]:
        """Return every job, of every account, that has not ended."""
        sql = f"SELECT * FROM {_TABLE} WHERE status IN ('InProgress', 'Stopping')"
        return [_job(row) for row in self._database.all(sql)]

    def page(self, scope: Scope, request: Mapping[str, Any]) -> tuple[list[TuningJob], str | None]:
        """Return one page for ListHyperParameterTuningJobs, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        # Documented: sorted by name, ascending, where the request does not say.
        rows, token = page(self._database, _TABLE, scope, {"SortBy": "Name", **request}, "Ascending")
        return [_job(row) for row in rows], token

    async def add(self, job: TuningJob, tags: Sequence[Mapping[str, str]]) -> None:
        """Store a new job.

        Raises:
            ResourceInUse: The name is taken.
            ResourceLimitExceeded: Too many of the account's have not ended.
        """
        values = (
            *key(job.scope, job.name), job.created_at, job.modified_at, job.status, to_json(job.request),
            _progress(job),
        )  # fmt: skip

        def insert(tx: Transaction) -> None:
            holes = ", ".join("?" * len(values))
            if not tx.execute(f"INSERT OR IGNORE INTO {_TABLE} VALUES ({holes})", values).rowcount:
                # Recorded: aws/amazon-sagemaker-examples issue 2440.
                raise ResourceInUse(
                    f"A hyperparameter tuning job with the name, {job.name}, already exists. "
                    "Choose a different name."
                )
            unfinished = tx.execute(
                f"SELECT count(*) FROM {_TABLE} WHERE status IN ('InProgress', 'Stopping')"
                " AND account_id = ? AND region = ?",
                (job.scope.account_id, job.scope.region),
            ).fetchone()[0]
            if unfinished > _MOST_AT_ONCE:
                raise ResourceLimitExceeded(
                    "The account-level service limit 'Number of parallel hyperparameter tuning jobs' is "
                    f"{_MOST_AT_ONCE}."
                )
            if job.parents:
                told = (*key(job.scope, job.name), json.dumps(job.parents))
                tx.execute("INSERT INTO sagemaker_tuning_parents VALUES (?, ?, ?, ?)", told)
            insert_tags(tx, job.arn, tags)

        await self._database.write(insert)

    async def change(
        self, scope: Scope, name: str, step: Callable[[TuningJob], TuningJob]
    ) -> TuningJob | None:
        """Apply `step` to the job as it is in the very transaction; return what is stored now.

        `step` may raise: then nothing is stored and the error comes out here.
        """

        def apply(tx: Transaction) -> TuningJob | None:
            job = within(tx, scope, name)
            if job is None:
                return None
            job = step(job)
            tx.execute(
                f"UPDATE {_TABLE} SET modified_at = ?, status = ?, progress = ? WHERE {KEY}",
                (job.modified_at, job.status, _progress(job), *key(scope, name)),
            )
            return job

        return await self._database.write(apply)

    async def delete(self, job: TuningJob) -> None:
        """Forget a job, its trials' rows and its tags; its training jobs stay."""

        def delete(tx: Transaction) -> None:
            delete_all_tags(tx, job.arn)
            for table in ("sagemaker_tuning_trials", "sagemaker_tuning_parents"):
                tx.execute(
                    f"DELETE FROM {table} WHERE account_id = ? AND region = ? AND tuning = ?",
                    key(job.scope, job.name),
                )
            tx.execute(f"DELETE FROM {_TABLE} WHERE {KEY}", key(job.scope, job.name))

        await self._database.write(delete)


def within(tx: Transaction, scope: Scope, name: str) -> TuningJob | None:
    """Return a job as a transaction sees it, or None."""
    row = tx.execute(f"SELECT * FROM {_TABLE} WHERE {KEY}", key(scope, name)).fetchone()
    return _job(row) if row else None


def is_in_progress(tx: Transaction, job: TuningJob) -> bool:
    """Tell, within a transaction, whether a job may still start something."""
    sql = f"SELECT 1 FROM {_TABLE} WHERE status = 'InProgress' AND {KEY}"
    return tx.execute(sql, key(job.scope, job.name)).fetchone() is not None


def _progress(job: TuningJob) -> str:
    return to_json({name: getattr(job, name) for name in _PROGRESS})


def _job(row: Row) -> TuningJob:
    return TuningJob(
        scope=scope_of(row),
        name=row["name"],
        created_at=row["created_at"],
        modified_at=row["modified_at"],
        status=row["status"],
        request=json.loads(row["request"]),
        **json.loads(row["progress"]),
    )
