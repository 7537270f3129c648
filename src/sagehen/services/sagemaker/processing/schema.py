"""The table of processing jobs."""

from __future__ import annotations

from sagehen.services.sagemaker.jobs.records import table

TABLE = "sagemaker_processing_jobs"
MIGRATIONS = (table(TABLE),)
