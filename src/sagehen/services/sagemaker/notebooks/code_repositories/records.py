"""CodeRepository, and its SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import cannot_create_existing
from sagehen.services.sagemaker.resources.named_records import NamedRecords
from sagehen.services.sagemaker.resources.rows import key, moment, scope_of
from sagehen.store.database import Database, Row

MIGRATIONS = (
    """
    CREATE TABLE sagemaker_code_repositories (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, modified_at REAL NOT NULL, git_config TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    """,
)
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


class CodeRepositoryRecords(NamedRecords[CodeRepository]):
    """Reads and writes of code repositories."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database,
            "sagemaker_code_repositories",
            values=_values,
            read=_repository,
            # From memory, as for models and endpoints.
            taken=lambda repository: cannot_create_existing("code repository", repository.arn),
            order="Ascending",
            sort_by="Name",  # documented
            most=MOST_REPOSITORIES,
            quota="Total number of code repositories",
        )


def _repository(row: Row) -> CodeRepository:
    return CodeRepository(
        scope=scope_of(row),
        name=row["name"],
        created_at=moment(row["created_at"]),
        modified_at=moment(row["modified_at"]),
        git_config=json.loads(row["git_config"]),
    )


def _values(repository: CodeRepository) -> tuple[str | float, ...]:
    return (
        *key(repository.scope, repository.name),
        repository.created_at.timestamp(),
        repository.modified_at.timestamp(),
        json.dumps(dict(repository.git_config)),
    )
