"""WarmPool: what one training job has to do with a warm pool, and how that changes. Pure.

InUse ─ the job has ended ─> Available ─ a matching job ─> Reused (that job's own is InUse)
                                       └ its time is over, or the user's wish ─> Terminated
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sagehen.domain.scope import Scope

Status = Literal["InUse", "Available", "Reused", "Terminated"]
# Documented: a pool moves from job to job for 28 days at most.
LONGEST_LIFE_S = 28 * 86_400


class PoolOver(Exception):
    """A pool is neither in use nor waiting any more; the argument is its status."""


@dataclass(frozen=True, slots=True)
class WarmPool:
    """One job's hold of a pool. Times are seconds since the epoch.

    Args:
        name: Of the training job.
        pool_id: The same for all jobs that the pool has moved through.
        key: See `matching.key_of`.
        instances: How many of `instance_type`.
        keep_s: KeepAlivePeriodInSeconds, as it was last said.
        made_at: When the pool's first job began.
        kept_at: When this job left it; None while it is in use.
        ended_at: When it was reused or terminated.
    """

    scope: Scope
    name: str
    pool_id: str
    key: str
    instance_type: str
    instances: int
    keep_s: int
    made_at: float
    status: Status = "InUse"
    kept_at: float | None = None
    ended_at: float | None = None
    reused_by: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether it is neither in use nor waiting any more."""
        return self.status not in ("InUse", "Available")

    @property
    def expires_at(self) -> float | None:
        """When it is over unless a job takes it; None where it is not waiting for one."""
        if self.status != "Available" or self.kept_at is None:
            return None
        return min(self.kept_at + self.keep_s, self.made_at + LONGEST_LIFE_S)

    def keep_for(self, seconds: int, now: float) -> WarmPool:
        """Return it with another time to wait, from its job's end on; 0 ends it.

        Raises:
            PoolOver
        """
        if self.is_over:
            raise PoolOver(self.status)
        pool = replace(self, keep_s=seconds)
        at = pool.expires_at
        return pool if at is None or at > now else pool.terminated(now)

    def regained(self) -> WarmPool:
        """Return it where its job has not ended after all."""
        return replace(self, status="InUse", kept_at=None)

    def kept(self, now: datetime) -> WarmPool:
        """Return it once its job has ended and its instances wait for another."""
        return replace(self, status="Available", kept_at=now.timestamp())

    def reused(self, by: str, now: datetime) -> WarmPool:
        """Return it once another job has its instances."""
        return replace(self, status="Reused", reused_by=by, ended_at=now.timestamp())

    def terminated(self, at: float) -> WarmPool:
        """Return it once nothing is kept any more."""
        return replace(self, status="Terminated", ended_at=at)

    def describe(self) -> dict[str, Any]:
        """Return WarmPoolStatus.

        Documented (ResourceRetainedBillableTimeInSeconds' shape): the time is told once it is over.
        """
        answer: dict[str, Any] = {"Status": self.status}
        if self.kept_at is not None and self.ended_at is not None:
            seconds = math.ceil(max(0.0, self.ended_at - self.kept_at))
            answer["ResourceRetainedBillableTimeInSeconds"] = seconds
        if self.reused_by is not None:
            answer["ReusedByJob"] = self.reused_by
        return answer
