"""The rows of entities; `policies.records`, `objects.records` and `sessions.records` hold the rest.

`Records.generation` changes with every committed change, which is what caches compare.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.errors import DeleteConflict, EntityAlreadyExists, NoSuchEntity
from sagehen.store.database import Database, Row, Transaction

T = TypeVar("T")

_COLUMNS = (
    "account_id, kind, name, path, unique_id, created_at, updated_at, description, trust_policy,"
    " trust_principals, max_session_s, boundary_arn, default_version, tags, last_used_at, last_used_region"
)
# AWS's sentences of what is not there, and of what is there already: recorded.
_NOUNS = {
    Kind.USER: "The user with name {} cannot be found.",
    Kind.GROUP: "The group with name {} cannot be found.",
    Kind.ROLE: "The role with name {} cannot be found.",
    Kind.INSTANCE_PROFILE: "Instance Profile {} cannot be found.",
    Kind.POLICY: "Policy {} was not found.",
}
_TAKEN = {
    Kind.USER: "User with name {} already exists.",
    Kind.GROUP: "Group with name {} already exists.",
    Kind.ROLE: "Role with name {} already exists.",
    Kind.INSTANCE_PROFILE: "Instance Profile {} already exists.",
    Kind.POLICY: "A policy called {} already exists. Duplicate names are not allowed.",
}


def when(seconds: float | None) -> datetime | None:
    """Return a moment in UTC of seconds since the epoch, None of None."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _entity(row: Row) -> Entity:
    return Entity(
        account_id=row["account_id"],
        kind=Kind(row["kind"]),
        name=row["name"],
        path=row["path"],
        unique_id=row["unique_id"],
        created_at=datetime.fromtimestamp(row["created_at"], UTC),
        updated_at=datetime.fromtimestamp(row["updated_at"], UTC),
        description=row["description"],
        trust_policy=row["trust_policy"],
        trust_principals=json.loads(row["trust_principals"]),
        max_session_s=row["max_session_s"],
        boundary_arn=row["boundary_arn"],
        default_version=row["default_version"],
        tags=json.loads(row["tags"]),
        last_used_at=when(row["last_used_at"]),
        last_used_region=row["last_used_region"],
    )


