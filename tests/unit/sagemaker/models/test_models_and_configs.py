"""Models and endpoint configurations."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.pagination import encode_token

ROLE = "arn:aws:iam::123456789012:role/Trainer"
ARN = "arn:aws:sagemaker:us-east-1:123456789012"
CONTAINER = {"Image": "pytorch-inference:2.1", "ModelDataUrl": "s3://data/model.tar.gz"}
VARIANT = {
    "VariantName": "v",
    "ModelName": "Model-1",
    "InstanceType": "ml.m5.large",
    "InitialInstanceCount": 1,
}


@pytest.fixture
def made(platform: Any) -> Any:
    platform.objects.put("s3://data/model.tar.gz")

    async def make(name: str = "Model-1", **changes: Any) -> Any:
        request = {"ModelName": name, "PrimaryContainer": CONTAINER, "ExecutionRoleArn": ROLE}
        return await platform.call(platform.models, "CreateModel", **(request | changes))

    return make


async def test_a_model_is_kept_as_it_was_given(platform: Any, made: Any) -> None:
    assert await made() == {"ModelArn": f"{ARN}:model/model-1"}
    described = await platform.call(platform.models, "DescribeModel", ModelName="Model-1")
    assert described["PrimaryContainer"] == CONTAINER
    assert described["EnableNetworkIsolation"] is False
    assert "VpcConfig" not in described
    await platform.call(platform.models, "DeleteModel", ModelName="Model-1")
    for operation in ("DescribeModel", "DeleteModel"):
        with pytest.raises(ValidationException) as missing:
            await platform.call(platform.models, operation, ModelName="Model-1")
        assert missing.value.message == f'Could not find model "{ARN}:model/model-1".'


async def test_model_names_are_taken_once(made: Any) -> None:
    await made()
    with pytest.raises(ValidationException) as refusal:
        await made()
    assert refusal.value.message == f'Cannot create already existing model "{ARN}:model/model-1".'


async def test_model_data_must_be_there_and_readable(platform: Any, made: Any) -> None:
    with pytest.raises(ValidationException, match=r"Could not find model data at s3://data/none\."):
        await made(PrimaryContainer=CONTAINER | {"ModelDataUrl": "s3://data/none"})
    platform.objects.unreadable.add("model.tar.gz")
    with pytest.raises(
        ValidationException, match=r"Could not access model data at s3://data/model\.tar\.gz\. "
    ):
        await made()


@pytest.mark.parametrize(
    ("changes", "error", "named"),
    [
        ({"Containers": [CONTAINER]}, ValidationException, "Only one of"),
        ({"PrimaryContainer": None}, ValidationException, "Either PrimaryContainer"),
        ({"PrimaryContainer": CONTAINER | {"Mode": "MultiModel"}}, NotImplementedOperation, "MultiModel"),
        ({"VpcConfig": {"Subnets": ["s"]}}, NotImplementedOperation, "VpcConfig"),
        ({"PrimaryContainer": CONTAINER | {"Image": "x/y"}}, NotImplementedOperation, "not mapped"),
        ({"ExecutionRoleArn": None}, ValidationException, "ExecutionRoleArn is required"),
    ],
)
async def test_models_that_are_refused(made: Any, changes: Any, error: Any, named: str) -> None:
    with pytest.raises(error, match=named):
        await made(**changes)


async def test_models_are_listed_newest_first(platform: Any, made: Any) -> None:
    for name in ("one", "two", "three"):
        await made(name)
        await platform.clock.advance(1)
    first = await platform.call(platform.models, "ListModels", MaxResults=2)
    assert [model["ModelName"] for model in first["Models"]] == ["three", "two"]
    rest = await platform.call(platform.models, "ListModels", MaxResults=2, NextToken=first["NextToken"])
    assert [model["ModelName"] for model in rest["Models"]] == ["one"]
    assert rest["NextToken"] is None
    listing = "sagemaker_models created_at DESC"
    forged = [encode_token(value, listing=listing) for value in ([{}, "a"], [2**70, "a"], ["a", "a"], [])]
    for token in ("garbage", base64.b64encode(b"[" * 6000).decode(), *forged):
        with pytest.raises(ValidationException, match="pagination token"):
            await platform.call(platform.models, "ListModels", NextToken=token)


async def configure(platform: Any, *variants: dict[str, Any], **more: Any) -> Any:
    return await platform.call(
        platform.configs,
        "CreateEndpointConfig",
        EndpointConfigName="Config-1",
        ProductionVariants=list(variants),
        **more,
    )


async def test_an_endpoint_config_gets_aws_s_default_weight(platform: Any, made: Any) -> None:
    await made()
    assert await configure(platform, VARIANT) == {"EndpointConfigArn": f"{ARN}:endpoint-config/config-1"}
    described = await platform.call(platform.configs, "DescribeEndpointConfig", EndpointConfigName="Config-1")
    assert described["ProductionVariants"] == [VARIANT | {"InitialVariantWeight": 1.0}]
    listed = await platform.call(platform.configs, "ListEndpointConfigs")
    assert [entry["EndpointConfigName"] for entry in listed["EndpointConfigs"]] == ["Config-1"]
    await platform.call(platform.configs, "DeleteEndpointConfig", EndpointConfigName="Config-1")
    with pytest.raises(ValidationException, match='Could not find endpoint configuration "'):
        await platform.call(platform.configs, "DescribeEndpointConfig", EndpointConfigName="Config-1")


@pytest.mark.parametrize(
    ("variants", "error", "named"),
    [
        ([VARIANT | {"ModelName": "none"}], ValidationException, 'Could not find model ".*model/none"'),
        ([VARIANT, VARIANT], ValidationException, "Duplicate variant names"),
        ([VARIANT | {"InstanceType": "ml.huge.9xlarge"}], ValidationException, "catalogue"),
        ([VARIANT | {"InitialInstanceCount": 0}], ValidationException, "at least 1"),
        ([VARIANT | {"VolumeSizeInGB": 30}], NotImplementedOperation, "VolumeSizeInGB"),
        (
            [VARIANT | {"RoutingConfig": {"RoutingStrategy": "PREFIX_AWARE"}}],
            NotImplementedOperation,
            "PREFIX_AWARE",
        ),
        ([VARIANT | {"ServerlessConfig": {"MemorySizeInMB": 1024}}], NotImplementedOperation, "Serverless"),
    ],
)
async def test_configs_that_are_refused(
    platform: Any, made: Any, variants: Any, error: Any, named: str
) -> None:
    await made()
    with pytest.raises(error, match=named):
        await configure(platform, *variants)


async def test_capture_is_not_pretended(platform: Any, made: Any) -> None:
    await made()
    with pytest.raises(NotImplementedOperation, match="DataCaptureConfig"):
        await configure(platform, VARIANT, DataCaptureConfig={"EnableCapture": True})
