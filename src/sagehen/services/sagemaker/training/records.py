"""The SQL of training jobs (their table is made in `schema.py`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.jobs.tracked import Tracker
from sagehen.services.sagemaker.resources.errors import ResourceInUse
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.resources.rows import KEY, key, to_json
from sagehen.services.sagemaker.tags.records import delete_all_tags, insert_tags
from sagehen.services.sagemaker.training import rows
from sagehen.services.sagemaker.training.follower import Follower
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.pools.records import HAS_STATUS
from sagehen.services.sagemaker.training.tracked import tracked
from sagehen.store.database import Database, Transaction

# Recorded (aws/aws-sdk issue 165, aws/amazon-sagemaker-examples issue 2360): AWS answers ValidationException
# with this, though the model lists ResourceNotFound.
MISSING = "Requested resource not found."


class TrainingJobRecords:
    """Reads and writes of training jobs.

    Args:
        tracker: Is told of each job that is made or changed, within the transaction.
    """

    def __init__(self, database: Database, tracker: Tracker | None = None) -> None:
        self._database = database
        self._tracker = tracker
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
        return rows.read(row) if row else None

    def require(self, scope: Scope, name: str) -> TrainingJob:
        """Return a job by its very name.

        Raises:
            ValidationException: There is none.
        """
        job = self.get(scope, name)
        if job is None:
            raise ValidationException(MISSING)
        return job

    def named(self, scope: Scope, name: str) -> TrainingJob:
        """Return a job by its name, or by the one that its ARN carries: SDKs in jobs know that alone.

        Raises:
            ValidationException: There is none.
        """
        if (job := self.get(scope, name)) is not None:
            return job
        where = KEY.replace("name", "lower(name)")
        row = self._database.one(f"SELECT * FROM sagemaker_training_jobs WHERE {where}", key(scope, name))
        if row is None:
            raise ValidationException(MISSING)
        return rows.read(row)

    def unfinished(self) -> list[TrainingJob]:
        """Return every job, of every account, that has not ended: what a start has to take up."""
        unfinished = self._database.all(
            "SELECT * FROM sagemaker_training_jobs WHERE status IN ('InProgress', 'Stopping')"
        )
        return [rows.read(row) for row in unfinished]

    def page(self, scope: Scope, request: Mapping[str, Any]) -> tuple[list[TrainingJob], str | None]:
        """Return one page for ListTrainingJobs, oldest first where it does not say, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        filters = {"WarmPoolStatusEquals": HAS_STATUS}
        found, token = page(
            self._database, "sagemaker_training_jobs", scope, request, "Ascending", more_filters=filters
        )
        return [rows.read(row) for row in found], token

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
            self.insert(tx, job, tags)

        await self._database.write(insert)

    def insert(self, tx: Transaction, job: TrainingJob, tags: Sequence[Mapping[str, str]]) -> None:
        """Store a new job within a transaction.

        Raises:
            ResourceInUse: The name is taken.
            ResourceNotFound, ValidationException: Its ExperimentConfig names what there is not.
        """
        values = (
            *key(job.scope, job.name), job.created_at, job.modified_at, job.status,
            job.secondary_status, to_json(job.request), rows.progress(job),
        )  # fmt: skip
        holes = ", ".join("?" * len(values))
        sql = f"INSERT OR IGNORE INTO sagemaker_training_jobs VALUES ({holes})"
        if not tx.execute(sql, values).rowcount:
            raise ResourceInUse(
                "Training job names must be unique within an AWS account and region, "
                f"and a training job with this name already exists ({job.arn})"
            )
        insert_tags(tx, job.arn, tags)
        if self._tracker is not None:
            self._tracker.made(tx, tracked(job))

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
            job = step(rows.read(row))
            tx.execute(
                "UPDATE sagemaker_training_jobs"
                f" SET modified_at = ?, status = ?, secondary_status = ?, progress = ? WHERE {KEY}",
                (job.modified_at, job.status, job.secondary_status, rows.progress(job), *key(scope, name)),
            )
            if follower := self.follower_of(job):
                follower.changed(tx, job)
            if self._tracker is not None:
                self._tracker.changed(tx, tracked(job))
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
