"""RecommendationJob: one job, and what each of its benchmarks came to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sagehen.domain.scope import Scope

PENDING, IN_PROGRESS, COMPLETED = "PENDING", "IN_PROGRESS", "COMPLETED"
FAILED, STOPPING, STOPPED = "FAILED", "STOPPING", "STOPPED"
UNFINISHED = (PENDING, IN_PROGRESS, STOPPING)


@dataclass(frozen=True, slots=True)
class RecommendationJob:
    """One row.

    Args:
        created_at, modified_at, ended_at: In seconds since the epoch.
        request: As it was accepted, without its tags.
        failure_reason: Of the job, once it is FAILED.
        steps: Of each benchmark that was begun, in their order: `Status`, `Metrics`, `FailureReason`,
            `began_at`, `ended_at`.
    """

    scope: Scope
    name: str
    created_at: float
    modified_at: float
    status: str
    request: Mapping[str, Any]
    ended_at: float | None = None
    failure_reason: str | None = None
    steps: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def new(cls, scope: Scope, request: Mapping[str, Any], now: datetime) -> RecommendationJob:
        """Return a job that was accepted just now."""
        kept = {name: value for name, value in request.items() if name != "Tags" and value is not None}
        at = now.timestamp()
        return cls(scope, request["JobName"], at, at, PENDING, kept)

    @property
    def arn(self) -> str:
        return self.scope.arn("sagemaker", f"inference-recommendations-job/{self.name}")

    @property
    def folder(self) -> str:
        """A name of its own: other accounts and regions have jobs of the same name."""
        return hashlib.sha256(f"{self.arn} {self.created_at}".encode()).hexdigest()[:32]

    @property
    def role_arn(self) -> str:
        arn: str = self.request["RoleArn"]
        return arn

    @property
    def input(self) -> Mapping[str, Any]:
        """InputConfig."""
        found: Mapping[str, Any] = self.request["InputConfig"]
        return found

    @property
    def is_default(self) -> bool:
        """Whether the instance types and the traffic are the platform's choice."""
        return bool(self.request["JobType"] == "Default")

    def with_step(self, number: int, step: Mapping[str, Any]) -> RecommendationJob:
        """Return it with what is known of a benchmark; all before it are there."""
        return replace(self, steps=(*self.steps[:number], step, *self.steps[number + 1 :]))
