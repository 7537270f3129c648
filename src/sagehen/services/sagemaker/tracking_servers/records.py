"""The SQL of tracking servers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources.errors import ResourceNotFound
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.resources.named_records import NamedRecords
from sagehen.services.sagemaker.resources.rows import key, moment, scope_of, to_json
from sagehen.services.sagemaker.tracking_servers.tracking_server import Settings, TrackingServer
from sagehen.store.database import Database, Row

TABLE = "sagemaker_tracking_servers"
MIGRATIONS = (
    f"""
    CREATE TABLE {TABLE} (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, modified_at REAL NOT NULL, status TEXT NOT NULL,
        label TEXT NOT NULL, mlflow TEXT NOT NULL, document TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX {TABLE}_by_label ON {TABLE} (region, label);
    CREATE UNIQUE INDEX {TABLE}_by_arn ON {TABLE} (account_id, region, lower(name));
    """,
)
# Ours: each takes half a gigabyte when it runs.
MOST = 10
_FILTERS = {
    "CreatedAfter": "created_at >= ?",
    "CreatedBefore": "created_at <= ?",
    "TrackingServerStatus": "status = ?",
    "MlflowVersion": "mlflow = ?",
}


class TrackingServerRecords(NamedRecords[TrackingServer]):
    """Reads and writes of them."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database,
            TABLE,
            values=_values,
            read=_read,
            taken=_taken,
            most=MOST,
            quota="Total number of MLflow tracking servers",
        )

    def require(self, scope: Scope, name: str) -> TrackingServer:
        """Return one.

        Raises:
            ResourceNotFound: There is none.
        """
        if (found := self.get(scope, name)) is None:
            raise missing(name)
        return found

    def at(self, region: str, label: str) -> TrackingServer | None:
        """Return the one whose page has that label, or None."""
        row = self._database.one(f"SELECT * FROM {TABLE} WHERE region = ? AND label = ?", (region, label))
        return _read(row) if row else None

    def all(self) -> list[TrackingServer]:
        """Return those of every account."""
        return [_read(row) for row in self._database.all(f"SELECT * FROM {TABLE}")]

    def page(self, scope: Scope, request: Mapping[str, Any]) -> tuple[list[TrackingServer], str | None]:
        """Return one page, the newest first where the request does not say, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        found, token = page(self._database, TABLE, scope, request, "Descending", more_filters=_FILTERS)
        return [_read(row) for row in found], token


def missing(name: str) -> ResourceNotFound:
    """The code is of the operations' models; the words are from memory."""
    return ResourceNotFound(f"Could not find tracking server with name {name}.")


def _taken(server: TrackingServer) -> ValidationException:
    return ValidationException(f"Tracking server {server.arn} already exists.")


def _values(server: TrackingServer) -> tuple[str | float, ...]:
    document = {
        "id": server.id, "settings": server.settings.to_json(), "failure": server.failure,
        "created_by": server.created_by, "modified_by": server.modified_by,
        "registers_since": server.registers_since,
    }  # fmt: skip
    return (
        *key(server.scope, server.name), server.created_at.timestamp(), server.modified_at.timestamp(),
        server.status, server.label, server.mlflow, to_json(document),
    )  # fmt: skip


def _read(row: Row) -> TrackingServer:
    document = json.loads(row["document"])
    settings = Settings(**document.pop("settings"))
    return TrackingServer(
        scope=scope_of(row),
        name=row["name"],
        created_at=moment(row["created_at"]),
        modified_at=moment(row["modified_at"]),
        status=row["status"],
        label=row["label"],
        mlflow=row["mlflow"],
        settings=settings,
        **document,
    )
