"""The SQL of presigned URLs and the sessions that they open. Of a bearer's text only the digest is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sagehen.domain.identity import Principal
from sagehen.domain.principal_text import from_json, to_json
from sagehen.store.database import Database, Row, Transaction

_TABLE = "sagemaker_tracking_passes"
MIGRATIONS = (
    f"""
    CREATE TABLE {_TABLE} (
        digest TEXT PRIMARY KEY, kind TEXT NOT NULL, server TEXT NOT NULL,
        principal TEXT NOT NULL, expires_at REAL NOT NULL, session_s INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX {_TABLE}_of ON {_TABLE} (server, kind, expires_at);
    """,
)
Kind = Literal["url", "session"]
# Ours, of one server and kind; the first to end make room.
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


class PassRecords:
    """Reads and writes of passes. A server is named by its id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def session(self, server: str, text: str, now: datetime) -> Pass | None:
        """Return the session of that text, or None: of none other, of none that is over."""
        row = self._database.one(
            f"SELECT * FROM {_TABLE} WHERE digest = ? AND kind = 'session' AND server = ? AND expires_at > ?",
            (_digest(text), server, now.timestamp()),
        )
        return None if row is None else _read(row, now)

    async def redeem(self, server: str, text: str, now: datetime) -> Pass | None:
        """Return the URL of that text and forget it (documented: "can be used only once"), or None."""

        def take(tx: Transaction) -> Pass | None:
            row = tx.execute(
                f"DELETE FROM {_TABLE} WHERE digest = ? AND kind = 'url' AND server = ? RETURNING *",
                (_digest(text), server),
            ).fetchone()
            return None if row is None or row["expires_at"] <= now.timestamp() else _read(row, now)

        return await self._database.write(take)

    async def add(self, server: str, kind: Kind, text: str, made: Pass, now: datetime) -> None:
        """Keep one; those that are over go, and the first to end where there are too many."""

        def insert(tx: Transaction) -> None:
            tx.execute(
                f"DELETE FROM {_TABLE} WHERE server = ? AND expires_at <= ?", (server, now.timestamp())
            )
            tx.execute(
                f"DELETE FROM {_TABLE} WHERE digest IN (SELECT digest FROM {_TABLE}"
                " WHERE server = ? AND kind = ? ORDER BY expires_at DESC LIMIT -1 OFFSET ?)",
                (server, kind, _MOST - 1),
            )
            row = (
                _digest(text), kind, server, to_json(made.principal), made.expires_at.timestamp(),
                made.session_s,
            )  # fmt: skip
            tx.execute(f"INSERT INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?)", row)

        await self._database.write(insert)

    async def forget(self, server: str) -> None:
        """Forget all of a server that is no more."""
        await self._database.write(lambda tx: tx.execute(f"DELETE FROM {_TABLE} WHERE server = ?", (server,)))


def _read(row: Row, now: datetime) -> Pass:
    expires_at = datetime.fromtimestamp(row["expires_at"], now.tzinfo)
    return Pass(from_json(row["principal"]), expires_at, row["session_s"])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
