"""The rows of IAM's smaller things: what hangs on a user or on the account and no decision looks at often.

One table of JSON bodies by account, kind and name; `owner_id` is the unique id of the user that a
thing belongs to, '' where it belongs to the account.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from sagehen.services.iam.entities.records import Records
from sagehen.store.database import Row, Transaction


class ObjectKind(Enum):
    """What a row is; the value is stored, and may not change."""

    SERVICE_CREDENTIAL = "service-specific-credential"
    LOGIN_PROFILE = "login-profile"
    PASSWORD_POLICY = "password-policy"  # noqa: S105
    MFA_DEVICE = "mfa"
    OIDC_PROVIDER = "oidc-provider"
    SAML_PROVIDER = "saml-provider"
    DELETION_TASK = "deletion-task"


@dataclass(frozen=True, slots=True)
class Stored:
    """One row. `body` holds what the kind needs; moments are seconds since the epoch."""

    account_id: str
    kind: ObjectKind
    name: str
    owner_id: str
    body: Mapping[str, Any]

    def with_body(self, **changes: Any) -> Stored:
        """Return the row with members of the body replaced, the others as they were."""
        return replace(self, body={**self.body, **changes})


def _stored(row: Row) -> Stored:
    return Stored(
        row["account_id"],
        ObjectKind(row["kind"]),
        row["name"],
        row["owner_id"],
        json.loads(row["body"]),
    )


class ObjectRecords:
    """Reads at once; changes inside a transaction of `Records.write`."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._database = records.database

    def find(self, account_id: str, kind: ObjectKind, name: str) -> Stored | None:
        """Return a row by its name, which is an ARN or an id and compared with case."""
        sql = "SELECT * FROM iam_objects WHERE account_id = ? AND kind = ? AND name = ?"
        row = self._database.one(sql, (account_id, kind.value, name))
        return None if row is None else _stored(row)

    def all(self, account_id: str, kind: ObjectKind) -> list[Stored]:
        """Return an account's rows of a kind, by name."""
        sql = "SELECT * FROM iam_objects WHERE account_id = ? AND kind = ? ORDER BY name"
        return [_stored(row) for row in self._database.all(sql, (account_id, kind.value))]

    def of_owner(self, owner_id: str, kind: ObjectKind) -> list[Stored]:
        """Return a user's rows of a kind, by name; those of the account itself are nobody's."""
        sql = "SELECT * FROM iam_objects WHERE owner_id = ? AND owner_id <> '' AND kind = ? ORDER BY name"
        return [_stored(row) for row in self._database.all(sql, (owner_id, kind.value))]

    async def change(
        self, stored: Stored, replacement: Callable[[Stored], Stored], missing: Exception
    ) -> Stored:
        """Replace a row by what `replacement` makes of it as it is by then, and return that.

        Raises:
            Exception: `missing`: it was deleted meanwhile.
        """

        def change(tx: Transaction) -> Stored:
            current = self.read(tx, stored)
            if current is None:
                raise missing
            changed = replacement(current)
            self.put(tx, changed)
            return changed

        return await self._records.write(change)

    @staticmethod
    def read(tx: Transaction, stored: Stored) -> Stored | None:
        """Return the row as it is inside this transaction."""
        sql = "SELECT * FROM iam_objects WHERE account_id = ? AND kind = ? AND name = ?"
        row = tx.execute(sql, (stored.account_id, stored.kind.value, stored.name)).fetchone()
        return None if row is None else _stored(row)

    @staticmethod
    def count(tx: Transaction, owner_id: str, kind: ObjectKind) -> int:
        """Count a user's rows of a kind as they are inside this transaction, for quotas and conflicts."""
        sql = "SELECT count(*) FROM iam_objects WHERE owner_id = ? AND kind = ?"
        number: int = tx.execute(sql, (owner_id, kind.value)).fetchone()[0]
        return number

    @staticmethod
    def put(tx: Transaction, stored: Stored) -> None:
        """Insert or replace a row; who must not replace one reads it first, in the same transaction."""
        tx.execute(
            "INSERT OR REPLACE INTO iam_objects VALUES (?, ?, ?, ?, ?)",
            (
                stored.account_id,
                stored.kind.value,
                stored.name,
                stored.owner_id,
                json.dumps(dict(stored.body)),
            ),
        )

    @staticmethod
    def delete(tx: Transaction, stored: Stored) -> None:
        """Delete a row; one that is gone already is no error."""
        sql = "DELETE FROM iam_objects WHERE account_id = ? AND kind = ? AND name = ?"
        tx.execute(sql, (stored.account_id, stored.kind.value, stored.name))
