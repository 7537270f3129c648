"""Temporary credentials, in the database until a day after they expired.

They are stored rather than made self-contained: an indexed read costs less than a decryption, a
token that was never issued cannot be forged, and a reset ends every session at once.
"""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sagehen.domain.clock import Clock
from sagehen.domain.identity import Credentials, Principal, SigningKey
from sagehen.domain.ids import Ids
from sagehen.domain.principal_text import from_json, to_json
from sagehen.store.database import Database, Transaction

# For so long an expired key is answered with ExpiredToken rather than as unknown.
_KEPT_AFTER_EXPIRY = timedelta(days=1)
# But of no more than so many: a busy platform makes a session for every environment and job.
_EXPIRED_KEPT = 10_000
# Rows that one transaction of a sweep deletes: a few milliseconds for who waits to write.
_SLICE = 1_000
_TOKEN_ALPHABET = string.ascii_letters + string.digits + "+/"
# In characters; AWS promises no fixed length (documented: STS API Reference, Credentials).
_TOKEN_LENGTH = 256


class SessionRecords:
    """Sessions by access key id."""

    def __init__(self, database: Database, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    async def open(self, principal: Principal, duration_s: int, token_size: int = 0) -> SigningKey:
        """Make a session; it outlives a restart from the moment this returns.

        The key is an `ASIA…` with a token that means nothing outside the session's record.

        Args:
            principal: Whose; when it was issued and its key are added.
            duration_s: How long it lives, in seconds.
            token_size: How many bytes the token has at least, for who rehearses long ones.
        """
        now = self._clock.now()
        # Whole seconds: that is all the wire carries.
        expiration = now.replace(microsecond=0) + timedelta(seconds=duration_s)
        token = self._ids.text(max(_TOKEN_LENGTH, token_size), _TOKEN_ALPHABET)
        credentials = Credentials(
            self._ids.unique_id("ASIA"), self._ids.secret_access_key(), token, expiration
        )
        made = replace(principal, issued_at=now, access_key_id=credentials.access_key_id)
        await self._database.execute(
            "INSERT INTO iam_sessions VALUES (?, ?, ?, ?, ?)",
            (
                credentials.access_key_id,
                credentials.secret_access_key,
                token,
                to_json(made),
                expiration.timestamp(),
            ),
        )
        return SigningKey(credentials, made)

    def find(self, access_key_id: str) -> SigningKey | None:
        """Return a session's key, expired ones too, for a day: their users are told that they expired."""
        row = self._database.one("SELECT * FROM iam_sessions WHERE access_key_id = ?", (access_key_id,))
        if row is None:
            return None
        credentials = Credentials(
            row["access_key_id"],
            row["secret"],
            row["token"],
            datetime.fromtimestamp(row["expires_at"], UTC),
        )
        return SigningKey(credentials, from_json(row["principal"]))

    async def close(self, access_key_id: str) -> None:
        """End a session: its key is unknown from then on."""
        await self._database.execute("DELETE FROM iam_sessions WHERE access_key_id = ?", (access_key_id,))

    async def sweep(self, now: datetime) -> int:
        """Delete what expired long ago, and of what expired lately all but the last of a fixed number.

        Returns:
            How many rows went. Each transaction deletes few: other writes wait behind them.
        """
        limit = (now - _KEPT_AFTER_EXPIRY).timestamp()
        newest_kept = self._database.one(
            "SELECT expires_at FROM iam_sessions WHERE expires_at < ? ORDER BY expires_at DESC"
            " LIMIT 1 OFFSET ?",
            (now.timestamp(), _EXPIRED_KEPT - 1),
        )
        if newest_kept is not None:
            limit = max(limit, newest_kept["expires_at"])
        gone = 0
        while True:
            deleted = await self._database.write(lambda tx: _delete_some(tx, limit))
            gone += deleted
            if deleted < _SLICE:
                return gone


def _delete_some(tx: Transaction, limit: float) -> int:
    sql = (
        "DELETE FROM iam_sessions WHERE access_key_id IN"
        " (SELECT access_key_id FROM iam_sessions WHERE expires_at < ? LIMIT ?)"
    )
    deleted: int = tx.execute(sql, (limit, _SLICE)).rowcount
    return deleted
