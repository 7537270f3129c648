"""UpdateTrainingJob's ResourceConfig: how long a warm pool is kept; 0 ends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.pools.pool import PoolOver
from sagehen.services.sagemaker.training.pools.pools import WarmPools


class RetentionUpdate:
    """See `updates.operation.Update`."""

    def __init__(self, pools: WarmPools) -> None:
        self._pools = pools

    def check(self, job: TrainingJob, config: Mapping[str, Any]) -> None:
        """See `updates.operation.Update`.

        Raises:
            ValidationException: The job has no pool, or no longer. The words are ours.
        """
        pool = self._pools.of(job)
        if pool is None:
            raise _refusal("has no warm pool")
        if pool.is_over:
            raise _refusal(f"has a warm pool in status {pool.status}")

    async def __call__(self, job: TrainingJob, config: Mapping[str, Any]) -> None:
        """Change it.

        Raises:
            ValidationException: As `check` has it.
        """
        try:
            pool = await self._pools.keep_for(job, config["KeepAlivePeriodInSeconds"])
        except PoolOver as over:
            raise _refusal(f"has a warm pool in status {over}") from None
        if pool is None:
            raise _refusal("has no warm pool")


def _refusal(why: str) -> ValidationException:
    return ValidationException(
        "KeepAlivePeriodInSeconds can be updated only while the warm pool is Available or InUse; the "
        f"training job {why}."
    )
