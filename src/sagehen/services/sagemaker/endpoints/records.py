"""The SQL of endpoints and of their instances."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints import quota
from sagehen.services.sagemaker.endpoints.endpoint import Endpoint, deployment_of
from sagehen.services.sagemaker.instances.supply.supply import Supply
from sagehen.services.sagemaker.resources.errors import cannot_create_existing
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.resources.rows import KEY, key, moment, scope_of
from sagehen.services.sagemaker.tags.records import delete_all_tags, insert_tags
from sagehen.store.database import Database, Row, Transaction

MIGRATIONS = (
    """
    CREATE TABLE sagemaker_endpoints (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, modified_at REAL NOT NULL,
        status TEXT NOT NULL, document TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE TABLE sagemaker_endpoint_instances (
        instance_id TEXT PRIMARY KEY,
        account_id TEXT NOT NULL, region TEXT NOT NULL, endpoint TEXT NOT NULL,
        generation INTEGER NOT NULL, variant TEXT NOT NULL, created_at REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX sagemaker_endpoint_instances_of
        ON sagemaker_endpoint_instances (account_id, region, endpoint);
    """,
)


@dataclass(frozen=True, slots=True)
class InstanceRecord:
    """An instance that was started. It is written before its process exists."""

    instance_id: str
    generation: int
    variant: str


# Is told, within the transaction, of an endpoint as it was (None: not at all) and as it is now.
Noted = Callable[[Transaction, Endpoint | None, Endpoint], None]


class EndpointRecords:
    """Reads and writes of endpoints."""

    def __init__(
        self, database: Database, supply: Supply | None = None, noted: Noted = lambda *_: None
    ) -> None:
        self._database = database
        self._noted = noted
        self._supply = supply or Supply()

    def get(self, scope: Scope, name: str) -> Endpoint | None:
        """Return an endpoint by its very name, or None."""
        row = self._database.one(f"SELECT * FROM sagemaker_endpoints WHERE {KEY}", key(scope, name))
        return _endpoint(row) if row else None

    def all(self) -> list[Endpoint]:
        """Return every endpoint of every account: what a start has to bring back."""
        return [_endpoint(row) for row in self._database.all("SELECT * FROM sagemaker_endpoints")]

    def page(self, scope: Scope, request: Mapping[str, Any]) -> tuple[list[Endpoint], str | None]:
        """Return one page for ListEndpoints, newest first where it does not say, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        rows, token = page(self._database, "sagemaker_endpoints", scope, request, "Descending")
        return [_endpoint(row) for row in rows], token

    def of_model(self, scope: Scope, model: str) -> list[Endpoint]:
        """Return the endpoints that serve a model, in the order of their names; it looks through all."""
        rows = self._database.all(
            "SELECT * FROM sagemaker_endpoints"
            " WHERE account_id = ? AND region = ? AND instr(document, ?) ORDER BY name",
            (scope.account_id, scope.region, f'"model_name":{json.dumps(model)}'),
        )
        found = [_endpoint(row) for row in rows]
        return [one for one in found if one.shown and any(v.model_name == model for v in one.shown.variants)]

    async def add(self, endpoint: Endpoint, tags: Sequence[Mapping[str, str]]) -> None:
        """Store a new endpoint.

        Raises:
            ValidationException: The name is taken.
            ResourceLimitExceeded: The operator allows fewer instances.
        """
        limits = {offer.instance_type: offer for offer in self._supply.offers() if offer.limit is not None}

        def insert(tx: Transaction) -> None:
            quota.require(tx, limits, None, endpoint)
            added = tx.execute(
                "INSERT OR IGNORE INTO sagemaker_endpoints VALUES (?, ?, ?, ?, ?, ?, ?)", _values(endpoint)
            ).rowcount
            if not added:
                raise cannot_create_existing("endpoint", endpoint.arn)
            insert_tags(tx, endpoint.arn, tags)
            self._noted(tx, None, endpoint)

        await self._database.write(insert)

    async def change(
        self, scope: Scope, name: str, change: Callable[[Endpoint], Endpoint]
    ) -> Endpoint | None:
        """Replace an endpoint by what `change` makes of it, in one transaction.

        Returns:
            The new record; None where there is no such endpoint.

        Raises:
            ServiceError: Whatever `change` raises; nothing is changed then.
            ResourceLimitExceeded: It has more instances than before, and the operator allows fewer.
        """
        limits = {offer.instance_type: offer for offer in self._supply.offers() if offer.limit is not None}

        def update(tx: Transaction) -> Endpoint | None:
            row = tx.execute(f"SELECT * FROM sagemaker_endpoints WHERE {KEY}", key(scope, name)).fetchone()
            if row is None:
                return None
            before = _endpoint(row)
            changed = change(before)
            quota.require(tx, limits, before, changed)
            *_, modified_at, status, document = _values(changed)
            tx.execute(
                f"UPDATE sagemaker_endpoints SET modified_at = ?, status = ?, document = ? WHERE {KEY}",
                (modified_at, status, document, *key(scope, name)),
            )
            self._noted(tx, before, changed)
            return changed

        return await self._database.write(update)

    async def remove(self, endpoint: Endpoint) -> None:
        """Forget an endpoint, its instances and its tags."""

        def delete(tx: Transaction) -> None:
            values = key(endpoint.scope, endpoint.name)
            delete_all_tags(tx, endpoint.arn)
            tx.execute(
                "DELETE FROM sagemaker_endpoint_instances"
                " WHERE account_id = ? AND region = ? AND endpoint = ?",
                values,
            )
            tx.execute(f"DELETE FROM sagemaker_endpoints WHERE {KEY}", values)

        await self._database.write(delete)

    # --- instances ---------------------------------------------------------------------------

    def instances(self, scope: Scope, endpoint: str) -> list[InstanceRecord]:
        """Return the instances that were started and not forgotten, the oldest first."""
        rows = self._database.all(
            "SELECT * FROM sagemaker_endpoint_instances"
            " WHERE account_id = ? AND region = ? AND endpoint = ? ORDER BY created_at",
            key(scope, endpoint),
        )
        return [InstanceRecord(row["instance_id"], row["generation"], row["variant"]) for row in rows]

    async def add_instance(
        self, scope: Scope, endpoint: str, instance: InstanceRecord, now: datetime
    ) -> None:
        """Put an instance on record, before its process exists."""
        await self._database.execute(
            "INSERT OR IGNORE INTO sagemaker_endpoint_instances VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                instance.instance_id, *key(scope, endpoint),
                instance.generation, instance.variant, now.timestamp(),
            ),
        )  # fmt: skip

    async def remove_instance(self, instance_id: str) -> None:
        """Forget an instance of which nothing runs any more."""
        await self._database.execute(
            "DELETE FROM sagemaker_endpoint_instances WHERE instance_id = ?", (instance_id,)
        )


def _endpoint(row: Row) -> Endpoint:
    document = json.loads(row["document"])
    return Endpoint(
        scope=scope_of(row),
        name=row["name"],
        status=row["status"],
        created_at=moment(row["created_at"]),
        modified_at=moment(row["modified_at"]),
        live=deployment_of(document["live"]),
        pending=deployment_of(document["pending"]),
        failure_reason=document["failure_reason"],
        last_generation=document["last_generation"],
        deployment_config=document["deployment_config"],
        rollout_step=document.get("rollout_step", 0),
        rollout_at=document.get("rollout_at", 0.0),
        leaving=deployment_of(document.get("leaving")),
    )


def _values(endpoint: Endpoint) -> tuple[str, str, str, float, float, str, str]:
    return (
        *key(endpoint.scope, endpoint.name),
        endpoint.created_at.timestamp(),
        endpoint.modified_at.timestamp(),
        endpoint.status,
        json.dumps(endpoint.document(), separators=(",", ":")),
    )
