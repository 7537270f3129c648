"""The SQL of lifecycle configurations."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.notebooks.lifecycle_configs.scripts import LifecycleConfig
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.resources.rows import KEY, key, moment, require_room, scope_of
from sagehen.services.sagemaker.tags.records import delete_all_tags, insert_tags
from sagehen.store.database import Database, Row, Transaction

MIGRATIONS = (
    """
    CREATE TABLE sagemaker_notebook_lifecycle_configs (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, modified_at REAL NOT NULL, document TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    """,
)
_TABLE = "sagemaker_notebook_lifecycle_configs"
# Ours, of an account and region: 32 kB each.
MOST_CONFIGS = 300
_WHAT = "Total number of notebook instance lifecycle configurations"


class LifecycleConfigRecords:
    """Reads and writes of lifecycle configurations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, scope: Scope, name: str) -> LifecycleConfig | None:
        """Return one, or None."""
        row = self._database.one(f"SELECT * FROM {_TABLE} WHERE {KEY}", key(scope, name))
        return _config(row) if row else None

    def page(self, scope: Scope, request: Mapping[str, Any]) -> tuple[list[LifecycleConfig], str | None]:
        """Return one page for ListNotebookInstanceLifecycleConfigs, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        rows, token = page(self._database, _TABLE, scope, request, "Ascending")
        return [_config(row) for row in rows], token

    async def add(self, config: LifecycleConfig, tags: Sequence[Mapping[str, str]]) -> None:
        """Store a new one.

        Raises:
            ValidationException: The name is taken.
            ResourceLimitExceeded: There are too many.
        """

        def insert(tx: Transaction) -> None:
            require_room(
                tx,
                _TABLE,
                config.scope,
                MOST_CONFIGS,
                "Total number of notebook instance lifecycle configurations",
            )
            added = tx.execute(
                f"INSERT OR IGNORE INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?)", _values(config)
            ).rowcount
            if not added:
                # From memory, in the form in which AWS words that one is missing (see `operations`).
                raise ValidationException(
                    f"Unable to create Notebook Instance Lifecycle Config '{config.arn}'. "
                    "(Details: Notebook Instance Lifecycle Config already exists.)"
                )
            insert_tags(tx, config.arn, tags)

        await self._database.write(insert)

    async def change(
        self, scope: Scope, name: str, change: Callable[[LifecycleConfig], LifecycleConfig]
    ) -> LifecycleConfig | None:
        """Replace one by what `change` makes of it; None where there is none."""

        def update(tx: Transaction) -> LifecycleConfig | None:
            row = tx.execute(f"SELECT * FROM {_TABLE} WHERE {KEY}", key(scope, name)).fetchone()
            if row is None:
                return None
            changed = change(_config(row))
            tx.execute(f"REPLACE INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?)", _values(changed))
            return changed

        return await self._database.write(update)

    async def remove(self, config: LifecycleConfig) -> None:
        """Forget one and its tags."""

        def delete(tx: Transaction) -> None:
            delete_all_tags(tx, config.arn)
            tx.execute(f"DELETE FROM {_TABLE} WHERE {KEY}", key(config.scope, config.name))

        await self._database.write(delete)


def _config(row: Row) -> LifecycleConfig:
    return LifecycleConfig(
        scope=scope_of(row),
        name=row["name"],
        created_at=moment(row["created_at"]),
        modified_at=moment(row["modified_at"]),
        **json.loads(row["document"]),
    )


def _values(config: LifecycleConfig) -> tuple[str, str, str, float, float, str]:
    return (
        *key(config.scope, config.name),
        config.created_at.timestamp(),
        config.modified_at.timestamp(),
        json.dumps({"on_create": config.on_create, "on_start": config.on_start}),
    )
