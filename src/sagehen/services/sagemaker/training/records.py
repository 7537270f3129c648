"""The SQL of training jobs (their table is made in `schema.py`)."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources.errors import ResourceInUse
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.resources.rows import KEY, key, scope_of, to_json
from sagehen.services.sagemaker.tags.records import delete_all_tags, insert_tags
from sagehen.services.sagemaker.training.follower import Follower
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.pools.records import HAS_STATUS
from sagehen.services.sagemaker.training.statuses import Transition
from sagehen.store.database import Database, Row, Transaction

# Recorded (aws/aws-sdk issue 165, aws/amazon-sagemaker-examples issue 2360): AWS answers ValidationException
# with this, though the model lists ResourceNotFound.
MISSING = "Requested resource not found."
# Kept in the JSON column `progress`: nothing is searched by them.
_PROGRESS = (
    "started_at",
    "attempt_at",
    "ended_at",
    "failure_reason",
    "final_metrics",
    "attempts",
    "retries",
    "spent_s",
    "tuning_job_arn",
    "evaluations",
    "updated",
    "interrupting_at",
    "interruptions",
    "broken_by",
)


class TrainingJobRecords:
    """Reads and writes of training jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._follower: Follower | None = None

    def follow(self, follower: Follower) -> None:
        """Have somebody told of the jobs that a tuning job started."""
        self._follower = follower

    def follower_of(self, job: TrainingJob) -> Follower | None:
        """Return who is to be told of a job, if anybody is."""
        return self._follower if job.tuning_job_arn is not None else None

    def get(self, scope: Scope, name: str) -> TrainingJob | None:
        """Return a job by its very name, or None."""
        row = self._database.one(f"SELECT * FROM sagemaker_training_jobs WHERE {KEY}", key(scope, name))
        return _job(row) if row else None

    def require(self, scope: Scope, name: str) -> TrainingJob:
        """Return a job by its very name.

        Raises:
            ValidationException: There is none.
        """
        job = self.get(scope, name)
        if job is None:
            raise ValidationException(MISSING)
        return job

    def unfinished(self) -> list[TrainingJob]:
        """Return every job, of every account, that has not ended: what a start has to take up."""
        rows = self._database.all(
            "SELECT * FROM sagemaker_training_jobs WHERE status IN ('InProgress', 'Stopping')"
        )
        return [_job(row) for row in rows]

    def page(self, scope: Scope, request: Mapping[str, Any]) -> tuple[list[TrainingJob], str | None]:
        """Return one page for ListTrainingJobs, oldest first where it does not say, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        filters = {"WarmPoolStatusEquals": HAS_STATUS}
        rows, token = page(
            self._database, "sagemaker_training_jobs", scope, request, "Ascending", more_filters=filters
        )
        return [_job(row) for row in rows], token

    async def add(
        self,
        job: TrainingJob,
        tags: Sequence[Mapping[str, str]],
        require: Callable[[Transaction, TrainingJob], None] | None = None,
    ) -> None:
        """Store a new job.

        Args:
            require: What must hold of it within the very transaction; it raises where it does not.

        Raises:
            ResourceInUse: The name is taken.
        """

        def insert(tx: Transaction) -> None:
            if require is not None:
                require(tx, job)
            insert_job(tx, job, tags)

        await self._database.write(insert)

    async def change(
        self, scope: Scope, name: str, step: Callable[[TrainingJob], TrainingJob]
    ) -> TrainingJob | None:
        """Apply `step` to the job as it is in the very transaction; return what is stored now.

        `step` may raise (a ServiceError, say): then nothing is stored and the error comes out here.
        """

        def apply(tx: Transaction) -> TrainingJob | None:
            select = f"SELECT * FROM sagemaker_training_jobs WHERE {KEY}"
            row = tx.execute(select, key(scope, name)).fetchone()
            if row is None:
                return None
            job = step(_job(row))
            tx.execute(
                "UPDATE sagemaker_training_jobs"
                f" SET modified_at = ?, status = ?, secondary_status = ?, progress = ? WHERE {KEY}",
                (job.modified_at, job.status, job.secondary_status, _progress(job), *key(scope, name)),
            )
            if follower := self.follower_of(job):
                follower.changed(tx, job)
            return job

        job = await self._database.write(apply)
        if job is not None and (follower := self.follower_of(job)):
            follower.committed(job)
        return job

    async def delete(self, job: TrainingJob) -> None:
        """Forget a job and its tags; its artifacts and logs stay."""

        def delete(tx: Transaction) -> None:
            delete_all_tags(tx, job.arn)
            tx.execute(f"DELETE FROM sagemaker_training_jobs WHERE {KEY}", key(job.scope, job.name))

        await self._database.write(delete)


def insert_job(tx: Transaction, job: TrainingJob, tags: Sequence[Mapping[str, str]]) -> None:
    """Store a new job within a transaction.

    Raises:
        ResourceInUse: The name is taken.
    """
    values = (
        *key(job.scope, job.name), job.created_at, job.modified_at, job.status,
        job.secondary_status, to_json(job.request), _progress(job),
    )  # fmt: skip
    holes = ", ".join("?" * len(values))
    sql = f"INSERT OR IGNORE INTO sagemaker_training_jobs VALUES ({holes})"
    if not tx.execute(sql, values).rowcount:
        raise ResourceInUse(
            "Training job names must be unique within an AWS account and region, "
            f"and a training job with this name already exists ({job.arn})"
        )
    insert_tags(tx, job.arn, tags)


def _progress(job: TrainingJob) -> str:
    progress = {name: getattr(job, name) for name in _PROGRESS}
    progress["transitions"] = [dataclasses.astuple(step) for step in job.transitions]
    return to_json(progress)


def _job(row: Row) -> TrainingJob:
    progress = json.loads(row["progress"])
    transitions = tuple(Transition(*step) for step in progress.pop("transitions"))
    return TrainingJob(
        scope=scope_of(row),
        name=row["name"],
        created_at=row["created_at"],
        modified_at=row["modified_at"],
        status=row["status"],
        secondary_status=row["secondary_status"],
        request=json.loads(row["request"]) | progress.get("updated", {}),
        transitions=transitions,
        **progress,
    )
