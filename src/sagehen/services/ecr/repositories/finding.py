"""Which repository a request names, and what must be allowed of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.scope import Scope
from sagehen.services.ecr.errors import InvalidParameterException, no_such_repository
from sagehen.services.ecr.repositories.records import Records
from sagehen.services.ecr.repositories.repository import Repository, repository_arn


def scope_of(context: RequestContext, request: Request) -> Scope:
    """Return whose registry is meant: the caller's where none is named."""
    return Scope(request.get("registryId") or context.scope.account_id, context.scope.region)


def on_repository(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Ask for the operation's own action on the repository; with none named, on all of the registry's."""
    names = request.get("repositoryNames") or [request.get("repositoryName") or "*"]
    for name in dict.fromkeys(names):
        arn = repository_arn(scope_of(context, request), name)
        yield Access(f"ecr:{context.operation}", arn, _of_tags(request))


def on_resource(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Ask for the operation's own action on what `resourceArn` names."""
    yield Access(f"ecr:{context.operation}", request["resourceArn"], _of_tags(request))


def _of_tags(request: Request) -> dict[str, ConditionValue]:
    """Return the condition keys of tags that are given or taken."""
    tags = {tag["Key"]: tag.get("Value", "") for tag in request.get("tags") or ()}
    conditions: dict[str, ConditionValue] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    if names := (*tags, *(request.get("tagKeys") or ())):
        conditions["aws:TagKeys"] = names
    return conditions


def require(records: Records, scope: Scope, name: str) -> Repository:
    """Return a repository.

    Raises:
        RepositoryNotFoundException.
    """
    repository = records.repository(scope, name)
    if repository is None:
        raise no_such_repository(scope, name)
    return repository


def require_whole(request: Request, member: str) -> None:
    """Refuse to cut a listing of what is named into pages (documented: DescribeRepositories, DescribeImages).

    Raises:
        InvalidParameterException.
    """
    for paging in ("nextToken", "maxResults"):
        if request.get(paging) is not None:
            raise InvalidParameterException(
                f"Invalid parameter at '{paging}' failed to satisfy constraint: 'must not be specified with "
                f"{member}'"
            )
