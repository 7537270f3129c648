"""The table of recommendation jobs."""

from __future__ import annotations

from sagehen.services.sagemaker.resources.listing import index_by_creation

TABLE = "sagemaker_recommendation_jobs"
MIGRATIONS = (
    f"""
    CREATE TABLE {TABLE} (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, modified_at REAL NOT NULL, status TEXT NOT NULL,
        request TEXT NOT NULL, progress TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE INDEX {TABLE}_active ON {TABLE} (status);
    """,
    index_by_creation(TABLE),
)
