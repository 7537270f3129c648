"""The SQL of inference components and of their copies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.records import InstanceRecord
from sagehen.services.sagemaker.inference_components.component import KIND, InferenceComponent, members_of
from sagehen.services.sagemaker.resources.errors import cannot_create_existing, limit_exceeded
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.resources.named_records import NamedRecords
from sagehen.services.sagemaker.resources.rows import key, moment, scope_of
from sagehen.store.database import Database, Row, Transaction

TABLE = "sagemaker_inference_components"
# Ours, of an account in a region: AWS publishes none.
MOST = 1000
# Of one endpoint: each pass of its loop reads them all.
MOST_OF_ENDPOINT = 200
MIGRATIONS = (
    f"""
    CREATE TABLE {TABLE} (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, modified_at REAL NOT NULL, status TEXT NOT NULL,
        endpoint TEXT NOT NULL, variant TEXT NOT NULL, document TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE INDEX {TABLE}_of ON {TABLE} (account_id, region, endpoint);
    CREATE TABLE sagemaker_inference_component_copies (
        copy_id TEXT PRIMARY KEY,
        account_id TEXT NOT NULL, region TEXT NOT NULL, endpoint TEXT NOT NULL,
        component TEXT NOT NULL, variant TEXT NOT NULL, revision INTEGER NOT NULL,
        host TEXT NOT NULL, created_at REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX sagemaker_inference_component_copies_of
        ON sagemaker_inference_component_copies (account_id, region, endpoint);
    """,
)
_FILTERS = {"EndpointNameEquals": "endpoint = ?", "VariantNameEquals": "variant = ?"}
_OF_ENDPOINT = "account_id = ? AND region = ? AND endpoint = ?"


@dataclass(frozen=True, slots=True)
class CopyRecord(InstanceRecord):
    """A copy that was started; its generation is the revision's number. Written before its process exists.

    Args:
        component: Its component's name.
        host: The instance that it is on.
    """

    component: str
    host: str


class ComponentRecords(NamedRecords[InferenceComponent]):
    """Reads and writes of components, the newest first, and of their copies."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database,
            TABLE,
            values=_values,
            read=_component,
            taken=lambda component: cannot_create_existing(KIND, component.arn),
            most=MOST,
            quota="Total number of inference components",
        )

    async def add_to_endpoint(self, component: InferenceComponent, tags: Sequence[Mapping[str, str]]) -> None:
        """Store a new component.

        Raises:
            ValidationException: The name is taken.
            ResourceLimitExceeded: The endpoint, or the account, has too many.
        """

        def require(tx: Transaction) -> None:
            where = key(component.scope, component.endpoint)
            (count,) = tx.execute(f"SELECT count(*) FROM {TABLE} WHERE {_OF_ENDPOINT}", where).fetchone()
            if count >= MOST_OF_ENDPOINT:
                what = "Total number of inference components per endpoint"
                raise limit_exceeded(what, MOST_OF_ENDPOINT, count)

        await self.add(component, tags, require)

    def page(self, scope: Scope, request: Mapping[str, Any]) -> tuple[list[InferenceComponent], str | None]:
        """See `NamedRecords.page`."""
        rows, token = page(self._database, TABLE, scope, request, "Descending", more_filters=_FILTERS)
        return [_component(row) for row in rows], token

    def of_endpoint(self, scope: Scope, endpoint: str) -> list[InferenceComponent]:
        """Return the components that say that they are an endpoint's, the oldest first."""
        rows = self._database.all(
            f"SELECT * FROM {TABLE} WHERE {_OF_ENDPOINT} ORDER BY created_at, name", key(scope, endpoint)
        )
        return [_component(row) for row in rows]

    def all(self) -> list[InferenceComponent]:
        """Return every component of every account: what a start has to bring back."""
        return [_component(row) for row in self._database.all(f"SELECT * FROM {TABLE}")]

    # --- copies ------------------------------------------------------------------------------

    def copies(self, scope: Scope, endpoint: str) -> list[CopyRecord]:
        """Return the copies on an endpoint that were started and not forgotten, the oldest first."""
        rows = self._database.all(
            f"SELECT * FROM sagemaker_inference_component_copies WHERE {_OF_ENDPOINT} ORDER BY created_at",
            key(scope, endpoint),
        )
        return [_copy(row) for row in rows]

    def all_copies(self) -> list[CopyRecord]:
        """Return those of all endpoints."""
        return [
            _copy(row) for row in self._database.all("SELECT * FROM sagemaker_inference_component_copies")
        ]

    async def add_copy(self, scope: Scope, endpoint: str, copy: CopyRecord, now: datetime) -> None:
        """Put a copy on record, before its process exists."""
        await self._database.execute(
            "INSERT OR IGNORE INTO sagemaker_inference_component_copies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                copy.instance_id, *key(scope, endpoint), copy.component, copy.variant,
                copy.generation, copy.host, now.timestamp(),
            ),
        )  # fmt: skip

    async def remove_copy(self, copy_id: str) -> None:
        """Forget a copy of which nothing runs any more."""
        await self._database.execute(
            "DELETE FROM sagemaker_inference_component_copies WHERE copy_id = ?", (copy_id,)
        )


def _copy(row: Row) -> CopyRecord:
    return CopyRecord(row["copy_id"], row["revision"], row["variant"], row["component"], row["host"])


def _component(row: Row) -> InferenceComponent:
    return InferenceComponent(
        scope=scope_of(row),
        name=row["name"],
        status=row["status"],
        created_at=moment(row["created_at"]),
        modified_at=moment(row["modified_at"]),
        endpoint=row["endpoint"],
        variant=row["variant"],
        **members_of(json.loads(row["document"])),
    )


def _values(component: InferenceComponent) -> tuple[str | float, ...]:
    return (
        *key(component.scope, component.name),
        component.created_at.timestamp(),
        component.modified_at.timestamp(),
        component.status,
        component.endpoint,
        component.variant,
        json.dumps(component.document(), separators=(",", ":")),
    )
