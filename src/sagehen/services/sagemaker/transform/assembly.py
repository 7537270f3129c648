"""The room of transform jobs, put together."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.services.sagemaker.images.prewarming import Prewarming
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.jobs.runs import JobRuns
from sagehen.services.sagemaker.jobs.tracked import Tracker
from sagehen.services.sagemaker.models.records import ModelRecords
from sagehen.services.sagemaker.transform.attempt import TransformAttempt
from sagehen.services.sagemaker.transform.job import TransformJob
from sagehen.services.sagemaker.transform.job_records import TransformJobRecords
from sagehen.services.sagemaker.transform.operations import TransformJobs
from sagehen.services.sagemaker.transform.schema import MIGRATIONS
from sagehen.store.database import Database


@dataclass(frozen=True, slots=True)
class TransformParts:
    """What the service needs of it."""

    operations: TransformJobs
    runs: JobRuns[TransformJob]


def transform_parts(
    database: Database,
    means: Means,
    models: ModelRecords,
    prewarming: Prewarming,
    tracker: Tracker | None = None,
) -> TransformParts:
    """Make the table, the operations, and what goes on by itself.

    Args:
        means: Its folder is this room's own.
    """
    database.migrate("sagemaker_transform", MIGRATIONS)
    records = TransformJobRecords(database, tracker)
    runs = JobRuns(means, records, lambda job, session: TransformAttempt(means, records, job, session))
    operations = TransformJobs(
        records, runs, models, means.clock, means.roles, means.objects,
        prewarming, means.images, means.supply,
    )  # fmt: skip
    return TransformParts(operations, runs)
