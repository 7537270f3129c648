"""The evaluator of IAM policies. Between whoever guards something and IAM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.identity import Principal


class Authorizer(Protocol):
    """The one evaluator of IAM policies."""

    def authorize(
        self, principal: Principal, access: Access, environment: Mapping[str, ConditionValue]
    ) -> None:
        """Let `principal` do `access`, or raise.

        Args:
            principal: Who asks.
            access: What is asked.
            environment: Condition keys of the request (`aws:SourceIp`, `aws:CurrentTime`, …).

        Raises:
            AccessDenied: With AWS's wording.
        """
        ...

    def is_allowed(
        self, principal: Principal, access: Access, environment: Mapping[str, ConditionValue]
    ) -> bool:
        """Tell whether `authorize` would let it pass, without making the error's text."""
        ...


class PolicyDocuments(Protocol):
    """Evaluation of a document that belongs to no entity: what a Lambda authorizer answers."""

    def evaluate_document(
        self, document: str, access: Access, environment: Mapping[str, ConditionValue]
    ) -> bool | None:
        """Return True where the document allows `access`, False where it denies it, None where it is silent.

        Raises:
            ValueError: The document breaks the grammar of identity policies.
        """
        ...
