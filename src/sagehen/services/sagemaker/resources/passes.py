"""Passes: presigned URLs, and the sessions that they open. Of a bearer's text only the digest is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sagehen.domain.identity import Principal
from sagehen.domain.principal_text import from_json, to_json
from sagehen.store.database import Database, Row, Transaction

Kind = Literal["url", "session"]
# Ours, of one owner and kind; the first to end make room.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Pass:
    """A presigned URL, or a session.

    Args:
        principal: Who asked for the URL.
        expires_at: Aware, by the machine's clock.
        session_s: How long a session lives that the URL opens.
    """

    principal: Principal
    expires_at: datetime
    session_s: int


def table_of(name: str, owner: str) -> str:
    """Return the step of a migration that makes such a table.

    Args:
        owner: The column of what they let into. A session may be older than the platform's life that it was
            opened in: a browser's tab stays open.
    """
    return f"""
    CREATE TABLE {name} (
        digest TEXT PRIMARY KEY, kind TEXT NOT NULL, {owner} TEXT NOT NULL,
        principal TEXT NOT NULL, expires_at REAL NOT NULL, session_s INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX {name}_of ON {name} ({owner}, kind, expires_at);
    """


class Passes:
    """Reads and writes of one table of them.

    Args:
        owner: Its column; its values name what is never another's, not even of one that had the name.
    """

    def __init__(self, database: Database, table: str, owner: str) -> None:
        self._database = database
        self._table = table
        self._owner = owner
        self._which = f"digest = ? AND kind = ? AND {owner} = ?"

    def find(self, owner: str, kind: Kind, text: str, now: datetime) -> Pass | None:
        """Return the pass of that text, or None: of none other, of none that is over."""
        row = self._database.one(
            f"SELECT * FROM {self._table} WHERE {self._which} AND expires_at > ?",
            (_digest(text), kind, owner, now.timestamp()),
        )
        return None if row is None else _read(row, now)

    async def redeem(self, owner: str, text: str, now: datetime) -> Pass | None:
        """Return the URL of that text and forget it, or None."""

        def take(tx: Transaction) -> Pass | None:
            row = tx.execute(
                f"DELETE FROM {self._table} WHERE {self._which} RETURNING *", (_digest(text), "url", owner)
            ).fetchone()
            return None if row is None or row["expires_at"] <= now.timestamp() else _read(row, now)

        return await self._database.write(take)

    async def add(self, owner: str, kind: Kind, text: str, made: Pass, now: datetime) -> None:
        """Keep one; those that are over go, and the first to end where there are too many."""
        of_owner = f"{self._owner} = ?"

        def insert(tx: Transaction) -> None:
            tx.execute(
                f"DELETE FROM {self._table} WHERE {of_owner} AND expires_at <= ?", (owner, now.timestamp())
            )
            tx.execute(
                f"DELETE FROM {self._table} WHERE digest IN (SELECT digest FROM {self._table}"
                f" WHERE {of_owner} AND kind = ? ORDER BY expires_at DESC LIMIT -1 OFFSET ?)",
                (owner, kind, _MOST - 1),
            )
            row = (
                _digest(text), kind, owner, to_json(made.principal), made.expires_at.timestamp(),
                made.session_s,
            )  # fmt: skip
            tx.execute(f"INSERT INTO {self._table} VALUES (?, ?, ?, ?, ?, ?)", row)

        await self._database.write(insert)

    async def forget(self, owner: str) -> None:
        """Forget all of an owner that is no more."""
        await self._database.write(
            lambda tx: tx.execute(f"DELETE FROM {self._table} WHERE {self._owner} = ?", (owner,))
        )


def _read(row: Row, now: datetime) -> Pass:
    expires_at = datetime.fromtimestamp(row["expires_at"], now.tzinfo)
    return Pass(from_json(row["principal"]), expires_at, row["session_s"])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
