"""Endpoint configurations: what is accepted, kept, listed."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.domain.access import AccessDenied
from sagehen.services.sagemaker.endpoint_configs import asynchronous
from sagehen.services.sagemaker.endpoint_configs.capture import settings_of
from sagehen.serving.asynchronous import AsyncSettings, Place
from sagehen.serving.capture import CaptureSettings

ARN = "arn:aws:sagemaker:us-east-1:123456789012"
VARIANT = {
    "VariantName": "v",
    "ModelName": "Model-1",
    "InstanceType": "ml.m5.large",
    "InitialInstanceCount": 1,
}


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
        ([VARIANT | {"ServerlessConfig": {"MemorySizeInMB": 1024}}], ValidationException, "InstanceType"),
    ],
)
async def test_configs_that_are_refused(
    platform: Any, made: Any, variants: Any, error: Any, named: str
) -> None:
    await made()
    with pytest.raises(error, match=named):
        await configure(platform, *variants)


async def test_captured_data_goes_to_an_s3_uri(platform: Any, made: Any) -> None:
    await made()
    config = {"InitialSamplingPercentage": 5, "CaptureOptions": [{"CaptureMode": "Input"}]}
    with pytest.raises(ValidationException, match="Invalid S3 URI"):
        await configure(platform, VARIANT, DataCaptureConfig={**config, "DestinationS3Uri": "https://x/y"})
    config["DestinationS3Uri"] = "s3://b/p"
    await configure(platform, VARIANT, DataCaptureConfig=config)
    described = await platform.call(platform.configs, "DescribeEndpointConfig", EndpointConfigName="Config-1")
    assert described["DataCaptureConfig"] == config


async def test_one_variant_may_have_one_shadow(platform: Any, made: Any) -> None:
    await made()
    shadow, other = VARIANT | {"VariantName": "s"}, VARIANT | {"VariantName": "t"}
    for variants, shadows, named in (
        ([VARIANT, other], [shadow], "Only one variant"),
        ([VARIANT], [shadow, other], "Only one variant"),
        ([VARIANT], [VARIANT], "Duplicate variant names"),
        ([VARIANT], [shadow | {"ModelName": "none"}], "Could not find model"),
    ):
        with pytest.raises(ValidationException, match=named):
            await configure(platform, *variants, ShadowProductionVariants=shadows)
    with pytest.raises(NotImplementedOperation, match="VolumeSizeInGB"):
        await configure(platform, VARIANT, ShadowProductionVariants=[shadow | {"VolumeSizeInGB": 9}])
    await configure(platform, VARIANT, ShadowProductionVariants=[shadow])
    described = await platform.call(platform.configs, "DescribeEndpointConfig", EndpointConfigName="Config-1")
    assert described["ShadowProductionVariants"] == [shadow | {"InitialVariantWeight": 1.0}]


OUTPUT = {"S3OutputPath": "s3://b/out", "S3FailurePath": "s3://f", "KmsKeyId": "k"}


@pytest.mark.parametrize(
    ("config", "more", "error", "named"),
    [
        ({"OutputConfig": {}}, {}, ValidationException, "S3OutputPath"),
        ({"OutputConfig": {"S3OutputPath": "https://x/y"}}, {}, ValidationException, "Invalid S3 URI"),
        ({"OutputConfig": {**OUTPUT, "S3FailurePath": "s3:"}}, {}, ValidationException, "Invalid S3 URI"),
        ({"OutputConfig": {**OUTPUT, "NotificationConfig": {"SuccessTopic": "arn:aws:sns:r:1:t"}}}, {},
         NotImplementedOperation, "NotificationConfig.SuccessTopic"),
        ({"OutputConfig": OUTPUT}, {"ShadowProductionVariants": [VARIANT]},
         NotImplementedOperation, "ShadowProductionVariants"),
        ({"OutputConfig": OUTPUT}, {"DataCaptureConfig": {"EnableCapture": True}},
         NotImplementedOperation, "DataCaptureConfig with AsyncInferenceConfig"),
    ],
)  # fmt: skip
def test_asynchronous_configs_that_are_refused(config: Any, more: Any, error: Any, named: str) -> None:
    with pytest.raises(error, match=named):
        asynchronous.check({"AsyncInferenceConfig": config, **more})


def test_what_an_async_inference_config_means() -> None:
    assert asynchronous.settings_of(None) is None
    found = asynchronous.settings_of({"OutputConfig": {**OUTPUT, "NotificationConfig": {}}})
    assert found == AsyncSettings(Place("b", "out"), Place("f", ""), 4, "k")
    client = {"MaxConcurrentInvocationsPerInstance": 9}
    found = asynchronous.settings_of({"OutputConfig": {"S3OutputPath": "s3://b"}, "ClientConfig": client})
    assert found == AsyncSettings(Place("b", ""), None, 9)


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"EnableCapture": False}, None),
        ({}, CaptureSettings("b", "p/q", 20, True, False, ("text/csv",), ())),
        ({"CaptureOptions": [{"CaptureMode": "InputAndOutput"}], "KmsKeyId": "k", "EnableCapture": True},
         CaptureSettings("b", "p/q", 20, True, True, ("text/csv",), (), "k")),
        ({"CaptureOptions": [{"CaptureMode": "Output"}], "CaptureContentTypeHeader": None},
         CaptureSettings("b", "p/q", 20, False, True)),
    ],
)  # fmt: skip
def test_what_a_data_capture_config_means(more: Any, found: CaptureSettings | None) -> None:
    config = {
        "DestinationS3Uri": "s3://b/p/q",
        "InitialSamplingPercentage": 20,
        "CaptureOptions": [{"CaptureMode": "Input"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["Text/CSV"]},
    }
    assert settings_of({**config, **more}) == found
    assert settings_of(None) is None


async def test_models_of_which_one_variant_serves_many_go_by_themselves(platform: Any, made: Any) -> None:
    await made()
    container = {
        "Image": "pytorch-inference:2.1",
        "Mode": "MultiModel",
        "ModelDataUrl": "s3://data/models/",
    }
    await made(ModelName="Many", PrimaryContainer=container)
    many = VARIANT | {"VariantName": "many", "ModelName": "Many"}
    with pytest.raises(ValidationException, match="All variants"):
        await configure(platform, VARIANT, many)
    output = {"OutputConfig": {"S3OutputPath": "s3://data/out/"}}
    with pytest.raises(ValidationException, match="AsyncInferenceConfig is not supported for multi-model"):
        await configure(platform, many, AsyncInferenceConfig=output)
    await configure(platform, many)


async def test_a_variant_without_a_model_needs_a_role_that_may_be_passed(platform: Any, made: Any) -> None:
    host = {name: value for name, value in VARIANT.items() if name != "ModelName"}
    with pytest.raises(ValidationException, match="ExecutionRoleArn is required"):
        await configure(platform, host)
    role = {"ExecutionRoleArn": "arn:aws:iam::123456789012:role/hosts"}
    platform.roles.passable = False
    with pytest.raises(AccessDenied):
        await configure(platform, host, **role)
    platform.roles.passable = True
    await configure(platform, host, **role)
    described = await platform.call(platform.configs, "DescribeEndpointConfig", EndpointConfigName="Config-1")
    assert described["ExecutionRoleArn"] == role["ExecutionRoleArn"]
    await made()
    with pytest.raises(ValidationException, match="or none has"):
        await configure(platform, VARIANT, {**host, "VariantName": "w"}, **role)
