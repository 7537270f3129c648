"""Processing jobs over the same fakes as training jobs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from sagehen.services.sagemaker.images.prewarming import Prewarming
from sagehen.services.sagemaker.instances.networks import NamedNetworks
from sagehen.services.sagemaker.processing.assembly import processing_parts

from ..conftest import ROLE, Platform

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"


class Processing:
    """The room, with short ways to call it."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self._build()
        platform.objects.put("s3://data/in/a.csv", b"alpha")
        platform.objects.put("s3://data/in/sub/b.csv", b"beta")

    def _build(self) -> None:
        platform = self.platform
        means = replace(platform._means(), folder=platform.folder / "processing-jobs")
        parts = processing_parts(platform.database, means, Prewarming(platform.executor), NamedNetworks())
        self.operations, self.runs = parts.operations, parts.runs

    async def restart(self) -> None:
        """Stop the platform and start it again on the same database."""
        await self.runs.end_all()
        self._build()
        await self.runs.recover()

    async def call(self, operation: str, **request: Any) -> Any:
        return await self.platform.call(self.operations, operation, **request)

    async def create(self, name: str = "Job-1", **changes: Any) -> Any:
        return await self.call("CreateProcessingJob", **request_of(name, **changes))

    async def describe(self, name: str = "Job-1") -> Any:
        return await self.call("DescribeProcessingJob", ProcessingJobName=name)

    async def until(self, *statuses: str, name: str = "Job-1") -> Any:
        async with asyncio.timeout(60):
            while (answer := await self.describe(name))["ProcessingJobStatus"] not in statuses:
                await asyncio.sleep(0.002)
        return answer

    async def ended(self, name: str = "Job-1") -> Any:
        return await self.until("Completed", "Failed", "Stopped", name=name)


def request_of(name: str = "Job-1", **changes: Any) -> dict[str, Any]:
    request: dict[str, Any] = {
        "ProcessingJobName": name,
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["python3", "/opt/ml/processing/x"]},
        "ProcessingInputs": [input_of("data", "s3://data/in", "/opt/ml/processing/input")],
        "ProcessingOutputConfig": {"Outputs": [output_of("result", "s3://out/result")]},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}
        },
    }
    return request | changes


def input_of(name: str, uri: str, path: str | None, **more: Any) -> dict[str, Any]:
    source = {"S3Uri": uri, "S3DataType": "S3Prefix", **({"LocalPath": path} if path else {}), **more}
    return {"InputName": name, "S3Input": source}


def output_of(name: str, uri: str, path: str = "/opt/ml/processing/out", mode: str = "EndOfJob") -> Any:
    return {"OutputName": name, "S3Output": {"S3Uri": uri, "LocalPath": path, "S3UploadMode": mode}}


def cluster(count: int = 1, **more: Any) -> dict[str, Any]:
    config = {"InstanceType": "ml.m5.large", "InstanceCount": count, "VolumeSizeInGB": 5, **more}
    return {"ProcessingResources": {"ClusterConfig": config}}


@pytest.fixture
async def processing(platform: Platform) -> AsyncIterator[Processing]:
    room = Processing(platform)
    yield room
    with contextlib.suppress(asyncio.CancelledError):
        await room.runs.end_all()
