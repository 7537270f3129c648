"""The SQL of jobs that have a status alone: a table for each kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from sagehen.api.errors import ServiceError, ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.jobs.job import Job
from sagehen.services.sagemaker.jobs.tracked import Tracked, Tracker
from sagehen.services.sagemaker.resources.errors import ResourceInUse
from sagehen.services.sagemaker.resources.named_records import NamedRecords
from sagehen.services.sagemaker.resources.rows import key, scope_of, to_json
from sagehen.store.database import Database, Row, Transaction

# Kept in the JSON column `progress`: nothing is searched by them.
_PROGRESS = ("started_at", "attempt_at", "ended_at", "failure_reason", "exit_message", "attempts")

J = TypeVar("J", bound=Job)


def table(name: str) -> str:
    """Return the step of a migration that makes such a table."""
    return f"""
    CREATE TABLE {name} (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, modified_at REAL NOT NULL, status TEXT NOT NULL,
        request TEXT NOT NULL, progress TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE INDEX {name}_active ON {name} (status);
    """


class JobRecords(NamedRecords[J]):
    """Reads and writes of one table of them.

    Args:
        kind: As AWS words it: `processing job`.
        make: The record's class.
        taken: What is answered where the name is taken.
        order: Of listings, where the request does not say.
        tracked: A job as it is tracked.
        tracker: Is told of each job that is made or changed, within the transaction.
    """

    def __init__(
        self,
        database: Database,
        table: str,
        *,
        make: Callable[..., J],
        taken: Callable[[J], ServiceError],
        order: str,
        tracked: Callable[[J], Tracked],
        tracker: Tracker | None = None,
    ) -> None:
        def read(row: Row) -> J:
            return make(
                scope=scope_of(row),
                name=row["name"],
                created_at=row["created_at"],
                modified_at=row["modified_at"],
                status=row["status"],
                request=json.loads(row["request"]),
                **json.loads(row["progress"]),
            )

        super().__init__(database, table, values=_values, read=read, taken=taken, order=order)
        self._tracked, self._tracker = tracked, tracker
        self._unfinished = f"SELECT * FROM {table} WHERE status IN ('InProgress', 'Stopping')"

    def require(self, scope: Scope, name: str) -> J:
        """Return a job by its very name.

        Raises:
            ValidationException: There is none.
        """
        job = self.get(scope, name)
        if job is None:
            raise missing(name)
        return job

    def named(self, scope: Scope, name: str) -> J:
        """Return a job by its name, or by the one that its ARN carries: SDKs in jobs know that alone.

        Raises:
            ValidationException: There is none.
        """
        job = self.get(scope, name) or self.of_lowered(scope, name)
        if job is None:
            raise missing(name)
        return job

    def unfinished(self) -> list[J]:
        """Return every job, of every account, that has not ended: what a start has to take up."""
        return [self._read(row) for row in self._database.all(self._unfinished)]

    def _added(self, tx: Transaction, record: J) -> None:
        if self._tracker is not None:
            self._tracker.made(tx, self._tracked(record))

    def _changed(self, tx: Transaction, record: J) -> None:
        if self._tracker is not None:
            self._tracker.changed(tx, self._tracked(record))

    def active(self, tx: Transaction, scope: Scope) -> list[J]:
        """Return the jobs of an account that have not ended, as they are in the very transaction."""
        rows = tx.execute(
            f"{self._unfinished} AND account_id = ? AND region = ?", (scope.account_id, scope.region)
        )
        return [self._read(row) for row in rows.fetchall()]


def missing(name: str) -> ValidationException:
    """Return AWS's answer where there is no job of a name (from memory, of processing and transform jobs)."""
    return ValidationException(f"Could not find requested job with name: {name}")


def name_taken(job: Job) -> ResourceInUse:
    """Return AWS's answer where a name is taken (from memory)."""
    return ResourceInUse(
        "Job name must be unique within an AWS account and region, "
        f"and a job with this name already exists ({job.arn})"
    )


def _values(job: Job) -> tuple[str | float, ...]:
    progress = {name: getattr(job, name) for name in _PROGRESS}
    return (
        *key(job.scope, job.name), job.created_at, job.modified_at, job.status,
        to_json(job.request), to_json(progress),
    )  # fmt: skip
