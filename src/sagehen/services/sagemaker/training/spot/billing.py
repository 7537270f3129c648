"""BillableTimeInSeconds: what AWS would bill of a job's time. Pure."""

from __future__ import annotations

from sagehen.executors.hardware.instance_types import SPOT_PRICE_SHARE
from sagehen.services.sagemaker.training.job import TrainingJob

# AWS bills the time that a spot job had instances, scaled by what spot costs of the price on demand, and so
# tells savings even of jobs that were never interrupted.
NOTE = (
    "spot instances are taken away by `sagehen interrupt` alone; billable time is reckoned at "
    f"{SPOT_PRICE_SHARE:.0%} of the price on demand, which AWS's market changes"
)


def billable_s(job: TrainingJob) -> int | None:
    """Return whole seconds; None before the job has ended.

    Worked example: a spot job that had instances for 500 s, in two attempts, is billed 150 s:
    DescribeTrainingJob's formula (1 - 150 / 500) * 100 tells savings of 70 %.
    """
    seconds = job.training_time_s
    if seconds is None or not job.is_spot:
        return seconds
    return max(1, round(seconds * SPOT_PRICE_SHARE))
