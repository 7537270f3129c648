"""Inference Recommender: the operations. What happens to an accepted job is in `run.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, on, operation
from sagehen.api.pagination import encode_token, sought
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.sagemaker.recommender import description, scaling
from sagehen.services.sagemaker.recommender import job as states
from sagehen.services.sagemaker.recommender.acceptance import check
from sagehen.services.sagemaker.recommender.job import RecommendationJob
from sagehen.services.sagemaker.recommender.records import RecommendationRecords
from sagehen.services.sagemaker.recommender.runs import RecommendationRuns
from sagehen.services.sagemaker.resources.errors import ResourceNotFound
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.tags import rights

_ARN = "inference-recommendations-job/{JobName}"
_DEFAULT_PAGE = 10


def _creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = context.scope.arn("sagemaker", _ARN.format(JobName=request.get("JobName", "*")))
    yield from rights.creation("CreateInferenceRecommendationsJob", arn, request)


class RecommendationJobs:
    """CreateInferenceRecommendationsJob and its kin, GetScalingConfigurationRecommendation."""

    def __init__(
        self, records: RecommendationRecords, runs: RecommendationRuns, clock: Clock, roles: Roles
    ) -> None:
        self._records = records
        self._runs = runs
        self._clock = clock
        self._roles = roles

    @operation("CreateInferenceRecommendationsJob", access=_creation)
    async def create_inference_recommendations_job(
        self, context: RequestContext, request: Request
    ) -> Request:
        """Accept a job and begin.

        Raises:
            ValidationException, ResourceInUse, NotImplementedOperation.
        """
        check(request)
        await sessions.accept(self._roles, context, request["RoleArn"])
        job = RecommendationJob.new(context.scope, request, self._clock.now())
        await self._records.add(job, request.get("Tags") or ())
        self._runs.start(job)
        return {"JobArn": job.arn}

    @operation("DescribeInferenceRecommendationsJob", access=on(_ARN))
    async def describe_inference_recommendations_job(
        self, context: RequestContext, request: Request
    ) -> Request:
        """Tell a job's state and what it recommends. ResourceNotFound where there is none."""
        return description.describe(self._records.require(context.scope, request["JobName"]))

    @operation("ListInferenceRecommendationsJobs")
    async def list_inference_recommendations_jobs(self, context: RequestContext, request: Request) -> Request:
        """Return one page of jobs, newest first where the request does not say.

        Raises:
            ValidationException: The token is not one of ours.
        """
        jobs, token = self._records.page(context.scope, request)
        return {
            "InferenceRecommendationsJobs": [description.summarize(job) for job in jobs],
            "NextToken": token,
        }

    @operation("ListInferenceRecommendationsJobSteps", access=on(_ARN))
    async def list_inference_recommendations_job_steps(
        self, context: RequestContext, request: Request
    ) -> Request:
        """Return one page of a job's benchmarks, in the order in which they are run.

        Raises:
            ResourceNotFound: There is no such job.
            ValidationException: The token is not one of ours.
        """
        job = self._records.require(context.scope, request["JobName"])
        steps = description.steps(job)
        if wanted := request.get("Status"):
            steps = [step for step in steps if step["Status"] == wanted]
        if request.get("StepType", "BENCHMARK") != "BENCHMARK":
            steps = []
        listing = f"steps of {job.arn}"
        last = sought(request.get("NextToken"), (int,), listing=listing, error=ValidationException)
        begin, size = (last[0] if last else 0), request.get("MaxResults", _DEFAULT_PAGE)
        token = encode_token((begin + size,), listing=listing) if begin + size < len(steps) else None
        return {"Steps": steps[begin : begin + size], "NextToken": token}

    @operation("StopInferenceRecommendationsJob", access=on(_ARN))
    async def stop_inference_recommendations_job(self, context: RequestContext, request: Request) -> None:
        """End a job; what it measured stays.

        Raises:
            ResourceNotFound: There is no such job.
            ValidationException: It has ended.
        """
        name, now = request["JobName"], self._clock.now().timestamp()

        def stopping(job: RecommendationJob) -> RecommendationJob:
            if job.status not in states.UNFINISHED:
                raise ValidationException(f"Inference recommendations job {name} is {job.status} already.")
            return replace(job, status=states.STOPPING, modified_at=now)

        if await self._records.change(context.scope, name, stopping) is None:
            self._records.require(context.scope, name)
        self._runs.poke(self._records.require(context.scope, name).arn)

    @operation(
        "GetScalingConfigurationRecommendation",
        access=on("inference-recommendations-job/{InferenceRecommendationsJobName}"),
    )
    async def get_scaling_configuration_recommendation(
        self, context: RequestContext, request: Request
    ) -> Request:
        """Return settings of autoscaling for one of a job's recommendations.

        Raises:
            ResourceNotFound: There is no such job, or recommendation.
            ValidationException: Nothing is named; the job is not COMPLETED; it is a serverless one.
        """
        job = self._records.require_ended(context.scope, request["InferenceRecommendationsJobName"])
        wanted, endpoint = request.get("RecommendationId"), request.get("EndpointName")
        if not wanted and not endpoint:  # documented; the words are ours
            raise ValidationException("Either RecommendationId or EndpointName must be given.")
        found = [
            one
            for one in description.recommendations(job)
            if wanted in (None, one["RecommendationId"])
            and endpoint in (None, one["EndpointConfiguration"]["EndpointName"])
        ]
        if not found:
            raise ResourceNotFound(
                f"Job {job.name} has no recommendation {wanted or endpoint or ''}".rstrip()
            )
        if found[0]["EndpointConfiguration"].get("ServerlessConfig"):
            raise ValidationException("A serverless endpoint has no instances to scale.")
        objective = request.get("ScalingPolicyObjective") or {}
        target = request.get("TargetCpuUtilizationPerCore")
        return {
            "InferenceRecommendationsJobName": job.name,
            "RecommendationId": found[0]["RecommendationId"],
            "EndpointName": endpoint,
            "TargetCpuUtilizationPerCore": target,
            "ScalingPolicyObjective": request.get("ScalingPolicyObjective"),
            **scaling.recommended(found[0]["Metrics"], objective, target),
        }
