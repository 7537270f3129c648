"""Training jobs: the operations. What happens to an accepted job is in `attempts/run.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.operation import Request, on, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import ResourceInUse
from sagehen.services.sagemaker.tags import rights
from sagehen.services.sagemaker.training.description import describe, summarize
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.pools.pools import WarmPools
from sagehen.services.sagemaker.training.quota import TrainingQuota
from sagehen.services.sagemaker.training.records import MISSING, TrainingJobRecords
from sagehen.services.sagemaker.training.requests import acceptance
from sagehen.services.sagemaker.training.requests.admission import Admission
from sagehen.services.sagemaker.training.requests.condition_keys import of_training_job
from sagehen.services.sagemaker.training.runs import TrainingRuns
from sagehen.services.sagemaker.training.statuses import rejected
from sagehen.store.database import Transaction

_ARN = "training-job/{TrainingJobName}"


def _creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = arns.training_job_arn(context.scope, request.get("TrainingJobName", ""))
    keys = of_training_job(request)
    yield from rights.creation("CreateTrainingJob", arn, request, keys)


class TrainingJobs:
    """CreateTrainingJob, DescribeTrainingJob, ListTrainingJobs, StopTrainingJob, DeleteTrainingJob."""

    def __init__(
        self,
        records: TrainingJobRecords,
        runs: TrainingRuns,
        clock: Clock,
        admission: Admission,
        pools: WarmPools,
        quota: TrainingQuota | None = None,
    ) -> None:
        self._records = records
        self._runs = runs
        self._clock = clock
        self._admission = admission
        self._pools = pools
        self._quota = quota

    @operation("CreateTrainingJob", access=_creation)
    async def create_training_job(self, context: RequestContext, request: Request) -> Request:
        """Accept a job and start it.

        Raises:
            ValidationException, ResourceInUse, ResourceLimitExceeded, NotImplementedOperation.
        """
        sources = await self._admission.judge(acceptance.check, request)
        session = await self._admission.admit(context, request, sources)
        job = TrainingJob.new(context.scope, _kept(request), self._clock.now())
        await self._records.add(job, request.get("Tags") or (), self._within_quota(job))
        self._runs.begin(job, session)
        return {"TrainingJobArn": job.arn}

    def _within_quota(self, job: TrainingJob) -> Callable[[Transaction, TrainingJob], None] | None:
        if self._quota is None:
            return None
        limits = self._quota.limits_of(job.request)  # read here: the writer's thread reads no other table
        return lambda tx, job: TrainingQuota.require_within(tx, limits, job)

    @operation("DescribeTrainingJob", access=on(_ARN, lower=True))
    async def describe_training_job(self, context: RequestContext, request: Request) -> Request:
        """Tell a job's state.

        ModelArtifacts is there from the beginning, before anything is in S3: SDKs read it while the job runs.

        Raises:
            ValidationException: No such job.
        """
        job = self._records.named(context.scope, request["TrainingJobName"])
        return describe(job, self._pools.of(job))

    @operation("ListTrainingJobs")
    async def list_training_jobs(self, context: RequestContext, request: Request) -> Request:
        """Return one page of jobs, oldest first where the request does not say (the others are newest first).

        Raises:
            NotImplementedOperation: A filter for what is not built here: training plans.
        """
        if request.get("TrainingPlanArnEquals"):
            raise NotImplementedOperation("ListTrainingJobs TrainingPlanArnEquals is not implemented.")
        jobs, token = self._records.page(context.scope, request)
        pools = self._pools.of_jobs(jobs)
        summaries = [summarize(job, pools.get(job.name)) for job in jobs]
        return {"TrainingJobSummaries": summaries, "NextToken": token}

    @operation("StopTrainingJob", access=on(_ARN, lower=True))
    async def stop_training_job(self, context: RequestContext, request: Request) -> None:
        """Ask a job to stop; a job that is stopping already is left to it.

        Raises:
            ValidationException: No such job, or it has ended.
        """

        def stop(job: TrainingJob) -> TrainingJob:
            if job.ended:
                raise rejected(job.status)
            return job if job.stopping else job.asked_to_stop(self._clock.now())

        job = await self._records.change(context.scope, request["TrainingJobName"], stop)
        if job is None:
            raise ValidationException(MISSING)
        self._runs.poke(job)

    @operation("DeleteTrainingJob", access=on(_ARN, lower=True))
    async def delete_training_job(self, context: RequestContext, request: Request) -> None:
        """Forget a job that has ended; its artifacts and logs stay.

        Raises:
            ValidationException: No such job.
            ResourceInUse: It has not ended, or a warm pool waits after it.
        """
        job = self._records.require(context.scope, request["TrainingJobName"])
        if not job.ended:
            raise ResourceInUse(
                f"The training job is in status {job.status} and cannot be deleted ({job.arn})."
            )
        pool = self._pools.of(job)
        if pool is not None and pool.status == "Available":  # documented; the words are ours
            raise ResourceInUse(
                f"The training job retains an Available warm pool and cannot be deleted ({job.arn})."
            )
        await self._pools.forget(job)
        await self._records.delete(job)


def _kept(request: Request) -> Request:
    """Return what of the request is the job's own; tags have a table of theirs."""
    return {member: value for member, value in request.items() if member != "Tags" and value is not None}
