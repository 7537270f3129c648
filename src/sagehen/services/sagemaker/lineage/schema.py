"""The tables of lineage."""

from __future__ import annotations

ARTIFACTS = "sagemaker_lineage_artifacts"
ACTIONS = "sagemaker_lineage_actions"
CONTEXTS = "sagemaker_lineage_contexts"
ASSOCIATIONS = "sagemaker_lineage_associations"


def _table(name: str) -> str:
    # `automatic`: made by the platform itself, which no quota counts. ARNs carry names in lower case.
    return f"""
    CREATE TABLE {name} (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, modified_at REAL NOT NULL, source_uri TEXT NOT NULL, type TEXT NOT NULL,
        automatic INTEGER NOT NULL, members TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX {name}_by_arn ON {name} (account_id, region, lower(name));
    CREATE INDEX {name}_by_creation ON {name} (account_id, region, created_at);
    CREATE INDEX {name}_by_source ON {name} (account_id, region, source_uri);
    """


MIGRATIONS = (
    "".join(_table(name) for name in (ARTIFACTS, ACTIONS, CONTEXTS))
    + f"""
    CREATE TABLE {ASSOCIATIONS} (
        account_id TEXT NOT NULL, region TEXT NOT NULL, source TEXT NOT NULL, destination TEXT NOT NULL,
        source_type TEXT NOT NULL, destination_type TEXT NOT NULL, type TEXT NOT NULL,
        created_at REAL NOT NULL, automatic INTEGER NOT NULL, created_by TEXT NOT NULL,
        PRIMARY KEY (account_id, region, source, destination)
    ) WITHOUT ROWID;
    CREATE INDEX {ASSOCIATIONS}_by_destination ON {ASSOCIATIONS} (account_id, region, destination);
    CREATE INDEX {ASSOCIATIONS}_by_creation ON {ASSOCIATIONS} (account_id, region, created_at);
    """,
)
