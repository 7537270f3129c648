"""The SQL of models, endpoint configurations and tags, and the schema of every table of this service
but the endpoints' (`endpoints/records.py`). What is kept is the request as it came, plus AWS's own facts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import cannot_create_existing
from sagehen.store.database import Database, Row, Transaction

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
)


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A model as endpoints need it: CreateModel's request, unchanged."""

    scope: Scope
    name: str
    created_at: datetime
    request: Mapping[str, Any] = field(repr=False)

    @property
    def arn(self) -> str:
        return arns.model_arn(self.scope, self.name)

    @property
    def containers(self) -> list[dict[str, Any]]:
        """Every ContainerDefinition, the primary one alone where there is one."""
        primary = self.request.get("PrimaryContainer")
        return [primary] if primary else list(self.request.get("Containers", ()))

    @property
    def execution_role_arn(self) -> str | None:
        role: str | None = self.request.get("ExecutionRoleArn")
        return role

    @property
    def network_isolation(self) -> bool:
        return bool(self.request.get("EnableNetworkIsolation"))


@dataclass(frozen=True, slots=True)
class EndpointConfigRecord:
    """An endpoint configuration: CreateEndpointConfig's request, unchanged."""

    scope: Scope
    name: str
    created_at: datetime
    request: Mapping[str, Any] = field(repr=False)

    @property
    def arn(self) -> str:
        return arns.endpoint_config_arn(self.scope, self.name)

    @property
    def production_variants(self) -> list[dict[str, Any]]:
        return list(self.request["ProductionVariants"])


class Records:
    """Reads and writes of models, endpoint configurations and tags."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- models ----------------------------------------------------------------------------

    def get_model(self, scope: Scope, name: str) -> ModelRecord | None:
        row = self._one("sagemaker_models", scope, name)
        return model_of(row) if row else None

    async def add_model(self, record: ModelRecord, tags: Sequence[Mapping[str, str]]) -> None:
        """Store a new model.

        Raises:
            ValidationException: The name is taken.
        """
        await self._add("sagemaker_models", "model", record, tags)

    async def delete_model(self, scope: Scope, name: str) -> bool:
        return await self._delete("sagemaker_models", scope, name, arns.model_arn(scope, name))

    # --- endpoint configurations -----------------------------------------------------------

    def get_endpoint_config(self, scope: Scope, name: str) -> EndpointConfigRecord | None:
        row = self._one("sagemaker_endpoint_configs", scope, name)
        return endpoint_config_of(row) if row else None

    async def add_endpoint_config(
        self, record: EndpointConfigRecord, tags: Sequence[Mapping[str, str]]
    ) -> None:
        """Store a new endpoint configuration.

        Raises:
            ValidationException: The name is taken.
        """
        await self._add("sagemaker_endpoint_configs", "endpoint configuration", record, tags)

    async def delete_endpoint_config(self, scope: Scope, name: str) -> bool:
        arn = arns.endpoint_config_arn(scope, name)
        return await self._delete("sagemaker_endpoint_configs", scope, name, arn)

    # --- tags --------------------------------------------------------------------------------

    def tags(self, arn: str) -> dict[str, str]:
        rows = self._database.all("SELECT key, value FROM sagemaker_tags WHERE arn = ? ORDER BY key", (arn,))
        return {row["key"]: row["value"] for row in rows}

    async def put_tags(self, arn: str, tags: Sequence[Mapping[str, str]]) -> None:
        await self._database.write(lambda tx: insert_tags(tx, arn, tags))

    async def delete_tags(self, arn: str, keys: Iterable[str]) -> None:
        pairs = [(arn, key) for key in keys]
        await self._database.write(
            lambda tx: tx.executemany("DELETE FROM sagemaker_tags WHERE arn = ? AND key = ?", pairs)
        )

    def exists(self, table: str, scope: Scope, lowered_name: str) -> bool:
        """Tell whether a resource of that lower-cased name exists: ARNs carry names so."""
        row = self._database.one(
            f"SELECT 1 FROM {table} WHERE account_id = ? AND region = ? AND lower(name) = ?",
            (scope.account_id, scope.region, lowered_name),
        )
        return row is not None

    # --- shared ------------------------------------------------------------------------------

    def _one(self, table: str, scope: Scope, name: str) -> Row | None:
        return self._database.one(
            f"SELECT * FROM {table} WHERE account_id = ? AND region = ? AND name = ?",
            (scope.account_id, scope.region, name),
        )

    async def _add(
        self,
        table: str,
        kind: str,
        record: ModelRecord | EndpointConfigRecord,
        tags: Sequence[Mapping[str, str]],
    ) -> None:
        values = (*_key(record.scope, record.name), record.created_at.timestamp(), to_json(record.request))

        def insert(tx: Transaction) -> None:
            added = tx.execute(f"INSERT OR IGNORE INTO {table} VALUES (?, ?, ?, ?, ?)", values).rowcount
            if not added:
                raise cannot_create_existing(kind, record.arn)
            insert_tags(tx, record.arn, tags)

        await self._database.write(insert)

    async def _delete(self, table: str, scope: Scope, name: str, arn: str) -> bool:
        def delete(tx: Transaction) -> bool:
            tx.execute("DELETE FROM sagemaker_tags WHERE arn = ?", (arn,))
            where = "account_id = ? AND region = ? AND name = ?"
            return tx.execute(f"DELETE FROM {table} WHERE {where}", _key(scope, name)).rowcount > 0

        return await self._database.write(delete)


def insert_tags(tx: Transaction, arn: str, tags: Sequence[Mapping[str, str]]) -> None:
    """Set tags within a transaction that makes their resource."""
    tx.executemany(
        "INSERT INTO sagemaker_tags VALUES (?, ?, ?)"
        " ON CONFLICT (arn, key) DO UPDATE SET value = excluded.value",
        [(arn, tag["Key"], tag["Value"]) for tag in tags],
    )


def model_of(row: Row) -> ModelRecord:
    return ModelRecord(scope_of(row), row["name"], moment(row["created_at"]), json.loads(row["request"]))


def endpoint_config_of(row: Row) -> EndpointConfigRecord:
    return EndpointConfigRecord(
        scope_of(row), row["name"], moment(row["created_at"]), json.loads(row["request"])
    )


def scope_of(row: Row) -> Scope:
    return Scope(row["account_id"], row["region"])


def moment(epoch_s: float) -> datetime:
    """Return a stored time as an aware datetime."""
    return datetime.fromtimestamp(epoch_s, UTC)


def to_json(request: Mapping[str, Any]) -> str:
    """Return a request as JSON text; the members kept here hold no bytes and no times."""
    return json.dumps(request, separators=(",", ":"))


def _key(scope: Scope, name: str) -> tuple[str, str, str]:
    return scope.account_id, scope.region, name
