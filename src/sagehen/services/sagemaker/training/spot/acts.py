"""`sagehen interrupt`: the operator takes a spot job's instances away, as AWS does when it needs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.records import MISSING, TrainingJobRecords

# Before there are no instances to take away; after it they have done their work.
_HAS_INSTANCES = ("Downloading", "Training")
_LONGEST_NAME = 63


class SpotActs:
    """The operator's acts on spot jobs; see `domain.ports.calls.operator_acts`.

    Args:
        poke: Tells a job's run that its record changed.
    """

    def __init__(
        self, records: TrainingJobRecords, poke: Callable[[TrainingJob], None], clock: Clock
    ) -> None:
        self._records = records
        self._poke = poke
        self._clock = clock

    async def interrupt(self, scope: Scope, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Begin to take a job's instances away: SIGTERM, and 120 seconds later SIGKILL.

        Args:
            request: `TrainingJobName`.

        Returns:
            `Checkpoints`: whether the next attempt finds what this one saved.

        Raises:
            ValidationException: No such job, or not one that could be interrupted now.
        """
        name = request.get("TrainingJobName")
        if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
            raise ValidationException("TrainingJobName is the name of a training job.")
        job = await self._records.change(scope, name, self._yielding)
        if job is None:
            raise ValidationException(MISSING)
        self._poke(job)
        return {"TrainingJobName": job.name, "Checkpoints": bool(job.request.get("CheckpointConfig"))}

    def _yielding(self, job: TrainingJob) -> TrainingJob:
        if not job.is_spot:
            raise ValidationException(
                f"The training job {job.name} has no spot instances: EnableManagedSpotTraining is false."
            )
        if job.status != "InProgress" or job.secondary_status not in _HAS_INSTANCES:
            status = job.status if job.status != "InProgress" else job.secondary_status
            raise ValidationException(
                f"The training job {job.name} is in status {status}: it has no instances."
            )
        return job if job.interrupting else job.asked_to_yield(self._clock.now())
