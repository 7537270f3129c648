"""The SQL of parameters: a row for each, and one for each of its versions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from sagehen.domain.scope import Scope
from sagehen.services.ssm.parameters.parameter import Parameter
from sagehen.store.database import LAST_CHARACTER, Database, Row, Transaction

MIGRATIONS = (
    """
    CREATE TABLE ssm_parameters (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
        tags TEXT NOT NULL, PRIMARY KEY (account_id, region, name)) WITHOUT ROWID;
    CREATE TABLE ssm_parameter_versions (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
        body TEXT NOT NULL, labels TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name, version)) WITHOUT ROWID;
    """,
)
_OF_NAME = "account_id = ? AND region = ? AND name = ?"
_LATEST = (
    "SELECT v.*, p.tags FROM ssm_parameters p JOIN ssm_parameter_versions v"
    " USING (account_id, region, name, version) WHERE p.account_id = ? AND p.region = ?"
)
T = TypeVar("T")
# Latest versions read together.
_BITE = 100


class ParameterRecords:
    """Reads and writes of parameters."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self, scope: Scope, name: str) -> Parameter | None:
        """Return the latest version; None where there is no such parameter."""
        row = self._database.one(f"{_LATEST} AND p.name = ?", (scope.account_id, scope.region, name))
        return Parameter.read(scope, row) if row else None

    def versions(self, scope: Scope, name: str) -> list[Parameter]:
        """Return the versions of a parameter, at most a hundred, the oldest first."""
        rows = self._database.all(
            f"SELECT * FROM ssm_parameter_versions WHERE {_OF_NAME} ORDER BY version",
            (scope.account_id, scope.region, name),
        )
        return [Parameter.read(scope, row) for row in rows]

    def tags(self, scope: Scope, name: str) -> dict[str, str] | None:
        """Return the tags of a parameter; None where there is none."""
        row = self._database.one(
            f"SELECT tags FROM ssm_parameters WHERE {_OF_NAME}", (scope.account_id, scope.region, name)
        )
        return dict(json.loads(row["tags"])) if row else None

    def walk(
        self, scope: Scope, *, prefix: str = "", after: str = ""
    ) -> Iterator[tuple[Parameter, Mapping[str, str]]]:
        """Yield latest versions with their tags, by name, read in bites.

        Args:
            prefix: What names begin with.
            after: The last name that was seen.
        """
        while True:
            rows = self._database.all(
                f"{_LATEST} AND p.name > ? AND p.name >= ? AND p.name < ? ORDER BY p.name LIMIT {_BITE}",
                (scope.account_id, scope.region, after, prefix, prefix + LAST_CHARACTER),
            )
            for row in rows:
                yield Parameter.read(scope, row), json.loads(row["tags"])
            if len(rows) < _BITE:
                return
            after = rows[-1]["name"]

    async def change(self, work: Callable[[Writing], T]) -> T:
        """Run `work` in a transaction; what it raises undoes it."""
        return await self._database.write(lambda tx: work(Writing(tx)))


class Writing:
    """Parameters within a transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def count(self, scope: Scope) -> int:
        """Return how many parameters an account has in a region."""
        row: Row = self._tx.execute(
            "SELECT count(*) AS n FROM ssm_parameters WHERE account_id = ? AND region = ?",
            (scope.account_id, scope.region),
        ).fetchone()
        return int(row["n"])

    def versions(self, scope: Scope, name: str) -> list[Parameter]:
        """Return the versions of a parameter, the oldest first."""
        rows = self._tx.execute(
            f"SELECT * FROM ssm_parameter_versions WHERE {_OF_NAME} ORDER BY version",
            (scope.account_id, scope.region, name),
        ).fetchall()
        return [Parameter.read(scope, row) for row in rows]

    def tags(self, scope: Scope, name: str) -> dict[str, str] | None:
        """Return the tags of a parameter; None where there is none."""
        row = self._tx.execute(
            f"SELECT tags FROM ssm_parameters WHERE {_OF_NAME}", (scope.account_id, scope.region, name)
        ).fetchone()
        return dict(json.loads(row["tags"])) if row else None

    def put(self, parameter: Parameter, tags: Mapping[str, str]) -> None:
        """Store a version as the latest one."""
        key = (parameter.scope.account_id, parameter.scope.region, parameter.name)
        self._tx.execute(
            "INSERT INTO ssm_parameters VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " version = excluded.version, tags = excluded.tags",
            (*key, parameter.version, json.dumps(dict(tags))),
        )
        self._tx.execute(
            "INSERT INTO ssm_parameter_versions VALUES (?, ?, ?, ?, ?, ?)",
            (*key, parameter.version, parameter.body(), json.dumps(parameter.labels)),
        )

    def label(self, parameter: Parameter, labels: tuple[str, ...]) -> None:
        """Store the labels of a version."""
        self._tx.execute(
            f"UPDATE ssm_parameter_versions SET labels = ? WHERE {_OF_NAME} AND version = ?",
            (json.dumps(labels), *self._key(parameter), parameter.version),
        )

    def tag(self, scope: Scope, name: str, tags: Mapping[str, str]) -> None:
        """Store the tags of a parameter."""
        self._tx.execute(
            f"UPDATE ssm_parameters SET tags = ? WHERE {_OF_NAME}",
            (json.dumps(dict(tags)), scope.account_id, scope.region, name),
        )

    def drop(self, parameter: Parameter) -> None:
        """Delete one version."""
        self._tx.execute(
            f"DELETE FROM ssm_parameter_versions WHERE {_OF_NAME} AND version = ?",
            (*self._key(parameter), parameter.version),
        )

    def remove(self, scope: Scope, name: str) -> bool:
        """Delete a parameter with its versions; tell whether there was one."""
        key = (scope.account_id, scope.region, name)
        self._tx.execute(f"DELETE FROM ssm_parameter_versions WHERE {_OF_NAME}", key)
        return self._tx.execute(f"DELETE FROM ssm_parameters WHERE {_OF_NAME}", key).rowcount > 0

    @staticmethod
    def _key(parameter: Parameter) -> tuple[str, str, str]:
        return parameter.scope.account_id, parameter.scope.region, parameter.name
