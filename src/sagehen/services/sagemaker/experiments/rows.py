"""Rows of experiments, trials and components, read and written within a transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.experiments import errors
from sagehen.services.sagemaker.experiments.entity import COMPONENT, TRIAL, Entity, Kind
from sagehen.services.sagemaker.experiments.schema import LINKS
from sagehen.services.sagemaker.resources.errors import ResourceLimitExceeded
from sagehen.services.sagemaker.resources.rows import KEY, bounded_json, key, moment, scope_of, to_json
from sagehen.store.database import Row, Transaction

# Ours.
MOST_COMPONENTS_OF_TRIAL = 300


def find(tx: Transaction, kind: Kind, scope: Scope, name: str) -> Entity | None:
    """Return one, or None."""
    row = tx.execute(f"SELECT * FROM {kind.table} WHERE {KEY}", key(scope, name)).fetchone()
    return None if row is None else read(kind, row)


def require(tx: Transaction, kind: Kind, scope: Scope, name: str) -> Entity:
    """Return one.

    Raises:
        ResourceNotFound: There is none.
    """
    if (entity := find(tx, kind, scope, name)) is None:
        raise errors.missing(kind, name)
    return entity


def store(tx: Transaction, entity: Entity) -> None:
    """Store one, in the place of what has its name.

    It is the platform that does: what it adds has bounds of its own, and what its owner put beside must not
    keep a job from its end.
    """
    row = (*_head(entity), to_json(entity.members))
    tx.execute(f"REPLACE INTO {entity.kind.table} VALUES ({', '.join('?' * len(row))})", row)


def update(
    tx: Transaction, kind: Kind, scope: Scope, name: str, now: datetime, members: Mapping[str, Any]
) -> None:
    """Set members of one; where there is none, nothing happens."""
    if (entity := find(tx, kind, scope, name)) is not None:
        store(tx, replace(entity, modified_at=now, members={**entity.members, **members}))


def put_into_trial(tx: Transaction, scope: Scope, trial: str, component: str) -> tuple[Entity, Entity]:
    """Put a component into a trial; twice is no fault. Returns both.

    Raises:
        ResourceNotFound: There is none.
        ResourceLimitExceeded: The trial has too many.
    """
    both = require(tx, TRIAL, scope, trial), require(tx, COMPONENT, scope, component)
    tx.execute(f"INSERT OR IGNORE INTO {LINKS} VALUES (?, ?, ?, ?)", (*key(scope, trial), component))
    where = KEY.replace("name", "trial")
    (count,) = tx.execute(f"SELECT count(*) FROM {LINKS} WHERE {where}", key(scope, trial)).fetchone()
    if count > MOST_COMPONENTS_OF_TRIAL:
        raise ResourceLimitExceeded(f"A trial can have at most {MOST_COMPONENTS_OF_TRIAL} trial components.")
    return both


def values(entity: Entity) -> tuple[str | float, ...]:
    """Return the columns of one, in their order.

    Raises:
        ValidationException: Its members are too long.
    """
    return (*_head(entity), bounded_json(entity.members, entity.kind.word))


def _head(entity: Entity) -> tuple[str | float, ...]:
    return (
        *key(entity.scope, entity.name), entity.created_at.timestamp(), entity.modified_at.timestamp(),
        entity.experiment,
    )  # fmt: skip


def read(kind: Kind, row: Row) -> Entity:
    """Return the one that a row is."""
    return Entity(
        kind, scope_of(row), row["name"], moment(row["created_at"]), moment(row["modified_at"]),
        row["experiment"], json.loads(row["members"]),
    )  # fmt: skip
