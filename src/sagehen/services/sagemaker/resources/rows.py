"""What the tables of SageMaker's resources have in common: their key columns, and the values in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources.errors import limit_exceeded
from sagehen.store.database import Database, Row, Transaction

# Ours: some ten times what clients store.
MOST_MEMBERS = 256 * 1024
# Every table of named resources begins with these columns; `key` gives the values.
KEY = "account_id = ? AND region = ? AND name = ?"


def key(scope: Scope, name: str) -> tuple[str, str, str]:
    """Return the values of `KEY`."""
    return scope.account_id, scope.region, name


def scope_of(row: Row) -> Scope:
    """Return the account and region that a row belongs to."""
    return Scope(row["account_id"], row["region"])


def moment(epoch_s: float) -> datetime:
    """Return a stored time as an aware datetime."""
    return datetime.fromtimestamp(epoch_s, UTC)


def to_json(request: Mapping[str, Any]) -> str:
    """Return a request as JSON text; the members kept here hold no bytes and no times."""
    return json.dumps(request, separators=(",", ":"))


def bounded_json(members: Mapping[str, Any], what: str) -> str:
    """Return as `to_json` does, of what models leave room for megabytes in: lists and searches read many.

    Raises:
        ValidationException: It is too long; the words are ours.
    """
    text = to_json(members)
    if len(text) > MOST_MEMBERS:
        raise ValidationException(
            f"{what} has {len(text)} bytes with all its members: at most {MOST_MEMBERS}."
        )
    return text


def require_room(tx: Transaction, table: str, scope: Scope, most: int, what: str, unit: str = "") -> None:
    """Check, within the transaction that adds one, that an account has fewer in this region than it may.

    Args:
        what: What is counted, as the quota is called.
        unit: Behind the numbers, such as ` NotebookInstances`.

    Raises:
        ResourceLimitExceeded
    """
    of_scope = (scope.account_id, scope.region)
    (count,) = tx.execute(
        f"SELECT count(*) FROM {table} WHERE account_id = ? AND region = ?", of_scope
    ).fetchone()
    if count >= most:
        raise limit_exceeded(what, most, count, unit)


def exists(database: Database, table: str, scope: Scope, lowered_name: str) -> bool:
    """Tell whether a resource of that lower-cased name exists: ARNs carry names so (see `arns`)."""
    row = database.one(
        f"SELECT 1 FROM {table} WHERE account_id = ? AND region = ? AND lower(name) = ?",
        (scope.account_id, scope.region, lowered_name),
    )
    return row is not None
