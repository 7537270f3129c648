"""Keys, materials, aliases and grants as SQLite holds them.

Material is stored as it is: the data folder is its owner's alone (0700), and a key that encrypted
it would have to lie beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sagehen.domain.scope import Scope
from sagehen.services.kms.errors import AlreadyExistsException, no_such_key
from sagehen.services.kms.keys.key import Key, from_document, to_document
from sagehen.store.database import Database, Row, Transaction

MIGRATIONS = (
    """
    CREATE TABLE kms_keys (
        id TEXT PRIMARY KEY, account_id TEXT NOT NULL, region TEXT NOT NULL, document TEXT NOT NULL);
    CREATE INDEX kms_keys_by_scope ON kms_keys (account_id, region, id);
    CREATE TABLE kms_materials (
        id TEXT PRIMARY KEY, key_id TEXT NOT NULL REFERENCES kms_keys (id) ON DELETE CASCADE,
        secret BLOB NOT NULL, made_at TEXT NOT NULL, reason TEXT NOT NULL);
    CREATE INDEX kms_materials_by_key ON kms_materials (key_id, made_at);
    CREATE TABLE kms_aliases (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        key_id TEXT NOT NULL REFERENCES kms_keys (id) ON DELETE CASCADE,
        created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)) WITHOUT ROWID;
    CREATE TABLE kms_grants (
        id TEXT PRIMARY KEY, key_id TEXT NOT NULL REFERENCES kms_keys (id) ON DELETE CASCADE,
        token TEXT NOT NULL UNIQUE, document TEXT NOT NULL);
    CREATE INDEX kms_grants_by_key ON kms_grants (key_id, id);
    """,
)
_ALIAS = "SELECT * FROM kms_aliases WHERE account_id = ? AND region = ? AND name = ?"


@dataclass(frozen=True, slots=True)
class Material:
    """One generation of a key's secret.

    `reason`: `CREATED`, `IMPORTED` with a digest, `AUTOMATIC` or `ON_DEMAND`.
    """

    id: str
    secret: bytes
    made_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Alias:
    """`name` with its prefix `alias/`."""

    scope: Scope
    name: str
    key_id: str
    created_at: datetime
    updated_at: datetime

    @property
    def arn(self) -> str:
        return self.scope.arn("kms", self.name)


def _key(row: Row) -> Key:
    return from_document(Scope(row["account_id"], row["region"]), row["id"], json.loads(row["document"]))


def _alias(row: Row) -> Alias:
    return Alias(
        Scope(row["account_id"], row["region"]),
        row["name"],
        row["key_id"],
        datetime.fromisoformat(row["created_at"]),
        datetime.fromisoformat(row["updated_at"]),
    )


class KeyRecords:
    """All SQL about keys, their materials and aliases.

    Attributes:
        generation: Rises with every change: what is made of records is good as long as it stands.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.generation = 0

    # --- keys ------------------------------------------------------------------------------

    def key(self, key_id: str) -> Key | None:
        """Return a key by its id, whosoever it is and in whichever region."""
        row = self.database.one("SELECT * FROM kms_keys WHERE id = ?", (key_id,))
        return _key(row) if row else None

    def keys(self, scope: Scope) -> list[Key]:
        """Return an account's keys in a region, by id."""
        rows = self.database.all(
            "SELECT * FROM kms_keys WHERE account_id = ? AND region = ? ORDER BY id",
            (scope.account_id, scope.region),
        )
        return [_key(row) for row in rows]

    def every_key(self) -> list[Key]:
        """Return the keys of all accounts and regions, for what the clock does to them."""
        return [_key(row) for row in self.database.all("SELECT * FROM kms_keys")]

    async def add(self, key: Key, material: Material | None, alias: str | None = None) -> None:
        """Store a new key with its first material and alias; keys for imports begin without material."""

        def insert(tx: Transaction) -> None:
            tx.execute(
                "INSERT INTO kms_keys VALUES (?, ?, ?, ?)",
                (key.id, key.scope.account_id, key.scope.region, json.dumps(to_document(key))),
            )
            if material is not None:
                _put_material(tx, key.id, material)
            if alias is not None:
                _put_alias(tx, Alias(key.scope, alias, key.id, key.created_at, key.created_at))

        await self.database.write(insert)
        self.generation += 1

    async def change(self, key: Key, change: Callable[[Key], Key], material: Material | None = None) -> Key:
        """Change a key's record in one transaction, and add a generation of material.

        Args:
            key: Which.
            change: Returns what becomes of the record as it is by then, or raises.

        Raises:
            NotFoundException: It was deleted meanwhile.
        """

        def update(tx: Transaction) -> Key:
            row = tx.execute("SELECT * FROM kms_keys WHERE id = ?", (key.id,)).fetchone()
            if row is None:
                raise no_such_key(key.arn)
            changed = change(_key(row))
            tx.execute(
                "UPDATE kms_keys SET document = ? WHERE id = ?", (json.dumps(to_document(changed)), key.id)
            )
            if material is not None:
                _put_material(tx, key.id, material)
            return changed

        changed = await self.database.write(update)
        self.generation += 1
        return changed

    async def delete(self, key_id: str) -> None:
        """Delete a key with its materials, aliases and grants."""
        await self.database.execute("DELETE FROM kms_keys WHERE id = ?", (key_id,))
        self.generation += 1

    def has_grant(self, token: str) -> bool:
        """Tell whether a grant token is one."""
        return self.database.one("SELECT 1 FROM kms_grants WHERE token = ?", (token,)) is not None

    # --- materials -------------------------------------------------------------------------

    def material(self, material_id: str) -> tuple[str, Material] | None:
        """Return (key id, material)."""
        row = self.database.one("SELECT * FROM kms_materials WHERE id = ?", (material_id,))
        return (row["key_id"], _material(row)) if row else None

    def materials(self, key_id: str) -> list[Material]:
        """Return a key's materials, oldest first."""
        rows = self.database.all(
            "SELECT * FROM kms_materials WHERE key_id = ? ORDER BY made_at, id", (key_id,)
        )
        return [_material(row) for row in rows]

    # --- aliases ---------------------------------------------------------------------------

    def alias(self, scope: Scope, name: str) -> Alias | None:
        """Return an alias by its name with `alias/`, or None."""
        row = self.database.one(_ALIAS, (scope.account_id, scope.region, name))
        return _alias(row) if row else None

    def aliases(self, scope: Scope) -> list[Alias]:
        """Return an account's aliases in a region, by name."""
        rows = self.database.all(
            "SELECT * FROM kms_aliases WHERE account_id = ? AND region = ? ORDER BY name",
            (scope.account_id, scope.region),
        )
        return [_alias(row) for row in rows]

    async def add_alias(self, alias: Alias) -> None:
        """Store a new alias.

        Raises:
            AlreadyExistsException: There is one of that name.
        """

        def insert(tx: Transaction) -> None:
            if tx.execute(_ALIAS, (alias.scope.account_id, alias.scope.region, alias.name)).fetchone():
                raise AlreadyExistsException(f"An alias with the name {alias.arn} already exists")
            _put_alias(tx, alias)

        await self.database.write(insert)
        self.generation += 1

    async def put_alias(self, alias: Alias) -> None:
        """Store an alias, or point the one of that name at another key."""
        await self.database.write(lambda tx: _put_alias(tx, alias))
        self.generation += 1

    async def delete_alias(self, alias: Alias) -> None:
        """Delete an alias; its key stays."""
        await self.database.execute(
            "DELETE FROM kms_aliases WHERE account_id = ? AND region = ? AND name = ?",
            (alias.scope.account_id, alias.scope.region, alias.name),
        )
        self.generation += 1

    def alias_names(self, key: Key) -> Sequence[str]:
        """Return the names of a key's aliases, for the key kms:ResourceAliases."""
        rows = self.database.all(
            "SELECT name FROM kms_aliases WHERE account_id = ? AND region = ? AND key_id = ? ORDER BY name",
            (key.scope.account_id, key.scope.region, key.id),
        )
        return [row["name"] for row in rows]


def _material(row: Row) -> Material:
    return Material(row["id"], row["secret"], datetime.fromisoformat(row["made_at"]), row["reason"])


def _put_material(tx: Transaction, key_id: str, material: Material) -> None:
    tx.execute(
        "INSERT OR REPLACE INTO kms_materials VALUES (?, ?, ?, ?, ?)",
        (material.id, key_id, material.secret, material.made_at.isoformat(), material.reason),
    )


def _put_alias(tx: Transaction, alias: Alias) -> None:
    tx.execute(
        "INSERT INTO kms_aliases VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET key_id = excluded.key_id, updated_at = excluded.updated_at",
        (
            alias.scope.account_id,
            alias.scope.region,
            alias.name,
            alias.key_id,
            alias.created_at.isoformat(),
            alias.updated_at.isoformat(),
        ),
    )
