"""The table of transform jobs."""

from __future__ import annotations

from sagehen.services.sagemaker.jobs.records import table
from sagehen.services.sagemaker.resources.listing import index_by_creation

TABLE = "sagemaker_transform_jobs"
MIGRATIONS = (table(TABLE), index_by_creation(TABLE))
