"""CreateRepository, DescribeRepositories, DeleteRepository, PutImageTagMutability."""

from __future__ import annotations

import contextlib
import re
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import paginate
from sagehen.domain.clock import Clock
from sagehen.images.contents import ContentStore, UploadBusy
from sagehen.services.ecr.errors import (
    InvalidParameterException,
    LimitExceededException,
    RepositoryAlreadyExistsException,
    RepositoryNotEmptyException,
    no_such_repository,
)
from sagehen.services.ecr.repositories.finding import on_repository, require, require_whole, scope_of
from sagehen.services.ecr.repositories.records import Records, Writing
from sagehen.services.ecr.repositories.repository import Repository, exclusion_filters, is_name
from sagehen.services.ecr.repositories.tags import with_tags

# Documented: Amazon ECR quotas, registered repositories.
_MOST_REPOSITORIES = 100_000
_DEFAULT_PAGE = 100
_EXCLUSION = re.compile(r"[0-9a-zA-Z._*-]{1,128}")


class Repositories:
    """Operations on repositories.

    Args:
        contents: Where layers lie.
    """

    def __init__(self, records: Records, contents: ContentStore, clock: Clock) -> None:
        self._records = records
        self._contents = contents
        self._clock = clock

    @operation("CreateRepository", access=on_repository)
    async def create_repository(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Create a repository.

        Raises:
            InvalidParameterException, RepositoryAlreadyExistsException, LimitExceededException.
            InvalidTagParameterException, TooManyTagsException.
            NotImplementedOperation: Scanning, encryption with a key of KMS, another account's registry.
        """
        scope, name = scope_of(context, request), request["repositoryName"]
        if scope != context.scope:
            raise NotImplementedOperation(
                "CreateRepository in another account's registry is not implemented."
            )
        if request.get("imageScanningConfiguration", {}).get("scanOnPush"):
            raise NotImplementedOperation(
                "CreateRepository imageScanningConfiguration.scanOnPush is not implemented: nothing here "
                "knows of vulnerabilities."
            )
        encryption = request.get("encryptionConfiguration", {})
        if encryption.get("encryptionType", "AES256") != "AES256" or encryption.get("kmsKey"):
            raise NotImplementedOperation(
                "CreateRepository encryptionConfiguration is implemented for AES256."
            )
        if not is_name(name):
            raise InvalidParameterException(
                "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular "
                "expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*''"
            )
        repository = Repository(
            scope, name, self._clock.now().timestamp(), *_mutability(request),
            tags=with_tags({}, request.get("tags") or ()),
        )  # fmt: skip

        def work(writing: Writing) -> None:
            if writing.repository(scope, name) is not None:
                raise RepositoryAlreadyExistsException(
                    f"The repository with name '{name}' already exists in the registry with id "
                    f"'{scope.account_id}'"
                )
            if writing.repository_count(scope) >= _MOST_REPOSITORIES:
                raise LimitExceededException(f"The limit of {_MOST_REPOSITORIES} repositories is reached.")
            writing.put_repository(repository)

        await self._records.change(work)
        return {"repository": repository.described()}

    @operation("DescribeRepositories", access=on_repository)
    async def describe_repositories(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """List repositories, or describe those that are named.

        Raises:
            RepositoryNotFoundException, InvalidParameterException.
        """
        scope, names = scope_of(context, request), request.get("repositoryNames")
        if names:
            require_whole(request, "repositoryNames")
            found = [require(self._records, scope, name) for name in dict.fromkeys(names)]
            return {"repositories": [repository.described() for repository in found]}
        page = paginate(
            self._records.repositories(scope), key=lambda each: each.name, token=request.get("nextToken"),
            limit=request.get("maxResults") or _DEFAULT_PAGE, listing=f"repositories/{scope.account_id}",
            error=InvalidParameterException,
        )  # fmt: skip
        return {"repositories": [each.described() for each in page.items], "nextToken": page.next_token}

    @operation("DeleteRepository", access=on_repository)
    async def delete_repository(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Delete a repository, and with `force` its images.

        Raises:
            RepositoryNotFoundException, RepositoryNotEmptyException.
        """
        scope, name = scope_of(context, request), request["repositoryName"]

        def work(writing: Writing) -> tuple[Repository, set[str], list[str]]:
            repository = writing.repository(scope, name)
            if repository is None:
                raise no_such_repository(scope, name)
            if writing.image_count(scope, name) and not request.get("force"):
                raise RepositoryNotEmptyException(
                    f"The repository with name '{name}' in registry with id '{scope.account_id}' cannot be "
                    "deleted because it still contains images"
                )
            return repository, *writing.remove_repository(scope, name)

        async with self._contents.naming:
            repository, unwanted, uploads = await self._records.change(work)
            await self._contents.remove(unwanted)
        for upload in uploads:
            with contextlib.suppress(UploadBusy):  # whoever writes to it is told; the next start sweeps
                await self._contents.discard(upload)
        return {"repository": repository.described()}

    @operation("PutImageTagMutability", access=on_repository)
    async def put_image_tag_mutability(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Say whether tags stay with the images that have them first.

        Raises:
            RepositoryNotFoundException, InvalidParameterException.
        """
        scope, name = scope_of(context, request), request["repositoryName"]
        mutability, exclusions = _mutability(request)

        def work(writing: Writing) -> None:
            repository = writing.repository(scope, name)
            if repository is None:
                raise no_such_repository(scope, name)
            writing.put_repository(repository.with_(mutability=mutability, exclusions=exclusions))

        await self._records.change(work)
        shown = {"imageTagMutabilityExclusionFilters": exclusion_filters(exclusions)} if exclusions else {}
        return {
            "registryId": scope.account_id, "repositoryName": name, "imageTagMutability": mutability, **shown,
        }  # fmt: skip


def _mutability(request: Request) -> tuple[str, tuple[str, ...]]:
    """Return what a request says of tags' mutability.

    Raises:
        InvalidParameterException: Exclusions without their setting, or the other way round.
    """
    mutability = request.get("imageTagMutability") or "MUTABLE"
    patterns = tuple(each["filter"] for each in request.get("imageTagMutabilityExclusionFilters") or ())
    if bool(patterns) != mutability.endswith("_WITH_EXCLUSION") or not all(
        # Documented: ImageTagMutabilityExclusionFilter, at most two wildcards.
        _EXCLUSION.fullmatch(pattern) and pattern.count("*") <= 2
        for pattern in patterns
    ):
        raise InvalidParameterException(
            "Invalid parameter at 'imageTagMutabilityExclusionFilters' failed to satisfy constraint: "
            "'given with MUTABLE_WITH_EXCLUSION or IMMUTABLE_WITH_EXCLUSION, two wildcards at most'"
        )
    return mutability, patterns
