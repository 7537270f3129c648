"""Benchmarks: on what a job tries its model, and with which variables. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from sagehen.services.sagemaker.recommender.job import RecommendationJob

# Where a Default job names no types: small to large, of several kinds. AWS chooses by the model's framework
# and domain, by rules that it does not tell.
DEFAULT_TYPES = ("ml.m5.large", "ml.c5.xlarge", "ml.m5.xlarge", "ml.c5.2xlarge", "ml.r5.xlarge")
DEFAULT_MEMORY_MB = (1024, 2048, 4096, 6144)
# Documented: ResourceLimit, "the maximum number of load tests" is ten where it is not given.
_MOST_TESTS = 10


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One endpoint that is made, asked, and deleted again.

    Args:
        number: Its place among the job's, from 0.
        endpoint: Its name, the same after a restart.
        instance_type: Or None of a serverless one.
        serverless: ServerlessConfig, or None.
        specification: InferenceSpecificationName of a model package.
        variables: Of the container, besides the model's own.
    """

    number: int
    endpoint: str
    instance_type: str | None
    serverless: Mapping[str, int] | None = None
    specification: str | None = None
    variables: tuple[tuple[str, str], ...] = ()


def benchmarks_of(job: RecommendationJob) -> list[Benchmark]:
    """Return a job's benchmarks, in the order in which they are run."""
    given = job.input
    configurations = given.get("EndpointConfigurations") or _chosen(given.get("ContainerConfig") or {})
    found = [
        (configuration, variables)
        for configuration in configurations
        for variables in _variables(configuration.get("EnvironmentParameterRanges") or {})
    ]
    most = (given.get("ResourceLimit") or {}).get("MaxNumberOfTests", _MOST_TESTS)
    return [
        Benchmark(
            number,
            _endpoint_name(job, number),
            configuration.get("InstanceType"),
            configuration.get("ServerlessConfig"),
            configuration.get("InferenceSpecificationName"),
            variables,
        )
        for number, (configuration, variables) in enumerate(found[:most])
    ]


def _chosen(container: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if container.get("SupportedEndpointType") == "Serverless":
        return [
            {"ServerlessConfig": {"MemorySizeInMB": size, "MaxConcurrency": 5}} for size in DEFAULT_MEMORY_MB
        ]
    return [{"InstanceType": name} for name in container.get("SupportedInstanceTypes") or DEFAULT_TYPES]


def _variables(ranges: Mapping[str, Any]) -> list[tuple[tuple[str, str], ...]]:
    """Return every combination of the ranges' values."""
    named = ranges.get("CategoricalParameterRanges") or ()
    choices = [[(one["Name"], value) for value in one["Value"]] for one in named]
    return list(product(*choices))


def _endpoint_name(job: RecommendationJob, number: int) -> str:
    digest = hashlib.sha256(f"{job.arn} {job.created_at} {number}".encode()).hexdigest()[:24]
    return f"sm-epc-{digest}"
