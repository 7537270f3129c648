"""AWS's operations as documents ask them, answered from a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.scope import Scope

ACCOUNT = "123456789012"
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ROOT = Principal(PrincipalKind.ROOT, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)

Answer = Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]] | Exception


class Table:
    """Implements `Ask`: `answers` by `service:Operation`; what is not in it is gone."""

    def __init__(self, answers: Mapping[str, Answer], principal: Principal = ROOT) -> None:
        self.answers = answers
        self.principal = principal
        self.scope = Scope(ACCOUNT, "us-east-1")
        self.now = NOW
        self.asked: list[str] = []

    def allows(self, action: str, resource: str) -> bool:
        return not isinstance(self.answers.get(action), AccessDenied)

    async def call(self, service: str, name: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append(f"{service}:{name}")
        answer = self.answers.get(f"{service}:{name}", ServiceError("it is gone"))
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer


DENIED = AccessDenied("no")
