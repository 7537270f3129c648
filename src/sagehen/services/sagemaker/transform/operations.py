"""Transform jobs: the operations. What happens to an accepted job is in `attempt.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.operation import Request, on, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ports.identity.roles import Roles
from sagehen.domain.ports.storage.objects import Objects
from sagehen.services.sagemaker.images.mapping import Images
from sagehen.services.sagemaker.images.prewarming import Prewarming
from sagehen.services.sagemaker.instances.supply import quotas
from sagehen.services.sagemaker.instances.supply.supply import Supply
from sagehen.services.sagemaker.jobs import quota
from sagehen.services.sagemaker.jobs.records import JobRecords
from sagehen.services.sagemaker.jobs.runs import JobRuns
from sagehen.services.sagemaker.models.records import ModelRecords, is_multi_model
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import could_not_find
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.tags import rights
from sagehen.services.sagemaker.transfers.channels.presence import require_objects
from sagehen.services.sagemaker.transform.acceptance import check
from sagehen.services.sagemaker.transform.condition_keys import of_transform_job
from sagehen.services.sagemaker.transform.description import describe, summarize
from sagehen.services.sagemaker.transform.job import MODEL, TransformJob

_ARN = "transform-job/{TransformJobName}"


def _creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = arns.transform_job_arn(context.scope, request.get("TransformJobName", ""))
    keys = of_transform_job(request, context.scope)
    yield from rights.creation("CreateTransformJob", arn, request, keys)


class TransformJobs:
    """CreateTransformJob, DescribeTransformJob, ListTransformJobs, StopTransformJob."""

    def __init__(
        self,
        records: JobRecords[TransformJob],
        runs: JobRuns[TransformJob],
        models: ModelRecords,
        clock: Clock,
        roles: Roles,
        objects: Objects,
        prewarming: Prewarming,
        images: Images,
        supply: Supply,
    ) -> None:
        self._records = records
        self._runs = runs
        self._models = models
        self._clock = clock
        self._roles = roles
        self._objects = objects
        self._prewarming = prewarming
        self._images = images
        self._supply = supply

    @operation("CreateTransformJob", access=_creation)
    async def create_transform_job(self, context: RequestContext, request: Request) -> Request:
        """Accept a job and start it.

        Raises:
            ValidationException, ResourceInUse, ResourceLimitExceeded, NotImplementedOperation.
        """
        check(request)
        scope = context.scope
        model = self._models.get(scope, request["ModelName"])
        if model is None:
            raise could_not_find("model", arns.model_arn(scope, request["ModelName"]))
        if any(is_multi_model(container) for container in model.containers):
            # From memory, as the words: such a model has no one archive to run over the input.
            raise ValidationException("Batch transform is not supported for models with Mode MultiModel.")
        if len(model.containers) > 1:
            raise NotImplementedOperation("CreateTransformJob with an inference pipeline is not implemented.")
        asked = {**request, MODEL: dict(model.request)}
        job = TransformJob.new(scope, request["TransformJobName"], asked, self._clock.now())
        self._prewarming.expect(self._images.resolve(job.image, "inference"))
        session = await sessions.assume(self._roles, job.role_arn)  # CreateModel asked for iam:PassRole
        await require_objects(self._objects, session.principal, job.channel, scope.region, job.role_arn)
        require = quota.within(self._supply, self._records, quotas.TRANSFORM, job)
        await self._records.add(job, request.get("Tags") or (), require)
        self._runs.begin(job, session)
        return {"TransformJobArn": job.arn}

    @operation("DescribeTransformJob", access=on(_ARN, lower=True))
    async def describe_transform_job(self, context: RequestContext, request: Request) -> Request:
        """Tell a job's state.

        Raises:
            ValidationException: No such job.
        """
        return describe(self._records.named(context.scope, request["TransformJobName"]))

    @operation("ListTransformJobs")
    async def list_transform_jobs(self, context: RequestContext, request: Request) -> Request:
        """Return one page of jobs, newest first where the request does not say.

        Raises:
            ValidationException: The token is not one of ours.
        """
        jobs, token = self._records.page(context.scope, request)
        return {"TransformJobSummaries": [summarize(job) for job in jobs], "NextToken": token}

    @operation("StopTransformJob", access=on(_ARN, lower=True))
    async def stop_transform_job(self, context: RequestContext, request: Request) -> None:
        """Ask a job to stop; nothing of it is stored then.

        Raises:
            ValidationException: No such job, or it has ended.
        """
        await self._runs.stop(context.scope, request["TransformJobName"])
