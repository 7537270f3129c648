"""Code repositories: the operations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, on, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.services.sagemaker.notebooks.code_repositories.cloning import require_cloneable
from sagehen.services.sagemaker.notebooks.code_repositories.records import (
    CodeRepository,
    CodeRepositoryRecords,
    missing,
    repository_arn,
)
from sagehen.services.sagemaker.tags import rights

_ARN = "code-repository/{CodeRepositoryName}"


def _creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = repository_arn(context.scope, request.get("CodeRepositoryName", ""))
    yield from rights.creation("CreateCodeRepository", arn, request)


class CodeRepositories:
    """CreateCodeRepository, DescribeCodeRepository, ListCodeRepositories, UpdateCodeRepository,
    DeleteCodeRepository."""

    def __init__(self, records: CodeRepositoryRecords, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    @operation("CreateCodeRepository", access=_creation)
    async def create_code_repository(self, context: RequestContext, request: Request) -> Request:
        """Give a Git repository a name. Whether it is there shows when it is cloned, as on AWS.

        Raises:
            ValidationException: The name is taken, or the URL or branch is none.
            ResourceLimitExceeded: There are too many.
            NotImplementedOperation: It has a secret.
        """
        config = request["GitConfig"]
        _refuse_secret(config)
        require_cloneable(config["RepositoryUrl"], config.get("Branch", ""))
        now = self._clock.now()
        repository = CodeRepository(
            scope=context.scope,
            name=request["CodeRepositoryName"],
            created_at=now,
            modified_at=now,
            git_config={name: config[name] for name in ("RepositoryUrl", "Branch") if config.get(name)},
        )
        await self._records.add(repository, request.get("Tags") or ())
        return {"CodeRepositoryArn": repository.arn}

    @operation("DescribeCodeRepository", access=on(_ARN, lower=True))
    async def describe_code_repository(self, context: RequestContext, request: Request) -> Request:
        """Tell where it is.

        Raises:
            ValidationException: There is none of that name.
        """
        return _described(self._existing(context, request))

    @operation("ListCodeRepositories")
    async def list_code_repositories(self, context: RequestContext, request: Request) -> Request:
        """Return one page."""
        repositories, token = self._records.page(context.scope, request)
        return {
            "CodeRepositorySummaryList": [_described(repository) for repository in repositories],
            "NextToken": token,
        }

    @operation("UpdateCodeRepository", access=on(_ARN, lower=True))
    async def update_code_repository(self, context: RequestContext, request: Request) -> Request:
        """Change the secret: there is nothing else that may be changed, on AWS neither.

        Raises:
            ValidationException: There is none of that name.
            NotImplementedOperation: There is a secret.
        """
        repository = self._existing(context, request)
        _refuse_secret(request.get("GitConfig") or {})
        now = self._clock.now()
        await self._records.change(
            context.scope, repository.name, lambda found: replace(found, modified_at=now)
        )
        return {"CodeRepositoryArn": repository.arn}

    @operation("DeleteCodeRepository", access=on(_ARN, lower=True))
    async def delete_code_repository(self, context: RequestContext, request: Request) -> Request:
        """Forget it; what was cloned stays where it is.

        Raises:
            ValidationException: There is none of that name.
        """
        await self._records.remove(self._existing(context, request))
        return {}

    def _existing(self, context: RequestContext, request: Request) -> CodeRepository:
        repository = self._records.get(context.scope, request["CodeRepositoryName"])
        if repository is None:
            raise missing(repository_arn(context.scope, request["CodeRepositoryName"]))
        return repository


def _refuse_secret(config: Request) -> None:
    if config.get("SecretArn"):
        raise NotImplementedOperation(
            "SecretArn of a code repository is not implemented: there is no Secrets Manager. Clone private "
            "repositories from a terminal of the notebook instance, or in a lifecycle configuration."
        )


def _described(repository: CodeRepository) -> dict[str, Any]:
    return {
        "CodeRepositoryName": repository.name,
        "CodeRepositoryArn": repository.arn,
        "CreationTime": repository.created_at,
        "LastModifiedTime": repository.modified_at,
        "GitConfig": dict(repository.git_config),
    }
