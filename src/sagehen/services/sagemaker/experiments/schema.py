"""The tables of experiments, trials and trial components, and of which component is in which trial."""

from __future__ import annotations

EXPERIMENTS = "sagemaker_experiments"
TRIALS = "sagemaker_trials"
COMPONENTS = "sagemaker_trial_components"
LINKS = "sagemaker_trial_links"
METRICS = "sagemaker_trial_metrics"
COUNTS = "sagemaker_trial_metric_counts"
SOURCES = "sagemaker_trial_sources"


def _table(name: str) -> str:
    return f"""
    CREATE TABLE {name} (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, modified_at REAL NOT NULL, experiment TEXT NOT NULL, members TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE INDEX {name}_by_creation ON {name} (account_id, region, created_at);
    """


MIGRATIONS = (
    "".join(_table(name) for name in (EXPERIMENTS, TRIALS, COMPONENTS))
    + f"""
    CREATE INDEX {TRIALS}_of_experiment ON {TRIALS} (account_id, region, experiment);
    CREATE TABLE {LINKS} (
        account_id TEXT NOT NULL, region TEXT NOT NULL, trial TEXT NOT NULL, component TEXT NOT NULL,
        PRIMARY KEY (account_id, region, trial, component)
    ) WITHOUT ROWID;
    CREATE INDEX {LINKS}_by_component ON {LINKS} (account_id, region, component);
    """,
    f"""
    CREATE TABLE {METRICS} (
        account_id TEXT NOT NULL, region TEXT NOT NULL, component TEXT NOT NULL, metric TEXT NOT NULL,
        at REAL NOT NULL, step INTEGER NOT NULL, value REAL NOT NULL,
        PRIMARY KEY (account_id, region, component, metric, at, step)
    ) WITHOUT ROWID;
    """,
    # A component's points, counted: an account's millions are not to be counted at every write.
    f"""
    CREATE TABLE {COUNTS} (
        account_id TEXT NOT NULL, region TEXT NOT NULL, component TEXT NOT NULL, points INTEGER NOT NULL,
        PRIMARY KEY (account_id, region, component)
    ) WITHOUT ROWID;
    INSERT INTO {COUNTS}
        SELECT account_id, region, component, count(*) FROM {METRICS} GROUP BY account_id, region, component;
    """,
    # `within`: the component is a run, in which the job ran; else it is the job's own, and `run` is its run.
    f"""
    CREATE TABLE {SOURCES} (
        account_id TEXT NOT NULL, region TEXT NOT NULL, component TEXT NOT NULL, arn TEXT NOT NULL,
        type TEXT NOT NULL, within INTEGER NOT NULL, run TEXT NOT NULL, noted_at REAL NOT NULL,
        PRIMARY KEY (account_id, region, component, arn)
    ) WITHOUT ROWID;
    CREATE INDEX {SOURCES}_by_arn ON {SOURCES} (account_id, region, arn);
    """,
    # By the names that ARNs carry.
    f"""
    CREATE INDEX {COMPONENTS}_by_arn ON {COMPONENTS} (account_id, region, lower(name));
    CREATE INDEX {EXPERIMENTS}_by_arn ON {EXPERIMENTS} (account_id, region, lower(name));
    """,
)
