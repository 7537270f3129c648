"""What is told of a job: its description, its line in lists, its steps. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.recommender.benchmarks import Benchmark, benchmarks_of
from sagehen.services.sagemaker.recommender.endpoint import VARIANT
from sagehen.services.sagemaker.recommender.job import COMPLETED, RecommendationJob
from sagehen.services.sagemaker.resources.rows import moment

# Documented: InferenceRecommendations has ten at most.
_MOST = 10


def describe(job: RecommendationJob) -> dict[str, Any]:
    """Return what DescribeInferenceRecommendationsJob answers."""
    request = job.request
    return {
        "JobName": job.name,
        "JobArn": job.arn,
        "JobDescription": request.get("JobDescription"),
        "JobType": request["JobType"],
        "RoleArn": job.role_arn,
        "Status": job.status,
        "CreationTime": moment(job.created_at),
        "LastModifiedTime": moment(job.modified_at),
        "CompletionTime": moment(job.ended_at) if job.ended_at is not None else None,
        "FailureReason": job.failure_reason,
        "InputConfig": job.input,
        "StoppingConditions": request.get("StoppingConditions"),
        "InferenceRecommendations": recommendations(job) or None,
    }


def recommendations(job: RecommendationJob) -> list[dict[str, Any]]:
    """Return the benchmarks that came to something, the cheapest inference first; unknown prices last."""
    found = []
    for benchmark, step in zip(benchmarks_of(job), job.steps, strict=False):
        if step["Status"] == COMPLETED:
            named = {"RecommendationId": f"{job.name}/{benchmark.endpoint.removeprefix('sm-epc-')[:8]}"}
            found.append({**named, **_of_benchmark(benchmark, step)})

    def cost(entry: Mapping[str, Any]) -> float:
        price: float = entry["Metrics"].get("CostPerInference", float("inf"))
        return price

    return sorted(found, key=cost)[:_MOST]


def summarize(job: RecommendationJob) -> dict[str, Any]:
    """Return a job's entry in ListInferenceRecommendationsJobs."""
    told = describe(job)
    members = (
        "JobName", "JobDescription", "JobType", "JobArn", "Status", "CreationTime", "CompletionTime",
        "RoleArn", "LastModifiedTime", "FailureReason",
    )  # fmt: skip
    given = job.input
    named = {name: given.get(name) for name in ("ModelName", "ModelPackageVersionArn")}
    url = ((given.get("ContainerConfig") or {}).get("PayloadConfig") or {}).get("SamplePayloadUrl")
    return {**{name: told[name] for name in members}, **named, "SamplePayloadUrl": url}


def steps(job: RecommendationJob) -> list[dict[str, Any]]:
    """Return the entries of ListInferenceRecommendationsJobSteps."""
    return [
        {
            "StepType": "BENCHMARK",
            "JobName": job.name,
            "Status": step["Status"],
            "InferenceBenchmark": {
                **_of_benchmark(benchmark, step),
                "FailureReason": step.get("FailureReason"),
            },
        }
        for benchmark, step in zip(benchmarks_of(job), job.steps, strict=False)
    ]


def _of_benchmark(benchmark: Benchmark, step: Mapping[str, Any]) -> dict[str, Any]:
    variables = [{"Key": name, "ValueType": "String", "Value": value} for name, value in benchmark.variables]
    return {
        "Metrics": step.get("Metrics"),
        "EndpointConfiguration": {
            "EndpointName": benchmark.endpoint,
            "VariantName": VARIANT,
            "InstanceType": benchmark.instance_type,
            "InitialInstanceCount": None if benchmark.serverless else 1,
            "ServerlessConfig": benchmark.serverless,
        },
        "ModelConfiguration": {
            "InferenceSpecificationName": benchmark.specification,
            "EnvironmentParameters": variables or None,
        },
        "InvocationStartTime": moment(step["began_at"]) if "began_at" in step else None,
        "InvocationEndTime": moment(step["ended_at"]) if "ended_at" in step else None,
    }
