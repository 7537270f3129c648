"""A serverless endpoint through boto3: a request has an environment of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .test_endpoints import Stage, error_of

# Of sandboxes it asks nothing that endpoints and jobs do not.
pytestmark = pytest.mark.once


@pytest.fixture
def stage(client: Any) -> Iterator[Stage]:
    stage = Stage(client)
    yield stage
    stage.close()


def config(stage: Stage, model: str, name: str, **serverless: int) -> str:
    full = f"{name}-{stage.suffix}"
    variant = {"VariantName": "AllTraffic", "ModelName": model, "ServerlessConfig": serverless}
    stage.sagemaker.create_endpoint_config(EndpointConfigName=full, ProductionVariants=[variant])
    return full


def test_a_serverless_endpoint_is_made_asked_and_changed(stage: Stage) -> None:
    model = stage.model("m", 3)
    settings = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    endpoint = stage.endpoint("calm", config(stage, model, "one", **settings))
    (variant,) = stage.wait(endpoint)["ProductionVariants"]
    assert variant["CurrentServerlessConfig"] == settings and "DesiredInstanceCount" not in variant
    assert stage.invoke(endpoint, [1, 2]) == [3, 6]
    assert error_of(stage.invoke, endpoint, "boom")["Error"]["Code"] == "ModelError"
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency",
    }
    scaling = stage.client("application-autoscaling")
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
    (registered,) = scaling.describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=[target["ResourceId"]]
    )["ScalableTargets"]
    assert registered["ScalableDimension"] == target["ScalableDimension"]
    assert stage.invoke(endpoint, [1]) == [3]
