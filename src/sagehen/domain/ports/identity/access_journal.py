"""What IAM refused of late, and what identities really called. Between the console's documents and IAM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sagehen.domain.access import Access
from sagehen.domain.identity import Principal


@dataclass(frozen=True, slots=True)
class RefusedAccess:
    """What one identity was refused.

    Args:
        principal: Who asked last.
        access: What.
        message: As the client was told.
        denied: True where a Deny said so; False where no Allow did.
        source: The kind of policy that denied, or that has no Allow, in AWS's words: `identity-based policy`,
            `resource-based policy`, `permissions boundary`, `session policy`.
        statements: The statements that denied, as policies have them.
        first, last: When, by the platform's clock.
        times: How often.
    """

    principal: Principal
    access: Access
    message: str
    denied: bool
    source: str
    statements: Sequence[Mapping[str, Any]]
    first: datetime
    last: datetime
    times: int


@dataclass(frozen=True, slots=True)
class UsedAction:
    """An action that an identity was let do.

    Args:
        times: How often.
        last: When last.
        resources: On what, as policies name it: patterns, where it was much.
    """

    action: str
    times: int
    last: datetime
    resources: Sequence[str] = ()


class AccessJournal(Protocol):
    """Notes of the evaluator: refusals of the last hour, calls since there are records."""

    @property
    def began(self) -> datetime:
        """Since when there are notes."""
        ...

    def refusals(self, account_id: str) -> Sequence[RefusedAccess]:
        """Return what identities of an account were refused within the last hour, the latest first."""
        ...

    def called(self, account_id: str, kind: str, name: str) -> Sequence[UsedAction] | None:
        """Return what a `user` or a `role` was let do, by action; None where there is no such identity."""
        ...
