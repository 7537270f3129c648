"""Rows of lineage, read and written within a transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.lineage.entity import Entity, Kind
from sagehen.services.sagemaker.lineage.schema import ASSOCIATIONS
from sagehen.services.sagemaker.resources.rows import bounded_json, key, moment, scope_of
from sagehen.store.database import Row, Transaction

BY_ARN = "account_id = ? AND region = ? AND lower(name) = ?"
EDGE = "account_id = ? AND region = ? AND source = ? AND destination = ?"


@dataclass(frozen=True, slots=True)
class Association:
    """That something came of something else. Both are ARNs.

    Args:
        source_type, destination_type: As listings tell them.
        created_at: In seconds since the epoch.
        created_by: A UserContext; empty where the platform made it.
    """

    scope: Scope
    source: str
    destination: str
    source_type: str
    destination_type: str
    type: str
    created_at: float
    automatic: bool
    created_by: Mapping[str, Any]


def find(tx: Transaction, kind: Kind, scope: Scope, lowered: str) -> Entity | None:
    """Return one by its name as ARNs carry it, or None."""
    row = tx.execute(f"SELECT * FROM {kind.table} WHERE {BY_ARN}", key(scope, lowered.lower())).fetchone()
    return None if row is None else read(kind, row)


def ensure(tx: Transaction, entity: Entity) -> Entity:
    """Store one where there is none of its name (documented: existing ones are reused); return which is."""
    found = find(tx, entity.kind, entity.scope, entity.name)
    if found is None:
        row = values(entity)
        tx.execute(f"INSERT INTO {entity.kind.table} VALUES ({', '.join('?' * len(row))})", row)
    return found or entity


def associate(tx: Transaction, association: Association) -> bool:
    """Store an association; return whether there was none between the two."""
    row = (
        association.scope.account_id, association.scope.region, association.source, association.destination,
        association.source_type, association.destination_type, association.type, association.created_at,
        association.automatic, json.dumps(association.created_by),
    )  # fmt: skip
    sql = f"INSERT OR IGNORE INTO {ASSOCIATIONS} VALUES ({', '.join('?' * len(row))})"
    return tx.execute(sql, row).rowcount > 0


def forget_associations(tx: Transaction, scope: Scope, arn: str) -> None:
    """Take one out of the graph, as it is no more."""
    for end in ("source", "destination"):
        tx.execute(
            f"DELETE FROM {ASSOCIATIONS} WHERE account_id = ? AND region = ? AND {end} = ?",
            (scope.account_id, scope.region, arn),
        )


def values(entity: Entity) -> tuple[str | float, ...]:
    """Return the columns of one, in their order."""
    members = bounded_json({"Source": entity.source, **entity.members}, entity.kind.word)
    return (
        *key(entity.scope, entity.name), entity.created_at.timestamp(), entity.modified_at.timestamp(),
        entity.source["SourceUri"], entity.type, entity.automatic, members,
    )  # fmt: skip


def read(kind: Kind, row: Row) -> Entity:
    """Return the one that a row is."""
    members = json.loads(row["members"])
    source = members.pop("Source")
    return Entity(
        kind, scope_of(row), row["name"], moment(row["created_at"]), moment(row["modified_at"]), row["type"],
        source, bool(row["automatic"]), members,
    )  # fmt: skip
