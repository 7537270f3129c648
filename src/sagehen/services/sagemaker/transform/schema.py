"""The table of transform jobs."""

from __future__ import annotations

from sagehen.services.sagemaker.jobs.records import table
from sagehen.services.sagemaker.resources.listing import index_by_creation

TABLE = "sagemaker_transform_jobs"
OF_MODEL = "json_extract(request, '$.ModelName')"
MIGRATIONS = (
    table(TABLE),
    index_by_creation(TABLE),
    f"CREATE INDEX {TABLE}_of_model ON {TABLE} (account_id, region, {OF_MODEL}, created_at);",
)
