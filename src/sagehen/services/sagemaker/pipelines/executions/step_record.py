"""StepRecord: what is recorded of one step of an execution."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

# Documented: the shape StepStatus.
STARTING, EXECUTING, STOPPING = "Starting", "Executing", "Stopping"
STOPPED, FAILED, SUCCEEDED = "Stopped", "Failed", "Succeeded"
ENDED = (STOPPED, FAILED, SUCCEEDED)
# Documented: the shape FailureReason of a step.
_MOST_REASON = 1024


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step, from when it began.

    Args:
        position: Counts the steps of an execution in the order of their beginnings.
        job_name: What its present attempt makes is called so: it is on record before anything is made.
        arn: Of what was made.
        retries: Attempts that failed and were followed by another.
        first_at: When its first attempt began.
        retry_at: When its next attempt begins; None where one goes on.
        outcome: Of a condition.
        outputs: Of a function.
        message: Of a Fail step.
        check: Of a quality check, as JSON has it.
        cache_key: What is the same for steps with the same arguments; '' where results are not used again.
        cached_from, reused_from: The execution whose result it has, by CacheConfig or by choice.
    """

    name: str
    kind: str
    position: int
    status: str
    started_at: float
    first_at: float
    ended_at: float | None = None
    job_name: str = ""
    arn: str = ""
    retries: int = 0
    retry_at: float | None = None
    outcome: bool | None = None
    outputs: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    message: str = ""
    check: Mapping[str, Any] = field(default_factory=dict)
    failure_reason: str = ""
    cache_key: str = ""
    cached_from: str = ""
    reused_from: str = ""
    display_name: str | None = None
    description: str | None = None

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    def end(self, status: str, now: float, reason: str = "") -> StepRecord:
        """Return it as it has ended."""
        return replace(self, status=status, ended_at=now, retry_at=None, failure_reason=reason[:_MOST_REASON])

    def to_json(self) -> str:
        """Return it as text for its row."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> StepRecord:
        """Return what `to_json` wrote; members that are of no use any more are left out."""
        known = {one.name for one in fields(cls)}
        given: dict[str, Any] = json.loads(text)
        return cls(**{name: value for name, value in given.items() if name in known})
