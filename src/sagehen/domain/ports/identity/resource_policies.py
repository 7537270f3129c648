"""Policies and tags of resources. Between IAM and the services that keep such resources, both ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from sagehen.domain.policies import PolicyKind


class ResourceDocuments(Protocol):
    """The one grammar of policies, for services that keep such documents for their resources."""

    def stored(self, document: str, kind: PolicyKind) -> str:
        """Check a document and return it as it is to be stored: bound to users and roles themselves.

        The ARN of a user or role of an account that exists here becomes its unique id, so that a
        namesake made later is a stranger.

        Raises:
            PolicyFault: It breaks the grammar, or names a principal that does not exist.
        """
        ...

    def shown(self, document: str) -> str:
        """Return a stored document for an answer: ids of living users and roles are ARNs again."""
        ...


class ResourcePolicies(Protocol):
    """A service's resource policies, for the evaluator."""

    def resource_policy(self, resource_arn: str) -> str | None:
        """Return the policy document (JSON text) that guards this resource, or None."""
        ...

    def resource_owner(self, resource_arn: str) -> str | None:
        """Return the account that owns it where the ARN does not say (S3), else None."""
        ...


# Takes a resource's ARN and returns its tags, none where there is no such resource. For the evaluator.
ResourceTags = Callable[[str], Mapping[str, str]]
