"""CodeRepository, and its SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import cannot_create_existing
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.resources.rows import KEY, key, moment, require_room, scope_of
from sagehen.services.sagemaker.tags.records import delete_all_tags, insert_tags
from sagehen.store.database import Database, Row, Transaction

MIGRATIONS = (
    """
    CREATE TABLE sagemaker_code_repositories (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, modified_at REAL NOT NULL, git_config TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    """,
)
_TABLE = "sagemaker_code_repositories"
# Ours, of an account and region.
MOST_REPOSITORIES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRepository:
    """One code repository.

    Args:
        git_config: RepositoryUrl, and Branch where there is one.
    """

    scope: Scope
    name: str
    created_at: datetime
    modified_at: datetime
    git_config: Mapping[str, str]

    @property
    def arn(self) -> str:
        return repository_arn(self.scope, self.name)


def repository_arn(scope: Scope, name: str) -> str:
    """Return the ARN of a code repository."""
    return arns.resource_arn(scope, "code-repository", name)


def missing(arn: str) -> ValidationException:
    """Return AWS's answer for a code repository that is not there; its first words are recorded."""
    return ValidationException(f"Cannot find CodeRepository: {arn}")


class CodeRepositoryRecords:
    """Reads and writes of code repositories."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, scope: Scope, name: str) -> CodeRepository | None:
        """Return one, or None."""
        row = self._database.one(f"SELECT * FROM {_TABLE} WHERE {KEY}", key(scope, name))
        return _repository(row) if row else None

    def page(self, scope: Scope, request: Mapping[str, Any]) -> tuple[list[CodeRepository], str | None]:
        """Return one page for ListCodeRepositories, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        rows, token = page(self._database, _TABLE, scope, request, "Ascending", sort_by="Name")  # documented
        return [_repository(row) for row in rows], token

    async def add(self, repository: CodeRepository, tags: Sequence[Mapping[str, str]]) -> None:
        """Store a new one.

        Raises:
            ValidationException: The name is taken.
            ResourceLimitExceeded: There are too many.
        """

        def insert(tx: Transaction) -> None:
            require_room(tx, _TABLE, repository.scope, MOST_REPOSITORIES, "Total number of code repositories")
            added = tx.execute(
                f"INSERT OR IGNORE INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?)",
                (
                    *key(repository.scope, repository.name),
                    repository.created_at.timestamp(),
                    repository.modified_at.timestamp(),
                    json.dumps(dict(repository.git_config)),
                ),
            ).rowcount
            if not added:
                # From memory, as for models and endpoints.
                raise cannot_create_existing("code repository", repository.arn)
            insert_tags(tx, repository.arn, tags)

        await self._database.write(insert)

    async def touch(self, repository: CodeRepository, now: datetime) -> None:
        """Note that it was changed."""
        await self._database.execute(
            f"UPDATE {_TABLE} SET modified_at = ? WHERE {KEY}",
            (now.timestamp(), *key(repository.scope, repository.name)),
        )

    async def remove(self, repository: CodeRepository) -> None:
        """Forget one and its tags."""

        def delete(tx: Transaction) -> None:
            delete_all_tags(tx, repository.arn)
            tx.execute(f"DELETE FROM {_TABLE} WHERE {KEY}", key(repository.scope, repository.name))

        await self._database.write(delete)


def _repository(row: Row) -> CodeRepository:
    return CodeRepository(
        scope=scope_of(row),
        name=row["name"],
        created_at=moment(row["created_at"]),
        modified_at=moment(row["modified_at"]),
        git_config=json.loads(row["git_config"]),
    )
