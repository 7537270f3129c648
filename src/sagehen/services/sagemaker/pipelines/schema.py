"""The tables of pipelines, their versions, executions and steps."""

from __future__ import annotations

from sagehen.services.sagemaker.resources.listing import index_by_creation

MIGRATIONS = (
    """
    CREATE TABLE sagemaker_pipelines (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE,
        created_at REAL NOT NULL, modified_at REAL NOT NULL, token TEXT NOT NULL, record TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE TABLE sagemaker_pipeline_versions (
        account_id TEXT NOT NULL, region TEXT NOT NULL, pipeline TEXT NOT NULL COLLATE NOCASE,
        version INTEGER NOT NULL, created_at REAL NOT NULL, definition TEXT NOT NULL, record TEXT NOT NULL,
        PRIMARY KEY (account_id, region, pipeline, version)
    );
    CREATE TABLE sagemaker_pipeline_executions (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        pipeline TEXT NOT NULL COLLATE NOCASE, version INTEGER NOT NULL,
        created_at REAL NOT NULL, modified_at REAL NOT NULL, status TEXT NOT NULL, token TEXT NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    );
    CREATE INDEX sagemaker_pipeline_executions_active ON sagemaker_pipeline_executions (status);
    CREATE INDEX sagemaker_pipeline_executions_of
        ON sagemaker_pipeline_executions (account_id, region, pipeline, created_at);
    CREATE TABLE sagemaker_pipeline_steps (
        account_id TEXT NOT NULL, region TEXT NOT NULL, execution TEXT NOT NULL, name TEXT NOT NULL,
        pipeline TEXT NOT NULL COLLATE NOCASE, position INTEGER NOT NULL, status TEXT NOT NULL,
        cache_key TEXT NOT NULL, ended_at REAL, record TEXT NOT NULL, properties TEXT NOT NULL,
        PRIMARY KEY (account_id, region, execution, name)
    );
    CREATE INDEX sagemaker_pipeline_steps_by_result
        ON sagemaker_pipeline_steps (account_id, region, pipeline, name, cache_key, ended_at);
    """,
    index_by_creation("sagemaker_pipelines"),
)
