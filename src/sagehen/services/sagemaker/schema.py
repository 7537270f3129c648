"""The tables of training jobs, models, endpoint configurations and tags, as they were first made together.

Endpoints have migrations of their own beside their SQL (`endpoints/records.py`), and so has whatever comes
later: a step that has landed never changes, and this row of steps is shared by four rooms.
"""

from __future__ import annotations

from sagehen.services.sagemaker.resources.listing import index_by_creation

MIGRATIONS = (
    """
    CREATE TABLE sagemaker_models (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, request TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE TABLE sagemaker_endpoint_configs (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, request TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE TABLE sagemaker_tags (
        arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (arn, key)
    ) WITHOUT ROWID;
    CREATE TABLE sagemaker_training_jobs (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, modified_at REAL NOT NULL,
        status TEXT NOT NULL, secondary_status TEXT NOT NULL,
        request TEXT NOT NULL, progress TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE INDEX sagemaker_training_jobs_active ON sagemaker_training_jobs (status);
    """,
    index_by_creation("sagemaker_training_jobs"),
)
