"""The table of transform jobs."""

from __future__ import annotations

from sagehen.services.sagemaker.jobs.records import table

TABLE = "sagemaker_transform_jobs"
MIGRATIONS = (table(TABLE),)
