"""SetRepositoryPolicy, GetRepositoryPolicy, DeleteRepositoryPolicy; and the policies for the evaluator."""

from __future__ import annotations

import json
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.domain.arn import Arn
from sagehen.domain.policies import PolicyFault, PolicyKind
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.domain.scope import Scope
from sagehen.services.ecr.errors import (
    InvalidParameterException,
    RepositoryPolicyNotFoundException,
    no_such_repository,
)
from sagehen.services.ecr.repositories.finding import on_repository, require, scope_of
from sagehen.services.ecr.repositories.records import Records, Writing
from sagehen.services.ecr.repositories.repository import Repository

# Documented: ECR's model, RepositoryPolicyText.
_MAX_TEXT = 10_240


class Policies:
    """Policies of repositories.

    Args:
        documents: The grammar of policies.
        authorizer: IAM's evaluator, which knows these policies.
    """

    def __init__(self, records: Records, documents: ResourceDocuments, authorizer: Authorizer) -> None:
        self._records = records
        self._documents = documents
        self._authorizer = authorizer
        self._tried: Repository | None = None

    @operation("SetRepositoryPolicy", access=on_repository)
    async def set_repository_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Store a policy.

        Raises:
            InvalidParameterException: It breaks the grammar, or would lock its author out.
            RepositoryNotFoundException.
        """
        scope, name, text = scope_of(context, request), request["repositoryName"], request["policyText"]
        repository = require(self._records, scope, name)
        stored = self._stored(repository, text)
        if not request.get("force"):
            self._require_way_back(context, repository.with_(policy=stored))
        await self._put(scope, name, policy=stored, policy_text=text)
        return {"registryId": scope.account_id, "repositoryName": name, "policyText": text}

    @operation("GetRepositoryPolicy", access=on_repository)
    async def get_repository_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return the policy as it was set.

        Raises:
            RepositoryNotFoundException, RepositoryPolicyNotFoundException.
        """
        scope, name = scope_of(context, request), request["repositoryName"]
        text = _text(require(self._records, scope, name))
        return {"registryId": scope.account_id, "repositoryName": name, "policyText": text}

    @operation("DeleteRepositoryPolicy", access=on_repository)
    async def delete_repository_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Delete it; returns what it was. Raises as GetRepositoryPolicy."""
        scope, name = scope_of(context, request), request["repositoryName"]
        text = _text(require(self._records, scope, name))
        await self._put(scope, name, policy=None, policy_text=None)
        return {"registryId": scope.account_id, "repositoryName": name, "policyText": text}

    # --- for the evaluator -----------------------------------------------------------------

    def resource_policy(self, resource_arn: str) -> str | None:
        """Return the policy that guards a repository, or None."""
        if self._tried is not None and self._tried.arn == resource_arn:
            return self._tried.policy
        repository = self.repository_of(resource_arn)
        return None if repository is None else repository.policy

    def resource_owner(self, resource_arn: str) -> str | None:
        """Return None: the ARN says whose the repository is."""
        return None

    def repository_of(self, arn: str) -> Repository | None:
        """Return the repository of an ARN."""
        try:
            parsed = Arn.parse(arn)
        except ValueError:
            return None
        name = parsed.resource.removeprefix("repository/")
        return self._records.repository(Scope(parsed.account_id, parsed.region), name)

    # --- parts -----------------------------------------------------------------------------

    def _stored(self, repository: Repository, text: str) -> str:
        """Return a policy as the evaluator reads it: its statements name no resource but this one."""
        try:
            document = read_json(text) if len(text) <= _MAX_TEXT else None
        except NotJson:
            document = None
        if not isinstance(document, dict):
            raise _invalid("Invalid repository policy provided")
        statements = document.get("Statement")
        statements = statements if isinstance(statements, list) else [statements]
        for statement in statements:
            if not isinstance(statement, dict):
                raise _invalid("Invalid repository policy provided")
            # Documented: a repository's policy does without, since it is about that repository alone.
            statement.setdefault("Resource", repository.arn)
        document["Statement"] = statements
        try:
            return self._documents.stored(json.dumps(document), PolicyKind.RESOURCE)
        except PolicyFault as fault:
            raise _invalid(f"Invalid repository policy provided: {fault.message}") from None

    def _require_way_back(self, context: RequestContext, repository: Repository) -> None:
        access = Access("ecr:SetRepositoryPolicy", repository.arn)
        self._tried = repository
        try:
            allowed = self._authorizer.is_allowed(context.principal, access, context.condition_keys())
        finally:
            self._tried = None
        if not allowed:
            raise _invalid("The repository policy would prevent you from setting another; set it with force")

    async def _put(self, scope: Scope, name: str, **changes: Any) -> None:
        def work(writing: Writing) -> None:
            repository = writing.repository(scope, name)
            if repository is None:
                raise no_such_repository(scope, name)
            writing.put_repository(repository.with_(**changes))

        await self._records.change(work)


def _text(repository: Repository) -> str:
    if repository.policy_text is None:
        raise RepositoryPolicyNotFoundException(
            f"Repository policy does not exist for the repository with name '{repository.name}' in the "
            f"registry with id '{repository.scope.account_id}'"
        )
    return repository.policy_text


def _invalid(why: str) -> InvalidParameterException:
    return InvalidParameterException(
        f"Invalid parameter at 'PolicyText' failed to satisfy constraint: '{why}'"
    )
