"""Rows of training jobs: what of one is in which column."""

from __future__ import annotations

import dataclasses
import json

from sagehen.services.sagemaker.resources.rows import scope_of, to_json
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.statuses import Transition
from sagehen.store.database import Row

# Kept in the JSON column `progress`: nothing is searched by them.
_PROGRESS = (
    "started_at",
    "attempt_at",
    "ended_at",
    "failure_reason",
    "final_metrics",
    "metric_series",
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


def progress(job: TrainingJob) -> str:
    """Return the column `progress`."""
    kept = {name: getattr(job, name) for name in _PROGRESS}
    kept["transitions"] = [dataclasses.astuple(step) for step in job.transitions]
    return to_json(kept)


def read(row: Row) -> TrainingJob:
    """Return the job that a row is."""
    kept = json.loads(row["progress"])
    transitions = tuple(Transition(*step) for step in kept.pop("transitions"))
    return TrainingJob(
        scope=scope_of(row),
        name=row["name"],
        created_at=row["created_at"],
        modified_at=row["modified_at"],
        status=row["status"],
        secondary_status=row["secondary_status"],
        request=json.loads(row["request"]) | kept.get("updated", {}),
        transitions=transitions,
        **kept,
    )
