"""UpdateTrainingJob: what may still be changed of a job, a handler for each member of the request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.condition_keys import flag, keys_of, listed
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.records import TrainingJobRecords

_MEMBERS = ("ProfilerConfig", "ProfilerRuleConfigurations", "ResourceConfig", "RemoteDebugConfig")


def _access(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Documented (Service Authorization Reference, UpdateTrainingJob): what may be set can be limited."""
    arn = arns.training_job_arn(context.scope, request.get("TrainingJobName", ""))
    keys = {
        # Of what is asked for: the rules' instances. The job's own types cannot be changed.
        "InstanceTypes": listed(request.get("ProfilerRuleConfigurations") or (), "InstanceType"),
        "KeepAlivePeriod": (request.get("ResourceConfig") or {}).get("KeepAlivePeriodInSeconds"),
        "EnableRemoteDebug": flag((request.get("RemoteDebugConfig") or {}).get("EnableRemoteDebug")),
    }
    yield Access("sagemaker:UpdateTrainingJob", arn, keys_of(keys))


class Update(Protocol):
    """Changes what one member is about."""

    def check(self, job: TrainingJob, value: Any, /) -> None:
        """Look whether the member's value could be taken now.

        Raises:
            ServiceError: As taking it would.
        """
        ...

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

    @operation("UpdateTrainingJob", access=_access)
    async def update_training_job(self, context: RequestContext, request: Request) -> Request:
        """Change a job's warm pool, its profiler, the profiler's rules.

        Raises:
            ValidationException: No such job, nothing to update, or it can no longer be.
            NotImplementedOperation: A member whose effect is not built.
        """
        job = self._records.require(context.scope, request["TrainingJobName"])
        given = [member for member in _MEMBERS if request.get(member) is not None]
        if not given:  # recorded (SageMaker Developer Guide, errors when updating a training job)
            raise ValidationException("Invalid UpdateTrainingJobRequest, the request cannot be empty")
        if unbuilt := [member for member in given if member not in self._updates]:
            raise NotImplementedOperation(f"UpdateTrainingJob {', '.join(unbuilt)} is not implemented.")
        for member in given:  # of several members, none is taken where one cannot be
            self._updates[member].check(job, request[member])
        for member in given:
            await self._updates[member](job, request[member])
        return {"TrainingJobArn": job.arn}
