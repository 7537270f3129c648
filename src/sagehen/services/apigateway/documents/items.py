"""Documents under a key that belong to an account and region: API keys, usage plans, account settings."""

from __future__ import annotations

from typing import Any

import orjson

from sagehen.domain.scope import Scope
from sagehen.services.apigateway.documents.definition import Document
from sagehen.store.database import Transaction

OF_ITEM = "FROM apigateway_items WHERE account_id = ? AND region = ? AND kind = ? AND id = ?"


def dump(document: Any) -> bytes:
    """Return a document as it is stored: JSON."""
    return orjson.dumps(document)


def load(text: bytes) -> Document:
    """Return a stored document."""
    document: Document = orjson.loads(text)
    return document


def read_item(tx: Transaction, scope: Scope, kind: str, item_id: str) -> Document | None:
    """Return an item inside a transaction, or None."""
    row = tx.execute(f"SELECT document {OF_ITEM}", (scope.account_id, scope.region, kind, item_id)).fetchone()
    return load(row["document"]) if row else None


def put_item(
    tx: Transaction, scope: Scope, kind: str, item_id: str, document: Document, created_at: float
) -> None:
    """Store an item. One that is there keeps the time of its making, whatever `created_at` says."""
    tx.execute(
        "INSERT INTO apigateway_items VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (account_id, region, kind, id) DO UPDATE SET document = excluded.document",
        (scope.account_id, scope.region, kind, item_id, created_at, dump(document)),
    )


def delete_item(tx: Transaction, scope: Scope, kind: str, item_id: str) -> bool:
    """Delete an item; False where there was none."""
    cursor = tx.execute(f"DELETE {OF_ITEM}", (scope.account_id, scope.region, kind, item_id))
    return cursor.rowcount > 0
