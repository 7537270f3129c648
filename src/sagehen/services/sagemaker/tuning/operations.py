"""Hyperparameter tuning jobs: the operations. What happens to an accepted one is in `run.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.operation import Request, on, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import ResourceNotFound
from sagehen.services.sagemaker.tags import rights
from sagehen.services.sagemaker.training.quota import TrainingQuota
from sagehen.services.sagemaker.training.requests.admission import Admission
from sagehen.services.sagemaker.tuning import acceptance, warm_start
from sagehen.services.sagemaker.tuning.definition.condition_keys import of_tuning_job
from sagehen.services.sagemaker.tuning.definition.definition import Definition
from sagehen.services.sagemaker.tuning.description import describe, summarize, summarize_trial
from sagehen.services.sagemaker.tuning.job import TuningJob
from sagehen.services.sagemaker.tuning.records import TuningJobRecords
from sagehen.services.sagemaker.tuning.runs import TuningRuns
from sagehen.services.sagemaker.tuning.search.asking import is_installed
from sagehen.services.sagemaker.tuning.search.strategies import needs_model
from sagehen.services.sagemaker.tuning.trials.records import TrialRecords

_ARN = "hyper-parameter-tuning-job/{HyperParameterTuningJobName}"
_SEED_DIGITS = 7


def _creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = arns.tuning_job_arn(context.scope, request.get("HyperParameterTuningJobName", ""))
    for keys in of_tuning_job(request):
        yield from rights.creation("CreateHyperParameterTuningJob", arn, request, keys)


class TuningJobs:
    """CreateHyperParameterTuningJob and what is around it."""

    def __init__(
        self,
        records: TuningJobRecords,
        trials: TrialRecords,
        runs: TuningRuns,
        clock: Clock,
        ids: Ids,
        admission: Admission,
        quota: TrainingQuota | None = None,
    ) -> None:
        self._records = records
        self._trials = trials
        self._runs = runs
        self._clock = clock
        self._ids = ids
        self._admission = admission
        self._quota = quota

    @operation("CreateHyperParameterTuningJob", access=_creation)
    async def create_hyper_parameter_tuning_job(self, context: RequestContext, request: Request) -> Request:
        """Accept a tuning job and start it.

        Raises:
            ValidationException, ResourceInUse, ResourceLimitExceeded, NotImplementedOperation.
        """
        for definition, sources in await self._admission.judge(acceptance.check, request):
            await self._admission.admit(context, definition.request, sources)
            self._require_quota(context, request, definition)
        seed = request["HyperParameterTuningJobConfig"].get("RandomSeed")
        seed = int(self._ids.hex(_SEED_DIGITS), 16) if seed is None else seed
        kept = {member: value for member, value in request.items() if member != "Tags" and value is not None}
        job = TuningJob.new(context.scope, kept, seed, self._clock.now())
        if names := warm_start.parent_names(request):
            job = await asyncio.to_thread(self._warm_started, job, names)
        if needs_model(job) and not is_installed():
            raise NotImplementedOperation(
                "CreateHyperParameterTuningJob Strategy Bayesian needs Optuna, which is not installed: "
                "pip install 'sagehen[tune]'"
            )
        await self._records.add(job, request.get("Tags") or ())
        self._runs.begin(job)
        return {"HyperParameterTuningJobArn": job.arn}

    def _require_quota(self, context: RequestContext, request: Request, definition: Definition) -> None:
        """Check that as many training jobs as run at once may begin now; later they take what they find.

        Recorded (aws/amazon-sagemaker-examples issue 1543) is that this call is refused; by how much is ours.

        Raises:
            ResourceLimitExceeded
        """
        if self._quota is None:
            return
        limits = request["HyperParameterTuningJobConfig"]["ResourceLimits"]
        most = limits["MaxParallelTrainingJobs"]
        jobs = min(most, limits.get("MaxNumberOfTrainingJobs") or most)
        self._quota.require(context.scope, definition.training_request("", {}), jobs)

    def _warm_started(self, job: TuningJob, names: Sequence[str]) -> TuningJob:
        """Blocking: parents may have thousands of trials."""
        parents = []
        for name in names:
            parent = self._records.get(job.scope, name)
            if parent is None:
                raise ValidationException(_missing(name))
            parents.append((parent, self._trials.without_curves(parent)))
        return warm_start.started_from(job, parents)

    @operation("DescribeHyperParameterTuningJob", access=on(_ARN, lower=True))
    async def describe_hyper_parameter_tuning_job(self, context: RequestContext, request: Request) -> Request:
        """Tell a tuning job's state, with the best training job so far.

        Raises:
            ResourceNotFound: No such job.
        """
        return await asyncio.to_thread(self._described, self._get(context, request))

    def _described(self, job: TuningJob) -> Request:
        """Blocking: 750 trials take 16 ms, and more with long hyperparameters."""
        trials = self._trials.without_curves(job)
        return describe(job, trials, self._trials.groups(job), self._clock.now())

    @operation("ListHyperParameterTuningJobs")
    async def list_hyper_parameter_tuning_jobs(self, context: RequestContext, request: Request) -> Request:
        """Return one page of tuning jobs, by name where the request does not say."""
        jobs, token = self._records.page(context.scope, request)
        summaries = await asyncio.to_thread(self._summarized, jobs)
        return {"HyperParameterTuningJobSummaries": summaries, "NextToken": token}

    def _summarized(self, jobs: Sequence[TuningJob]) -> list[Request]:
        return [summarize(job, self._trials.groups(job)) for job in jobs]

    @operation("ListTrainingJobsForHyperParameterTuningJob", access=on(_ARN, lower=True))
    async def list_training_jobs_for_hyper_parameter_tuning_job(
        self, context: RequestContext, request: Request
    ) -> Request:
        """Return one page of a tuning job's training jobs, by name where the request does not say.

        Raises:
            ResourceNotFound: No such tuning job.
        """
        job = self._get(context, request)
        trials, token = await asyncio.to_thread(self._trials.page, job, request)
        return {"TrainingJobSummaries": [summarize_trial(job, trial) for trial in trials], "NextToken": token}

    @operation("StopHyperParameterTuningJob", access=on(_ARN, lower=True))
    async def stop_hyper_parameter_tuning_job(self, context: RequestContext, request: Request) -> None:
        """Ask a tuning job to stop, and its training jobs; one that is stopping already is left to it.

        Raises:
            ResourceNotFound: No such job.
            ValidationException: It has ended.
        """

        def stop(job: TuningJob) -> TuningJob:
            if job.ended:
                # As it is recorded of training jobs.
                raise ValidationException(
                    "The request was rejected because the hyperparameter tuning job is in status"
                    f" {job.status}."
                )
            return job if job.stopping else job.asked_to_stop(self._clock.now())

        name = request["HyperParameterTuningJobName"]
        job = await self._records.change(context.scope, name, stop)
        if job is None:
            raise ResourceNotFound(_missing(name))
        self._runs.poke(job)

    @operation("DeleteHyperParameterTuningJob", access=on(_ARN, lower=True))
    async def delete_hyper_parameter_tuning_job(self, context: RequestContext, request: Request) -> None:
        """Forget a tuning job that has ended; its training jobs and their artifacts stay.

        Raises:
            ResourceNotFound: No such job.
            ValidationException: It has not ended.
        """
        job = self._get(context, request)
        if not job.ended:
            raise ValidationException(
                f"The request was rejected because the hyperparameter tuning job is in status {job.status}."
            )
        await self._records.delete(job)

    def _get(self, context: RequestContext, request: Request) -> TuningJob:
        name = request["HyperParameterTuningJobName"]
        job = self._records.get(context.scope, name)
        if job is None:
            raise ResourceNotFound(_missing(name))
        return job


def _missing(name: str) -> str:
    # Recorded: aws/amazon-sagemaker-examples issue 1540.
    return f"Amazon SageMaker can't find a tuning job called {name}. Type another name."
