"""Deployments and stages as SQLite holds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sagehen.domain.scope import Scope
from sagehen.services.apigateway.documents.definition import Definition, Document
from sagehen.services.apigateway.documents.items import dump, load
from sagehen.services.apigateway.documents.records import Records, read_definition
from sagehen.services.apigateway.errors import no_such_deployment, no_such_stage
from sagehen.store.database import Row, Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment without what it froze."""

    id: str
    created_at: float
    description: str | None


class StageRecords:
    """The deployments and stages of APIs."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._database = records.database

    def deployments(self, api_id: str) -> list[Deployment]:
        """Return the deployments of an API, oldest first."""
        rows = self._database.all(
            "SELECT id, created_at, description FROM apigateway_deployments WHERE api_id = ?"
            " ORDER BY created_at, id",
            (api_id,),
        )
        return [_deployment(row) for row in rows]

    def deployment(self, api_id: str, deployment_id: str) -> Deployment:
        """Return a deployment.

        Raises:
            NotFoundException
        """
        row = self._database.one(
            "SELECT id, created_at, description FROM apigateway_deployments WHERE api_id = ? AND id = ?",
            (api_id, deployment_id),
        )
        if row is None:
            raise no_such_deployment()
        return _deployment(row)

    def frozen(self, scope: Scope, api_id: str, deployment_id: str) -> Definition | None:
        """Return what a deployment froze."""
        row = self._database.one(
            "SELECT settings, content FROM apigateway_deployments WHERE api_id = ? AND id = ?",
            (api_id, deployment_id),
        )
        return Definition(scope, load(row["settings"]), load(row["content"])) if row else None

    def stages(self, api_id: str) -> list[Document]:
        """Return the stages of an API, by name."""
        rows = self._database.all(
            "SELECT document FROM apigateway_stages WHERE api_id = ? ORDER BY name", (api_id,)
        )
        return [load(row["document"]) for row in rows]

    def stage(self, api_id: str, name: str) -> Document | None:
        """Return a stage, or None; of whichever account: the caller looks for the API in its scope."""
        row = self._database.one(
            "SELECT document FROM apigateway_stages WHERE api_id = ? AND name = ?", (api_id, name)
        )
        return load(row["document"]) if row else None

    async def edit_stage(
        self, scope: Scope, api_id: str, name: str, change: Callable[[Transaction, Document], T]
    ) -> T:
        """Let `change` alter a stage's document; nothing is stored where it raises.

        Raises:
            NotFoundException: No such API or stage.
        """

        def run(tx: Transaction) -> T:
            read_definition(tx, scope, api_id)
            document = read_stage(tx, api_id, name)
            if document is None:
                raise no_such_stage()
            result = change(tx, document)
            put_stage(tx, api_id, document)
            return result

        return await self.records.write(run)


def has_deployment(tx: Transaction, api_id: str, deployment_id: str) -> bool:
    """Whether an API has a deployment, inside a transaction."""
    row = tx.execute(
        "SELECT 1 FROM apigateway_deployments WHERE api_id = ? AND id = ?", (api_id, deployment_id)
    ).fetchone()
    return row is not None


def insert_deployment(tx: Transaction, definition: Definition, deployment: Deployment) -> None:
    """Store a deployment with a copy of the definition as it stands."""
    tx.execute(
        "INSERT INTO apigateway_deployments VALUES (?, ?, ?, ?, ?, ?)",
        (
            definition.id,
            deployment.id,
            deployment.created_at,
            deployment.description,
            dump(definition.settings),
            dump(definition.content),
        ),
    )


def read_stage(tx: Transaction, api_id: str, name: str) -> Document | None:
    """Return a stage inside a transaction, or None."""
    row = tx.execute(
        "SELECT document FROM apigateway_stages WHERE api_id = ? AND name = ?", (api_id, name)
    ).fetchone()
    return load(row["document"]) if row else None


def read_stages(tx: Transaction, api_id: str) -> list[Document]:
    """Return the stages of an API inside a transaction, by name."""
    rows = tx.execute(
        "SELECT document FROM apigateway_stages WHERE api_id = ? ORDER BY name", (api_id,)
    ).fetchall()
    return [load(row["document"]) for row in rows]


def put_stage(tx: Transaction, api_id: str, document: Document) -> None:
    """Store a stage, new or changed, under its `stageName`."""
    tx.execute(
        "INSERT INTO apigateway_stages VALUES (?, ?, ?)"
        " ON CONFLICT (api_id, name) DO UPDATE SET document = excluded.document",
        (api_id, document["stageName"], dump(document)),
    )


def _deployment(row: Row) -> Deployment:
    return Deployment(row["id"], row["created_at"], row["description"])
