"""The room of processing jobs, put together."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.services.sagemaker.images.prewarming import Prewarming
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.networks import NamedNetworks
from sagehen.services.sagemaker.jobs.records import JobRecords, name_taken
from sagehen.services.sagemaker.jobs.runs import JobRuns
from sagehen.services.sagemaker.jobs.tracked import Tracker
from sagehen.services.sagemaker.processing.attempt import ProcessingAttempt
from sagehen.services.sagemaker.processing.job import ProcessingJob
from sagehen.services.sagemaker.processing.operations import ProcessingJobs
from sagehen.services.sagemaker.processing.schema import MIGRATIONS, TABLE
from sagehen.services.sagemaker.processing.tracked import tracked
from sagehen.store.database import Database


@dataclass(frozen=True, slots=True)
class ProcessingParts:
    """What the service needs of it."""

    operations: ProcessingJobs
    runs: JobRuns[ProcessingJob]


def processing_parts(
    database: Database,
    means: Means,
    prewarming: Prewarming,
    networks: NamedNetworks,
    tracker: Tracker | None = None,
) -> ProcessingParts:
    """Make the table, the operations, and what goes on by itself.

    Args:
        means: Its folder is this room's own.
    """
    database.migrate("sagemaker_processing", MIGRATIONS)
    records: JobRecords[ProcessingJob] = JobRecords(
        database, TABLE, make=ProcessingJob, taken=name_taken, order="Ascending",
        tracked=tracked, tracker=tracker,
    )  # fmt: skip
    runs = JobRuns(means, records, lambda job, session: ProcessingAttempt(means, records, job, session))
    operations = ProcessingJobs(
        records, runs, means.clock, means.roles, means.objects,
        prewarming, means.images, means.supply, networks,
    )  # fmt: skip
    return ProcessingParts(operations, runs)
