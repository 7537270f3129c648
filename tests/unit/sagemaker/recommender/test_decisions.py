"""What a recommendation job tries, how it is asked, and what that comes to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.recommender import scaling
from sagehen.services.sagemaker.recommender.acceptance import check
from sagehen.services.sagemaker.recommender.benchmarks import DEFAULT_MEMORY_MB, DEFAULT_TYPES, benchmarks_of
from sagehen.services.sagemaker.recommender.description import recommendations
from sagehen.services.sagemaker.recommender.job import RecommendationJob
from sagehen.services.sagemaker.recommender.measuring.results import (
    Conditions,
    StageResult,
    best_of,
    metrics_of,
    percentile,
)
from sagehen.services.sagemaker.recommender.traffic import Stage, is_flat, stages_of

NOW = datetime(2026, 11, 29, tzinfo=UTC)
PAYLOAD = {"PayloadConfig": {"SamplePayloadUrl": "s3://b/p.tar.gz", "SupportedContentTypes": ["text/csv"]}}


def request(**given: Any) -> dict[str, Any]:
    of_job = {name: given.pop(name) for name in ("StoppingConditions", "OutputConfig") if name in given}
    kind = "Advanced" if "EndpointConfigurations" in given else "Default"
    config = {"ModelName": "m", "ContainerConfig": PAYLOAD, **given}
    return {"JobName": "J", "JobType": kind, "RoleArn": "arn:r", "InputConfig": config, **of_job}


def job(**given: Any) -> RecommendationJob:
    return RecommendationJob.new(Scope("123456789012", "us-east-1"), request(**given), NOW)


def test_what_is_tried() -> None:
    assert [one.instance_type for one in benchmarks_of(job())] == list(DEFAULT_TYPES)
    named = job(ContainerConfig={**PAYLOAD, "SupportedInstanceTypes": ["ml.c5.large"]})
    assert [one.instance_type for one in benchmarks_of(named)] == ["ml.c5.large"]
    serverless_ones = job(ContainerConfig={**PAYLOAD, "SupportedEndpointType": "Serverless"})
    sizes = [one.serverless["MemorySizeInMB"] for one in benchmarks_of(serverless_ones) if one.serverless]
    assert sizes == [*DEFAULT_MEMORY_MB]
    ranges = {
        "CategoricalParameterRanges": [{"Name": "A", "Value": ["1", "2"]}, {"Name": "B", "Value": ["x"]}]
    }
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 2}
    wanted = [
        {"InstanceType": "ml.m5.large", "EnvironmentParameterRanges": ranges},
        {"ServerlessConfig": serverless},
    ]
    every = benchmarks_of(job(EndpointConfigurations=wanted))
    assert [one.variables for one in every] == [(("A", "1"), ("B", "x")), (("A", "2"), ("B", "x")), ()]
    assert every[2].serverless == serverless and every[2].instance_type is None
    assert len({one.endpoint for one in every}) == 3 and every == benchmarks_of(
        job(EndpointConfigurations=wanted)
    )
    few = job(EndpointConfigurations=wanted, ResourceLimit={"MaxNumberOfTests": 1})
    assert len(benchmarks_of(few)) == 1


@pytest.mark.parametrize(
    ("given", "stages"),
    [
        (
            {"Stairs": {"NumberOfSteps": 3, "UsersPerStep": 2, "DurationInSeconds": 9}},
            [(2, 9), (4, 9), (6, 9)],
        ),
        (
            {"Phases": [{"InitialNumberOfUsers": 1, "SpawnRate": 2, "DurationInSeconds": 150}]},
            [(1, 60), (3, 60), (5, 30)],
        ),
        (
            {"Phases": [{"InitialNumberOfUsers": 200, "SpawnRate": 90, "DurationInSeconds": 61}]},
            [(200, 60), (256, 1)],
        ),
    ],
)
def test_how_it_is_asked(given: dict[str, Any], stages: list[tuple[int, int]]) -> None:
    assert stages_of({"TrafficPattern": given}, False) == [Stage(*stage) for stage in stages]


def test_users_are_doubled_until_there_is_no_more_to_be_had() -> None:
    assert [stage.users for stage in stages_of({}, True)][:4] == [1, 2, 4, 8]
    assert not is_flat([100]) and not is_flat([100, 190])
    assert is_flat([100, 190, 195]) and is_flat([100, 190, 90])


def test_the_best_stage_is_the_one_of_most_answers_within_the_threshold() -> None:
    slow = StageResult(8, 60, [10.0] * 90 + [200.0] * 10, 600)
    fast = StageResult(2, 60, [10.0] * 100, 200)
    assert percentile(slow.latencies_ms, 95) == 200 and percentile(slow.latencies_ms, 90) == 10
    assert best_of([fast, slow], Conditions.of({})) is slow
    threshold = {"ModelLatencyThresholds": [{"Percentile": "P95", "ValueInMilliseconds": 100}]}
    strict = Conditions.of({"StoppingConditions": threshold})
    assert best_of([fast, slow], strict) is fast and strict.are_met(slow) and not strict.are_met(fast)
    enough = Conditions.of({"StoppingConditions": {"MaxInvocations": 600, "FlatInvocations": "Continue"}})
    assert enough.are_met(slow) and not enough.are_met(fast) and not enough.stops_when_flat
    impossible = Conditions(95, 1.0)
    assert best_of([slow, fast], impossible) is fast
    assert best_of([StageResult(1, 60, [], 0)], impossible) is None
    found = metrics_of(fast, strict, 0.12, {"CpuUtilization": 80.0})
    assert found == {
        "MaxInvocations": 200, "ModelLatency": 10, "CpuUtilization": 80.0, "CostPerHour": 0.12,
        "CostPerInference": pytest.approx(0.12 / 60 / 200),
    }  # fmt: skip
    assert "CostPerHour" not in metrics_of(fast, strict, None, {}, 12.4)


def test_recommendations_are_in_the_order_of_their_price() -> None:
    tried = job(
        EndpointConfigurations=[{"InstanceType": f"ml.m5.{size}"} for size in ("large", "xlarge", "2xlarge")]
    )
    for number, cost in enumerate((3e-6, None, 1e-6)):
        ended = {"Status": "COMPLETED", "Metrics": {"CostPerInference": cost}}
        tried = tried.with_step(number, ended if cost else {"Status": "FAILED", "FailureReason": "no"})
    found = [one["EndpointConfiguration"]["InstanceType"] for one in recommendations(tried)]
    assert found == ["ml.m5.2xlarge", "ml.m5.large"]


@pytest.mark.parametrize(
    ("objective", "cpu", "target", "capacities"),
    [
        ({}, None, 500, (1, 1)),
        ({"MinInvocationsPerMinute": 1500, "MaxInvocationsPerMinute": 7000}, None, 500, (3, 14)),
        ({"MaxInvocationsPerMinute": 1000}, 70, 700, (1, 2)),
    ],
)
def test_autoscaling_follows_from_what_an_instance_takes(
    objective: dict[str, int], cpu: int | None, target: float, capacities: tuple[int, int]
) -> None:
    found = scaling.recommended({"MaxInvocations": 1000, "ModelLatency": 5}, objective, cpu)
    settings = found["DynamicScalingConfiguration"]
    assert settings["ScalingPolicies"][0]["TargetTracking"]["TargetValue"] == target
    assert (settings["MinCapacity"], settings["MaxCapacity"]) == capacities


ONE = [{"InstanceType": "ml.m5.large"}]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"ModelPackageVersionArn": "arn:p"}, "Exactly one of"),
        ({"TrafficPattern": {"Phases": [{}]}}, "must not be given for a Default job"),
        ({"EndpointConfigurations": []}, "EndpointConfigurations is required"),
        ({"EndpointConfigurations": [{}]}, "an InstanceType or a ServerlessConfig"),
        ({"EndpointConfigurations": [{"InstanceType": "ml.none"}]}, "ml.none is not supported"),
        ({"ContainerConfig": {}}, "SamplePayloadUrl is required"),
        (
            {"EndpointConfigurations": ONE, "TrafficPattern": {"TrafficType": "STAIRS", "Phases": [{}]}},
            "go with",
        ),
        ({"EndpointConfigurations": ONE, "TrafficPattern": {"TrafficType": "STAIRS"}}, "Phases or Stairs"),
        (
            {"EndpointConfigurations": ONE, "TrafficPattern": {"Phases": [{"InitialNumberOfUsers": 999}]}},
            "256 at most",
        ),
        ({"EndpointConfigurations": ONE, "JobDurationInSeconds": 10**7}, "seconds at most"),
        ({"StoppingConditions": {"ModelLatencyThresholds": [{"Percentile": "95"}]}}, "Invalid Percentile"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationException, match=words):
        check(request(**given))


@pytest.mark.parametrize(
    "given",
    [
        {"VpcConfig": {"Subnets": ["s"]}},
        {"VolumeKmsKeyId": "k"},
        {"Endpoints": [{"EndpointName": "e"}]},
        {"OutputConfig": {"KmsKeyId": "k"}},
        {"OutputConfig": {"CompiledOutputConfig": {"S3OutputUri": "s3://b/k"}}},
    ],
)
def test_what_is_not_built_is_501(given: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedOperation):
        check(request(**given))
