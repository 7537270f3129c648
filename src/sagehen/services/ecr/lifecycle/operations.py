"""PutLifecyclePolicy, GetLifecyclePolicy, DeleteLifecyclePolicy, and previews; and what goes on by itself."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import paginate
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.ecr.errors import (
    InvalidParameterException,
    LifecyclePolicyNotFoundException,
    LifecyclePolicyPreviewNotFoundException,
    RepositoryNotFoundException,
    no_such_repository,
)
from sagehen.services.ecr.images.keeping import Keeper
from sagehen.services.ecr.lifecycle.document import Rule, UnusablePolicy, read_policy
from sagehen.services.ecr.lifecycle.evaluation import Expired, expired
from sagehen.services.ecr.repositories.finding import on_repository, require, scope_of
from sagehen.services.ecr.repositories.records import Records, Writing
from sagehen.services.ecr.repositories.repository import Repository

# Previews in memory, of everybody: the oldest go. AWS keeps each for 24 hours (from memory).
_MOST_PREVIEWS = 100
_DEFAULT_PAGE = 100


class Lifecycle:
    """Operations on lifecycle policies.

    Args:
        clock: By which images grow old.
    """

    def __init__(self, records: Records, keeper: Keeper, clock: Clock) -> None:
        self._records = records
        self._keeper = keeper
        self._clock = clock
        self._previews: dict[tuple[Scope, str], tuple[str, list[Expired]]] = {}
        # Set where a policy is new: on AWS within 24 hours, here at once.
        self.poked = asyncio.Event()

    @operation("PutLifecyclePolicy", access=on_repository)
    async def put_lifecycle_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Store a policy; it is acted upon at once, and every hour.

        Raises:
            RepositoryNotFoundException, InvalidParameterException.
            NotImplementedOperation: It archives images.
        """
        scope, name, text = (
            scope_of(context, request),
            request["repositoryName"],
            request["lifecyclePolicyText"],
        )
        require(self._records, scope, name)
        _rules(text)
        await self._put(scope, name, lifecycle=text, evaluated_at=None)
        self.poked.set()
        return {"registryId": scope.account_id, "repositoryName": name, "lifecyclePolicyText": text}

    @operation("GetLifecyclePolicy", access=on_repository)
    async def get_lifecycle_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return the policy. Raises RepositoryNotFoundException, LifecyclePolicyNotFoundException."""
        repository = require(self._records, scope_of(context, request), request["repositoryName"])
        return _answer(repository)

    @operation("DeleteLifecyclePolicy", access=on_repository)
    async def delete_lifecycle_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Delete the policy; returns what it was. Raises as GetLifecyclePolicy."""
        repository = require(self._records, scope_of(context, request), request["repositoryName"])
        answer = _answer(repository)
        await self._put(repository.scope, repository.name, lifecycle=None, evaluated_at=None)
        return answer

    @operation("StartLifecyclePolicyPreview", access=on_repository)
    async def start_lifecycle_policy_preview(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        """Find out what a policy, its own or another, would expire now. Raises as PutLifecyclePolicy."""
        repository = require(self._records, scope_of(context, request), request["repositoryName"])
        text = request.get("lifecyclePolicyText") or _text(repository)
        found = await self._expired(repository, _rules(text))
        while len(self._previews) >= _MOST_PREVIEWS:
            self._previews.pop(next(iter(self._previews)))
        self._previews[(repository.scope, repository.name)] = (text, found)
        return {
            "registryId": repository.scope.account_id, "repositoryName": repository.name,
            "lifecyclePolicyText": text, "status": "COMPLETE",
        }  # fmt: skip

    @operation("GetLifecyclePolicyPreview", access=on_repository)
    async def get_lifecycle_policy_preview(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return what was found out.

        Raises:
            RepositoryNotFoundException, LifecyclePolicyPreviewNotFoundException, InvalidParameterException.
        """
        repository = require(self._records, scope_of(context, request), request["repositoryName"])
        scope, name = repository.scope, repository.name
        if (scope, name) not in self._previews:
            raise LifecyclePolicyPreviewNotFoundException(
                f"Lifecycle policy preview does not exist for the repository with name '{name}' in the "
                f"registry with id '{scope.account_id}'"
            )
        text, found = self._previews[(scope, name)]
        shown = [each for each in found if _is_asked(each, request)]
        page = paginate(
            sorted(shown, key=lambda each: each.image.digest), key=lambda each: each.image.digest,
            token=request.get("nextToken"), limit=request.get("maxResults") or _DEFAULT_PAGE,
            listing=f"preview/{scope.account_id}/{name}", error=InvalidParameterException,
        )  # fmt: skip
        return {
            "registryId": scope.account_id, "repositoryName": name, "lifecyclePolicyText": text,
            "status": "COMPLETE", "nextToken": page.next_token,
            "previewResults": [_result(each) for each in page.items],
            "summary": {"expiringImageTotalCount": len(found)},
        }  # fmt: skip

    async def act(self) -> None:
        """Expire what the policies of all repositories say."""
        for repository in await asyncio.to_thread(self._records.all_with_lifecycle):
            if repository.lifecycle is None:
                continue
            for each in await self._expired(repository, _rules(repository.lifecycle)):
                await self._keeper.remove(repository.scope, repository.name, each.image, None)
            now = self._clock.now().timestamp()
            with contextlib.suppress(RepositoryNotFoundException):  # deleted meanwhile
                await self._put(repository.scope, repository.name, evaluated_at=now)

    def forget(self) -> None:
        """Forget previews."""
        self._previews.clear()

    async def _expired(self, repository: Repository, rules: tuple[Rule, ...]) -> list[Expired]:
        now = self._clock.now().timestamp()

        def work() -> list[Expired]:
            return expired(rules, self._records.images(repository.scope, repository.name), now)

        return await asyncio.to_thread(work)

    async def _put(self, scope: Scope, name: str, **changes: Any) -> None:
        def work(writing: Writing) -> None:
            repository = writing.repository(scope, name)
            if repository is None:
                raise no_such_repository(scope, name)
            writing.put_repository(repository.with_(**changes))

        await self._records.change(work)


def _rules(text: str) -> tuple[Rule, ...]:
    try:
        return read_policy(text)
    except UnusablePolicy as error:
        raise InvalidParameterException(
            "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy "
            f"validation failure: {error}'"
        ) from None


def _text(repository: Repository) -> str:
    if repository.lifecycle is None:
        raise LifecyclePolicyNotFoundException(
            f"Lifecycle policy does not exist for the repository with name '{repository.name}' in the "
            f"registry with id '{repository.scope.account_id}'"
        )
    return repository.lifecycle


def _answer(repository: Repository) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "registryId": repository.scope.account_id,
        "repositoryName": repository.name,
        "lifecyclePolicyText": _text(repository),
    }
    if repository.evaluated_at is not None:
        answer["lastEvaluatedAt"] = datetime.fromtimestamp(repository.evaluated_at, UTC)
    return answer


def _is_asked(each: Expired, request: Request) -> bool:
    status = (request.get("filter") or {}).get("tagStatus")
    if (status == "TAGGED" and not each.image.tags) or (status == "UNTAGGED" and each.image.tags):
        return False
    identifiers = request.get("imageIds")
    return not identifiers or any(
        one.get("imageDigest") == each.image.digest or one.get("imageTag") in each.image.tags
        for one in identifiers
    )


def _result(each: Expired) -> dict[str, Any]:
    return {
        "imageTags": list(each.image.tags),
        "imageDigest": each.image.digest,
        "imagePushedAt": datetime.fromtimestamp(each.image.pushed_at, UTC),
        "action": {"type": "EXPIRE"},
        "appliedRulePriority": each.priority,
    }
