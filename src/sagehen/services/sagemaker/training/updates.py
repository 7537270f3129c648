"""UpdateTrainingJob: what may still be changed of a job, a handler for each member of the request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.operation import Request, on, operation
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.records import MISSING, TrainingJobRecords

_MEMBERS = ("ProfilerConfig", "ProfilerRuleConfigurations", "ResourceConfig", "RemoteDebugConfig")


class Update(Protocol):
    """Changes what one member is about."""

    async def __call__(self, job: TrainingJob, value: Any, /) -> None:
        """Take the member's value.

        Raises:
            ServiceError: It cannot be changed so, or not any more.
        """
        ...


class TrainingJobUpdates:
    """UpdateTrainingJob.

    Args:
        updates: By the request's member. A member that nobody takes is answered 501 by its name.
    """

    def __init__(self, records: TrainingJobRecords, updates: Mapping[str, Update]) -> None:
        self._records = records
        self._updates = updates

    @operation("UpdateTrainingJob", access=on("training-job/{TrainingJobName}", lower=True))
    async def update_training_job(self, context: RequestContext, request: Request) -> Request:
        """Change a job's warm pool, its profiler, the profiler's rules.

        Raises:
            ValidationException: No such job, nothing to update, or it can no longer be.
            NotImplementedOperation: A member whose effect is not built.
        """
        job = self._records.get(context.scope, request["TrainingJobName"])
        if job is None:
            raise ValidationException(MISSING)
        given = [member for member in _MEMBERS if request.get(member) is not None]
        if not given:  # recorded (SageMaker Developer Guide, errors when updating a training job)
            raise ValidationException("Invalid UpdateTrainingJobRequest, the request cannot be empty")
        if unbuilt := [member for member in given if member not in self._updates]:
            raise NotImplementedOperation(f"UpdateTrainingJob {', '.join(unbuilt)} is not implemented.")
        for member in given:
            await self._updates[member](job, request[member])
        return {"TrainingJobArn": job.arn}
