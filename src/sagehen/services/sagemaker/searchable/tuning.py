"""Tuning jobs, as Search tells them."""

from __future__ import annotations

from functools import partial
from typing import Any

from sagehen.domain.clock import Clock
from sagehen.services.sagemaker.resources.rows import moment
from sagehen.services.sagemaker.search.document import Document
from sagehen.services.sagemaker.search.source import NAME, TIMES
from sagehen.services.sagemaker.searchable.found import Found
from sagehen.services.sagemaker.tuning.description import describe
from sagehen.services.sagemaker.tuning.job import TuningJob
from sagehen.services.sagemaker.tuning.records import TuningJobRecords
from sagehen.services.sagemaker.tuning.trials.records import TrialRecords
from sagehen.store.database import Database


def found(database: Database, trials: TrialRecords, clock: Clock) -> dict[str, Found[Any]]:
    """Return where they are found."""
    columns = {
        **TIMES,
        "HyperParameterTuningJobName": NAME,
        "HyperParameterTuningJobStatus": "StatusEquals",
    }
    told = partial(_told, trials, clock)
    return {
        "HyperParameterTuningJob": Found(
            TuningJobRecords(database).page, told, columns, kind="hyper-parameter-tuning-job"
        )
    }


def _told(trials: TrialRecords, clock: Clock, job: TuningJob) -> Document:
    return Document(
        {
            "HyperParameterTuningJobName": job.name,
            "HyperParameterTuningJobArn": job.arn,
            "HyperParameterTuningJobStatus": job.status,
            "CreationTime": moment(job.created_at),
            "LastModifiedTime": moment(job.modified_at),
        },
        # Hundreds of trials take 16 ms.
        lambda: describe(job, trials.without_curves(job), trials.groups(job), clock.now()),
    )
