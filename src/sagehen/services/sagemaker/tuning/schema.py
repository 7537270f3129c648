"""The tables of tuning jobs and of their trials."""

from __future__ import annotations

# Documented: the name of a tuning job is not case sensitive.
MIGRATIONS = (
    """
    CREATE TABLE sagemaker_tuning_jobs (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE,
        created_at REAL NOT NULL, modified_at REAL NOT NULL, status TEXT NOT NULL,
        request TEXT NOT NULL, progress TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE INDEX sagemaker_tuning_jobs_active ON sagemaker_tuning_jobs (status);
    CREATE TABLE sagemaker_tuning_trials (
        account_id TEXT NOT NULL, region TEXT NOT NULL, tuning TEXT NOT NULL COLLATE NOCASE,
        number INTEGER NOT NULL, name TEXT NOT NULL, definition INTEGER NOT NULL,
        created_at REAL NOT NULL, status TEXT NOT NULL, objective REAL,
        tuned TEXT NOT NULL, outcome TEXT NOT NULL, curve TEXT NOT NULL,
        PRIMARY KEY (account_id, region, tuning, number)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX sagemaker_tuning_trials_by_name ON sagemaker_tuning_trials (account_id, region, name);
    """,
    # Counters are asked for of a page of jobs at once: 0.5 ms each where rows, with their curves, take 30.
    """
    CREATE INDEX sagemaker_tuning_trials_by_status
        ON sagemaker_tuning_trials (account_id, region, tuning, status, objective);
    """,
    # What a warm start took over are megabytes at times, which whoever looks at a job does not want to read.
    """
    CREATE TABLE sagemaker_tuning_parents (
        account_id TEXT NOT NULL, region TEXT NOT NULL, tuning TEXT NOT NULL COLLATE NOCASE,
        told TEXT NOT NULL,
        PRIMARY KEY (account_id, region, tuning)
    ) WITHOUT ROWID;
    INSERT INTO sagemaker_tuning_parents
        SELECT account_id, region, name, json_extract(progress, '$.parents') FROM sagemaker_tuning_jobs
        WHERE json_array_length(progress, '$.parents') > 0;
    UPDATE sagemaker_tuning_jobs SET progress = json_remove(progress, '$.parents');
    """,
)