class Records:
    """Entities by account, kind and name; changes go through `write`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.generation = 0

    def changed(self) -> None:
        """Make every cache that compares `generation` look again."""
        self.generation += 1

    async def write(self, change: Callable[[Transaction], T]) -> T:
        """Commit a change, then tell the caches; also where the caller was cancelled meanwhile."""
        task = asyncio.ensure_future(self.database.write(change))
        task.add_done_callback(lambda done: self.changed())
        return await asyncio.shield(task)

    # --- reading ---------------------------------------------------------------------------

    def find(self, account_id: str, kind: Kind, name: str) -> Entity | None:
        """Return an entity or None; the name is compared without case, as IAM does."""
        row = self.database.one(
            f"SELECT {_COLUMNS} FROM iam_entities WHERE account_id = ? AND kind = ? AND name = ?",
            (account_id, kind.value, name),
        )
        return None if row is None else _entity(row)

    def get(self, account_id: str, kind: Kind, name: str) -> Entity:
        """Return an entity.

        Raises:
            NoSuchEntity
        """
        entity = self.find(account_id, kind, name)
        if entity is None:
            raise NoSuchEntity(_NOUNS[kind].format(name))
        return entity

    def by_id(self, unique_id: str) -> Entity | None:
        """Return the entity of a unique id (`AIDA…`), which no rename and no namesake changes."""
        row = self.database.one(f"SELECT {_COLUMNS} FROM iam_entities WHERE unique_id = ?", (unique_id,))
        return None if row is None else _entity(row)

    def by_arn(self, arn: str) -> Entity | None:
        """Return the entity whose ARN this is, path included."""
        parts = arn.split(":", 5)
        if len(parts) != 6 or parts[2] != "iam":
            return None
        kind, _, rest = parts[5].partition("/")
        if kind not in Kind._value2member_map_:
            return None
        entity = self.find(parts[4], Kind(kind), rest.rpartition("/")[2])
        return entity if entity is not None and entity.arn == arn else None

    def under(self, account_id: str, kind: Kind, path_prefix: str = "/") -> list[Entity]:
        """Return the entities under a path, by name."""
        rows = self.database.all(
            f"SELECT {_COLUMNS} FROM iam_entities WHERE account_id = ? AND kind = ?"
            " AND substr(path, 1, ?) = ? ORDER BY name",
            (account_id, kind.value, len(path_prefix), path_prefix),
        )
        return [_entity(row) for row in rows]

    def members(self, container: Entity) -> list[Entity]:
        """Return the users of a group, or the roles of an instance profile."""
        return self._joined("m.member_id = e.unique_id AND m.container_id = ?", container)

    def containers(self, member: Entity) -> list[Entity]:
        """Return the groups of a user, or the instance profiles of a role."""
        return self._joined("m.container_id = e.unique_id AND m.member_id = ?", member)

    def _joined(self, condition: str, entity: Entity) -> list[Entity]:
        rows = self.database.all(
            f"SELECT e.* FROM iam_entities e JOIN iam_members m ON {condition} ORDER BY e.name",
            (entity.unique_id,),
        )
        return [_entity(row) for row in rows]

    def count(self, account_id: str, kind: Kind) -> int:
        """Return how many entities of a kind an account has, for GetAccountSummary."""
        row = self.database.one(
            "SELECT count(*) FROM iam_entities WHERE account_id = ? AND kind = ?",
            (account_id, kind.value),
        )
        return row[0] if row else 0

    def bounded_by(self, policy_arn: str) -> list[Entity]:
        """Return the users and roles that have this policy as their boundary."""
        rows = self.database.all(
            f"SELECT {_COLUMNS} FROM iam_entities WHERE boundary_arn = ? ORDER BY name", (policy_arn,)
        )
        return [_entity(row) for row in rows]

    def alias(self, account_id: str) -> str | None:
        """Return the account's alias; an account has one at most."""
        row = self.database.one("SELECT alias FROM iam_account_aliases WHERE account_id = ?", (account_id,))
        return row["alias"] if row else None

    def account_made_at(self, account_id: str) -> datetime | None:
        """Return when the account was first seen."""
        row = self.database.one("SELECT at FROM iam_bootstrapped WHERE account_id = ?", (account_id,))
        return when(row["at"]) if row else None

    # --- writing ---------------------------------------------------------------------------

    @staticmethod
    def insert(tx: Transaction, entity: Entity) -> None:
        """Store a new entity.

        Raises:
            EntityAlreadyExists
        """
        taken = tx.execute(
            "SELECT 1 FROM iam_entities WHERE account_id = ? AND kind = ? AND name = ?",
            (entity.account_id, entity.kind.value, entity.name),
        ).fetchone()
        if taken:
            raise EntityAlreadyExists(_TAKEN[entity.kind].format(entity.name))
        tx.execute(
            f"INSERT INTO iam_entities ({_COLUMNS}) VALUES ({', '.join('?' * 16)})",
            (entity.account_id, entity.kind.value, *_changeable(entity)),
        )

    @staticmethod
    def update(tx: Transaction, unique_id: str, **changes: Any) -> Entity:
        """Replace fields of an entity as it is inside this transaction, and return it.

        Raises:
            NoSuchEntity: It was deleted meanwhile.
            EntityAlreadyExists: The new name is taken.
        """
        row = tx.execute(f"SELECT {_COLUMNS} FROM iam_entities WHERE unique_id = ?", (unique_id,)).fetchone()
        if row is None:
            raise NoSuchEntity("The entity cannot be found.")
        entity = replace(_entity(row), **changes)
        twin = tx.execute(
            "SELECT unique_id FROM iam_entities WHERE account_id = ? AND kind = ? AND name = ?",
            (entity.account_id, entity.kind.value, entity.name),
        ).fetchone()
        if twin is not None and twin["unique_id"] != unique_id:
            raise EntityAlreadyExists(_TAKEN[entity.kind].format(entity.name))
        tx.execute("DELETE FROM iam_entities WHERE unique_id = ?", (unique_id,))
        tx.execute(
            f"INSERT INTO iam_entities ({_COLUMNS}) VALUES ({', '.join('?' * 16)})",
            (entity.account_id, entity.kind.value, *_changeable(entity)),
        )
        return entity

    @staticmethod
    def delete(tx: Transaction, entity: Entity) -> None:
        """Delete the entity's own row alone: `require_unused` says first what hangs on it."""
        tx.execute("DELETE FROM iam_entities WHERE unique_id = ?", (entity.unique_id,))

    @classmethod
    def require_unused(
        cls, tx: Transaction, unique_id: str, conflicts: Sequence[tuple[str, str, str]]
    ) -> None:
        """Refuse to delete what rows of other tables still hang on.

        Args:
            tx: The transaction that is to delete it.
            unique_id: Of the entity.
            conflicts: (table, its column with the id, what must be done first), in AWS's order.

        Raises:
            DeleteConflict: For the first table that has such a row.
        """
        for table, column, cure in conflicts:
            if cls.exists(tx, table, column, unique_id):
                raise DeleteConflict(f"Cannot delete entity, {cure}")

    @staticmethod
    def exists(tx: Transaction, table: str, column: str, value: str) -> bool:
        """Tell, inside a transaction, whether a table of ours has such a row."""
        found = tx.execute(f"SELECT 1 FROM {table} WHERE {column} = ? LIMIT 1", (value,)).fetchone()
        return found is not None


def _changeable(entity: Entity) -> tuple[Any, ...]:
    """Return the column values after account_id and kind."""
    return (
        entity.name,
        entity.path,
        entity.unique_id,
        entity.created_at.timestamp(),
        entity.updated_at.timestamp(),
        entity.description,
        entity.trust_policy,
        json.dumps(dict(entity.trust_principals)),
        entity.max_session_s,
        entity.boundary_arn,
        entity.default_version,
        json.dumps(dict(entity.tags)),
        entity.last_used_at.timestamp() if entity.last_used_at else None,
        entity.last_used_region,
    )
