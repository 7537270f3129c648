"""The SQL of lifecycle configurations."""

from __future__ import annotations

import json

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.notebooks.lifecycle_configs.scripts import LifecycleConfig
from sagehen.services.sagemaker.resources.named_records import NamedRecords
from sagehen.services.sagemaker.resources.rows import key, moment, scope_of
from sagehen.store.database import Database, Row

MIGRATIONS = (
    """
    CREATE TABLE sagemaker_notebook_lifecycle_configs (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, modified_at REAL NOT NULL, document TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    """,
)
# Ours, of an account and region: 32 kB each.
MOST_CONFIGS = 300


class LifecycleConfigRecords(NamedRecords[LifecycleConfig]):
    """Reads and writes of lifecycle configurations."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database,
            "sagemaker_notebook_lifecycle_configs",
            values=_values,
            read=_config,
            taken=_taken,
            order="Ascending",
            most=MOST_CONFIGS,
            quota="Total number of notebook instance lifecycle configurations",
        )


def _taken(config: LifecycleConfig) -> ValidationException:
    # From memory, in the form in which AWS words that one is missing (see `operations`).
    return ValidationException(
        f"Unable to create Notebook Instance Lifecycle Config '{config.arn}'. "
        "(Details: Notebook Instance Lifecycle Config already exists.)"
    )


def _config(row: Row) -> LifecycleConfig:
    return LifecycleConfig(
        scope=scope_of(row),
        name=row["name"],
        created_at=moment(row["created_at"]),
        modified_at=moment(row["modified_at"]),
        **json.loads(row["document"]),
    )


def _values(config: LifecycleConfig) -> tuple[str | float, ...]:
    return (
        *key(config.scope, config.name),
        config.created_at.timestamp(),
        config.modified_at.timestamp(),
        json.dumps({"on_create": config.on_create, "on_start": config.on_start}),
    )
