"""Processing jobs: the operations. What happens to an accepted job is in `attempt.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, on, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ports.identity.roles import Roles, RoleSession
from sagehen.domain.ports.storage.objects import Objects
from sagehen.services.sagemaker.images.mapping import Images
from sagehen.services.sagemaker.images.prewarming import Prewarming
from sagehen.services.sagemaker.instances.networks import NamedNetworks
from sagehen.services.sagemaker.instances.supply import quotas
from sagehen.services.sagemaker.instances.supply.supply import Supply
from sagehen.services.sagemaker.jobs import quota
from sagehen.services.sagemaker.jobs.records import JobRecords
from sagehen.services.sagemaker.jobs.runs import JobRuns
from sagehen.services.sagemaker.processing import acceptance
from sagehen.services.sagemaker.processing.condition_keys import of_processing_job
from sagehen.services.sagemaker.processing.description import describe, summarize
from sagehen.services.sagemaker.processing.inputs import ProcessingInput
from sagehen.services.sagemaker.processing.job import ProcessingJob
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import ResourceInUse
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.tags import rights
from sagehen.services.sagemaker.transfers.channels.presence import require_objects

_ARN = "processing-job/{ProcessingJobName}"
_WARM = ("python", "python3")


def _creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = arns.processing_job_arn(context.scope, request.get("ProcessingJobName", ""))
    yield from rights.creation("CreateProcessingJob", arn, request, of_processing_job(request))


class ProcessingJobs:
    """CreateProcessingJob, DescribeProcessingJob, ListProcessingJobs, StopProcessingJob, DeleteProcessingJob.

    Args:
        networks: What VpcConfig may name.
    """

    def __init__(
        self,
        records: JobRecords[ProcessingJob],
        runs: JobRuns[ProcessingJob],
        clock: Clock,
        roles: Roles,
        objects: Objects,
        prewarming: Prewarming,
        images: Images,
        supply: Supply,
        networks: NamedNetworks,
    ) -> None:
        self._records = records
        self._runs = runs
        self._clock = clock
        self._roles = roles
        self._objects = objects
        self._prewarming = prewarming
        self._images = images
        self._supply = supply
        self._networks = networks

    @operation("CreateProcessingJob", access=_creation)
    async def create_processing_job(self, context: RequestContext, request: Request) -> Request:
        """Accept a job and start it.

        Raises:
            ValidationException, ResourceInUse, ResourceLimitExceeded, NotImplementedOperation.
        """
        image, inputs = acceptance.check(request, self._images)
        vpc = (request.get("NetworkConfig") or {}).get("VpcConfig") or {}
        await self._networks.require(
            context.scope, vpc.get("Subnets") or (), vpc.get("SecurityGroupIds") or ()
        )
        if (request["AppSpecification"].get("ContainerEntrypoint") or ("",))[0] in _WARM:
            self._prewarming.expect(image)
        session = await sessions.accept(self._roles, context, request["RoleArn"])
        await self._require_inputs(context, session, request["RoleArn"], inputs)
        job = ProcessingJob.new(context.scope, request["ProcessingJobName"], request, self._clock.now())
        require = quota.within(self._supply, self._records, quotas.PROCESSING, job)
        await self._records.add(job, request.get("Tags") or (), require)
        self._runs.begin(job, session)
        return {"ProcessingJobArn": job.arn}

    async def _require_inputs(
        self,
        context: RequestContext,
        session: RoleSession,
        role_arn: str,
        inputs: tuple[ProcessingInput, ...],
    ) -> None:
        region, principal = context.scope.region, session.principal
        found = [require_objects(self._objects, principal, each.channel, region, role_arn) for each in inputs]
        await asyncio.gather(*found)

    @operation("DescribeProcessingJob", access=on(_ARN, lower=True))
    async def describe_processing_job(self, context: RequestContext, request: Request) -> Request:
        """Tell a job's state.

        Raises:
            ValidationException: No such job.
        """
        return describe(self._records.named(context.scope, request["ProcessingJobName"]))

    @operation("ListProcessingJobs")
    async def list_processing_jobs(self, context: RequestContext, request: Request) -> Request:
        """Return one page of jobs, oldest first where the request does not say.

        Raises:
            ValidationException: The token is not one of ours.
        """
        jobs, token = self._records.page(context.scope, request)
        return {"ProcessingJobSummaries": [summarize(job) for job in jobs], "NextToken": token}

    @operation("StopProcessingJob", access=on(_ARN, lower=True))
    async def stop_processing_job(self, context: RequestContext, request: Request) -> None:
        """Ask a job to stop; a job that is stopping already is left to it.

        Raises:
            ValidationException: No such job, or it has ended.
        """
        await self._runs.stop(context.scope, request["ProcessingJobName"])

    @operation("DeleteProcessingJob", access=on(_ARN, lower=True))
    async def delete_processing_job(self, context: RequestContext, request: Request) -> None:
        """Forget a job that has ended; its outputs and logs stay.

        Raises:
            ValidationException: No such job.
            ResourceInUse: It has not ended.
        """
        job = self._records.require(context.scope, request["ProcessingJobName"])
        if not job.ended:  # documented; the words are ours
            raise ResourceInUse(
                f"The processing job is in status {job.status} and cannot be deleted ({job.arn})."
            )
        await self._records.remove(job)
