"""Job: one job as it is recorded, of the kinds that have a status alone, and what its life makes of it. Pure.

Training jobs, with their secondary statuses, have a record of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope

ENDED = ("Completed", "Failed", "Stopped")
# Documented: DescribeProcessingJob's model, FailureReason and ExitMessage; DescribeTransformJob's.
REASON_CHARACTERS = 1024


@dataclass(frozen=True, slots=True)
class Job:
    """A job's record. Times are seconds since the epoch.

    Args:
        request: As it came.
        started_at: When its instances were first at its disposal.
        attempt_at: The same of the present attempt: MaxRuntimeInSeconds counts from here, so that a platform
            that was down does not eat a restarted job's time.
        attempts: How many times it was begun.
    """

    scope: Scope
    name: str
    created_at: float
    modified_at: float
    status: str
    request: Mapping[str, Any] = field(repr=False)
    started_at: float | None = None
    attempt_at: float | None = None
    ended_at: float | None = None
    failure_reason: str | None = None
    exit_message: str | None = None
    attempts: int = 0

    @classmethod
    def new(cls, scope: Scope, name: str, request: Mapping[str, Any], now: datetime) -> Self:
        """Return the record of a job that was just accepted. Tags have a table of their own."""
        kept = {member: value for member, value in request.items() if member != "Tags" and value is not None}
        return cls(scope, name, now.timestamp(), now.timestamp(), "InProgress", kept)

    # --- what it says of itself --------------------------------------------------------------

    @property
    def arn(self) -> str:
        raise NotImplementedError

    @property
    def role_arn(self) -> str:
        """Of the role that it runs as."""
        raise NotImplementedError

    @property
    def instance_type(self) -> str:
        raise NotImplementedError

    @property
    def hosts(self) -> tuple[str, ...]:
        """`algo-1`, `algo-2`, … : one per instance."""
        raise NotImplementedError

    @property
    def max_runtime_s(self) -> int | None:
        """How long an attempt may take; None: as long as it likes."""
        return None

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def stopping(self) -> bool:
        return self.status == "Stopping"

    # --- what happens to it ------------------------------------------------------------------

    def begun(self, now: datetime) -> Self:
        """Return the job at the beginning of an attempt: its instances are there."""
        at = now.timestamp()
        return replace(
            self,
            started_at=self.started_at or at,
            attempt_at=at,
            attempts=self.attempts + 1,
            modified_at=at,
        )

    def asked_to_stop(self, now: datetime) -> Self:
        """Return the job once it is asked to stop; one that is stopping already is left to it.

        Raises:
            ValidationException: It has ended. The words are recorded of training jobs
                (awslabs/benchmark-ai issue 928), of others from memory.
        """
        if self.ended:
            raise ValidationException(f"The request was rejected because the job is in status {self.status}.")
        return self if self.stopping else replace(self, status="Stopping", modified_at=now.timestamp())

    def restarting(self, now: datetime) -> Self:
        """Return the job before another attempt: no time of MaxRuntimeInSeconds runs meanwhile."""
        return replace(self, attempt_at=None, modified_at=now.timestamp())

    def finished(
        self, status: str, now: datetime, reason: str | None = None, exit_message: str | None = None
    ) -> Self:
        """Return the job in its last state."""
        at = now.timestamp()
        return replace(
            self,
            status=status,
            modified_at=at,
            ended_at=at,
            failure_reason=reason[:REASON_CHARACTERS] if reason else None,
            exit_message=exit_message[:REASON_CHARACTERS] if exit_message else None,
        )


def hosts_of(count: int) -> tuple[str, ...]:
    """Return the names of so many instances."""
    return tuple(f"algo-{number}" for number in range(1, count + 1))
