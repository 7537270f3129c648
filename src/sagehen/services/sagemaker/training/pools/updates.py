"""UpdateTrainingJob's ResourceConfig: how long a warm pool is kept; 0 ends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.pools.pools import WarmPools


class RetentionUpdate:
    """See `training.updates.Update`."""

    def __init__(self, pools: WarmPools) -> None:
        self._pools = pools

    async def __call__(self, job: TrainingJob, config: Mapping[str, Any]) -> None:
        """Change it.

        Raises:
            ValidationException: The job has no pool, or no longer. The words are ours.
        """
        pool = self._pools.of(job)
        if pool is None or pool.status not in ("InUse", "Available"):
            status = "has no warm pool" if pool is None else f"has a warm pool in status {pool.status}"
            raise ValidationException(
                "KeepAlivePeriodInSeconds can be updated only while the warm pool is Available or InUse; the "
                f"training job {status}."
            )
        await self._pools.keep_for(job, config["KeepAlivePeriodInSeconds"])
