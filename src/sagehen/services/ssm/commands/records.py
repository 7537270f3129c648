"""The SQL of commands: a row for each, and one for each machine that it goes to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from sagehen.domain.scope import Scope
from sagehen.services.ssm.commands.command import ENDED, Command, Invocation
from sagehen.store.database import Database, Transaction

MIGRATIONS = (
    """
    CREATE TABLE ssm_commands (
        account_id TEXT NOT NULL, region TEXT NOT NULL, command_id TEXT NOT NULL, requested_at REAL NOT NULL,
        body TEXT NOT NULL, PRIMARY KEY (account_id, region, command_id)) WITHOUT ROWID;
    CREATE TABLE ssm_invocations (
        account_id TEXT NOT NULL, region TEXT NOT NULL, command_id TEXT NOT NULL, instance_id TEXT NOT NULL,
        ended INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (account_id, region, command_id, instance_id)) WITHOUT ROWID;
    """,
)
# Documented: the history of a command is kept for 30 days. And of an account in a region, so many.
_KEPT_S = 30 * 24 * 3600
_MOST_COMMANDS = 2_000
_OF_SCOPE = "account_id = ? AND region = ?"


class CommandRecords:
    """Reads and writes of commands."""

    def __init__(self, database: Database) -> None:
        database.migrate("ssm_commands", MIGRATIONS)
        self._database = database

    def command(self, scope: Scope, command_id: str) -> Command | None:
        """Return a command; None where there is none."""
        row = self._database.one(
            f"SELECT body FROM ssm_commands WHERE {_OF_SCOPE} AND command_id = ?",
            (scope.account_id, scope.region, command_id),
        )
        return Command(**json.loads(row["body"])) if row else None

    def commands(self, scope: Scope) -> list[Command]:
        """Return all, the latest first: at most 2,000."""
        rows = self._database.all(
            f"SELECT body FROM ssm_commands WHERE {_OF_SCOPE} ORDER BY requested_at DESC, command_id DESC",
            (scope.account_id, scope.region),
        )
        return [Command(**json.loads(row["body"])) for row in rows]

    def invocations(self, scope: Scope, command_id: str) -> list[Invocation]:
        """Return where a command went, by instance: at most as many as run here."""
        rows = self._database.all(
            f"SELECT body FROM ssm_invocations WHERE {_OF_SCOPE} AND command_id = ? ORDER BY instance_id",
            (scope.account_id, scope.region, command_id),
        )
        return [Invocation(**json.loads(row["body"])) for row in rows]

    def invocation(self, scope: Scope, command_id: str, instance_id: str) -> Invocation | None:
        """Return a command on one machine; None where it did not go there."""
        row = self._database.one(
            f"SELECT body FROM ssm_invocations WHERE {_OF_SCOPE} AND command_id = ? AND instance_id = ?",
            (scope.account_id, scope.region, command_id, instance_id),
        )
        return Invocation(**json.loads(row["body"])) if row else None

    async def add(self, scope: Scope, command: Command, invocations: Sequence[Invocation]) -> None:
        """Store a new command; what is too old goes."""
        key = (scope.account_id, scope.region)

        def work(tx: Transaction) -> None:
            _put(tx, scope, command)
            for each in invocations:
                _store(tx, scope, each)
            tx.execute(
                f"DELETE FROM ssm_commands WHERE {_OF_SCOPE} AND (requested_at < ? OR command_id IN ("
                f" SELECT command_id FROM ssm_commands WHERE {_OF_SCOPE}"
                f" ORDER BY requested_at DESC LIMIT -1 OFFSET {_MOST_COMMANDS}))",
                (*key, command.requested_at - _KEPT_S, *key),
            )
            tx.execute(
                f"DELETE FROM ssm_invocations WHERE {_OF_SCOPE} AND command_id NOT IN"
                f" (SELECT command_id FROM ssm_commands WHERE {_OF_SCOPE})",
                (*key, *key),
            )

        await self._database.write(work)

    async def put(self, scope: Scope, command: Command) -> None:
        """Store what a command is now."""
        await self._database.write(lambda tx: _put(tx, scope, command))

    async def store(self, scope: Scope, invocation: Invocation) -> None:
        """Store what became of an invocation."""
        await self._database.write(lambda tx: _store(tx, scope, invocation))

    async def interrupt(self, at: float) -> None:
        """End what an earlier life of the platform left behind."""

        def work(tx: Transaction) -> None:
            rows = tx.execute(
                "SELECT account_id, region, body FROM ssm_invocations WHERE NOT ended"
            ).fetchall()
            for row in rows:
                left = Invocation(**json.loads(row["body"]))
                _store(tx, Scope(row["account_id"], row["region"]), left.interrupted(at))

        await self._database.write(work)


def _put(tx: Transaction, scope: Scope, command: Command) -> None:
    tx.execute(
        "REPLACE INTO ssm_commands VALUES (?, ?, ?, ?, ?)",
        (
            *(scope.account_id, scope.region, command.command_id, command.requested_at),
            json.dumps(asdict(command)),
        ),
    )


def _store(tx: Transaction, scope: Scope, invocation: Invocation) -> None:
    tx.execute(
        "REPLACE INTO ssm_invocations VALUES (?, ?, ?, ?, ?, ?)",
        (
            *(scope.account_id, scope.region, invocation.command_id, invocation.instance_id),
            *(int(invocation.status in ENDED), json.dumps(asdict(invocation))),
        ),
    )
