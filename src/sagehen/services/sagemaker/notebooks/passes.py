"""The SQL of presigned URLs and the sessions that they open. Of a bearer's text only the digest is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sagehen.domain.identity import Principal
from sagehen.domain.principal_text import from_json, to_json
from sagehen.services.sagemaker.notebooks.instance import NotebookInstance
from sagehen.store.database import Database, Transaction

# A session may be older than the platform's life that it was opened in: a browser's tab stays open.
MIGRATIONS = (
    """
    CREATE TABLE sagemaker_notebook_passes (
        digest TEXT PRIMARY KEY, kind TEXT NOT NULL, volume_id TEXT NOT NULL,
        principal TEXT NOT NULL, expires_at REAL NOT NULL, session_s INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX sagemaker_notebook_passes_of
        ON sagemaker_notebook_passes (volume_id, kind, expires_at);
    """,
)
Kind = Literal["url", "session"]
# Ours, of one notebook instance and kind; the first to end make room.
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
    """Reads and writes of passes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, instance: NotebookInstance, kind: Kind, text: str, now: datetime) -> Pass | None:
        """Return the pass of that text for that instance, or None: of none other, of none that is over."""
        row = self._database.one(
            "SELECT * FROM sagemaker_notebook_passes"
            " WHERE digest = ? AND kind = ? AND volume_id = ? AND expires_at > ?",
            (_digest(text), kind, instance.volume_id, now.timestamp()),
        )
        if row is None:
            return None
        expires_at = datetime.fromtimestamp(row["expires_at"], now.tzinfo)
        return Pass(from_json(row["principal"]), expires_at, row["session_s"])

    async def add(self, instance: NotebookInstance, kind: Kind, text: str, made: Pass, now: datetime) -> None:
        """Keep one; those that are over go, and the first to end where there are too many."""

        def insert(tx: Transaction) -> None:
            tx.execute(
                "DELETE FROM sagemaker_notebook_passes WHERE volume_id = ? AND expires_at <= ?",
                (instance.volume_id, now.timestamp()),
            )
            tx.execute(
                "DELETE FROM sagemaker_notebook_passes WHERE digest IN (SELECT digest"
                " FROM sagemaker_notebook_passes WHERE volume_id = ? AND kind = ?"
                " ORDER BY expires_at DESC LIMIT -1 OFFSET ?)",
                (instance.volume_id, kind, _MOST - 1),
            )
            tx.execute(
                "INSERT INTO sagemaker_notebook_passes VALUES (?, ?, ?, ?, ?, ?)",
                (
                    _digest(text), kind, instance.volume_id,
                    to_json(made.principal), made.expires_at.timestamp(), made.session_s,
                ),
            )  # fmt: skip

        await self._database.write(insert)


def delete_passes(tx: Transaction, volume_id: str) -> None:
    """Forget the passes of an instance within the transaction that removes it."""
    tx.execute("DELETE FROM sagemaker_notebook_passes WHERE volume_id = ?", (volume_id,))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
