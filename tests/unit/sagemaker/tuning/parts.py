"""What tests of tuning jobs are made of."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from tests.unit.sagemaker.conftest import IMAGE, ROLE, channel

REGEX = [{"Name": "score", "Regex": "score=([-0-9.e]+)"}]


def integers(name: str, low: object, high: object, **scaling: str) -> dict[str, Any]:
    return {"Name": name, "MinValue": str(low), "MaxValue": str(high), **scaling}


def categories(name: str, *values: str) -> dict[str, Any]:
    return {"Name": name, "Values": list(values)}


def ranges(
    integer: Sequence[Any] = (), continuous: Sequence[Any] = (), categorical: Sequence[Any] = ()
) -> dict[str, Any]:
    return {
        "IntegerParameterRanges": list(integer),
        "ContinuousParameterRanges": list(continuous),
        "CategoricalParameterRanges": list(categorical),
    }


X = ranges(continuous=[integers("x", 0, 1, ScalingType="Linear")])


def definition(**changes: Any) -> dict[str, Any]:
    request: dict[str, Any] = {
        "StaticHyperParameters": {"epochs": "3"},
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE, "TrainingInputMode": "File", "MetricDefinitions": REGEX,
        },
        "RoleArn": ROLE,
        "InputDataConfig": [channel("train", "s3://data/train")],
        "OutputDataConfig": {"S3OutputPath": "s3://out/jobs/"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }  # fmt: skip
    return {name: value for name, value in (request | changes).items() if value is not None}


def config(**changes: Any) -> dict[str, Any]:
    request: dict[str, Any] = {
        "Strategy": "Random",
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "score"},
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 1},
        "ParameterRanges": X,
        "RandomSeed": 7,
    }
    return {name: value for name, value in (request | changes).items() if value is not None}


def request(name: str = "Tune-1", **changes: Any) -> dict[str, Any]:
    made = {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": config(),
        "TrainingJobDefinition": definition(),
    }
    return {name: value for name, value in (made | changes).items() if value is not None}


def limits(most: int | None, parallel: int = 1, **others: int) -> dict[str, Any]:
    named = {} if most is None else {"MaxNumberOfTrainingJobs": most}
    return {**named, "MaxParallelTrainingJobs": parallel, **others}


class Tuner:
    """Short ways to call the operations of a platform over fakes."""

    def __init__(self, platform: Any) -> None:
        self.platform = platform

    async def call(self, operation: str, name: str = "Tune-1", **members: Any) -> Any:
        members = {"HyperParameterTuningJobName": name, **members}
        return await self.platform.call(self.platform.tuning.operations, operation, **members)

    async def create(self, name: str = "Tune-1", **changes: Any) -> Any:
        return await self.call("CreateHyperParameterTuningJob", **request(name, **changes))

    async def describe(self, name: str = "Tune-1") -> Any:
        return await self.call("DescribeHyperParameterTuningJob", name)

    async def trials(self, name: str = "Tune-1", **members: Any) -> Any:
        members = {"MaxResults": 100, **members}
        answer = await self.call("ListTrainingJobsForHyperParameterTuningJob", name, **members)
        return answer["TrainingJobSummaries"]

    async def ended(self, name: str = "Tune-1") -> Any:
        """Wait until the tuning job has ended."""
        async with asyncio.timeout(60):
            while True:
                answer = await self.describe(name)
                if answer["HyperParameterTuningJobStatus"] in ("Completed", "Failed", "Stopped"):
                    return answer
                await asyncio.sleep(0.005)


def program(score: Any) -> Any:
    """Return a container's program that prints `score(hyperparameters)`, one value or several."""

    async def train(container: Any) -> int:
        given = container.config("hyperparameters")
        values = score(given)
        for value in values if isinstance(values, list) else [values]:
            container.say(f"score={value}")
            await asyncio.sleep(0)
        return 0

    return train
