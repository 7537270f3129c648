"""A multi-model endpoint through boto3: models below a prefix, loaded as they are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .test_endpoints import CODE, IMAGE, Stage, archive, error_of


@pytest.fixture
def stage(client: Any) -> Iterator[Stage]:
    stage = Stage(client)
    yield stage
    stage.close()


def put(stage: Stage, key: str, factor: int, code: str = CODE) -> None:
    body = archive(weights_json=json.dumps({"factor": factor}), code__inference_py=code)
    stage.client("s3").put_object(Bucket=stage.bucket, Key=key, Body=body)


def deploy(stage: Stage) -> str:
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{stage.bucket}"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    stage.client("iam").put_role_policy(RoleName=stage.role_name, PolicyName="list", PolicyDocument=document)
    model = f"several-{stage.suffix}"
    stage.sagemaker.create_model(
        ModelName=model,
        ExecutionRoleArn=stage.role,
        PrimaryContainer={
            "Image": IMAGE,
            "Mode": "MultiModel",
            "ModelDataUrl": f"s3://{stage.bucket}/models/",
            "Environment": {"SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"},
        },
    )
    return stage.endpoint("several", stage.config("several", model))


def test_models_are_loaded_as_they_are_asked_for(stage: Stage) -> None:
    endpoint = deploy(stage)  # before there is any model, as public notebooks do
    stage.wait(endpoint)
    put(stage, "models/a/two.tar.gz", 2)
    put(stage, "models/ten.tar.gz", 10)
    put(stage, "secret.tar.gz", 0)
    with ThreadPoolExecutor(8) as threads:  # all of them wait for one load
        asked = [threads.submit(stage.invoke, endpoint, [1], TargetModel="a/two.tar.gz") for _ in range(8)]
        assert [one.result() for one in asked] == [[2]] * 8
    assert stage.invoke(endpoint, [1], TargetModel="/ten.tar.gz") == [10]
    put(stage, "models/late.tar.gz", 5)
    assert stage.invoke(endpoint, [1], TargetModel="late.tar.gz") == [5]

    def failed(data: Any = (1,), **members: Any) -> tuple[str, str]:
        error = error_of(stage.invoke, endpoint, data, **members)["Error"]
        return error["Code"], error["Message"]

    for name in ("none.tar.gz", "../secret.tar.gz", "a/../../secret.tar.gz"):
        code, message = failed(TargetModel=name)
        assert code == "ValidationError" and message.startswith(
            f"Failed to download model data (bucket: {stage.bucket}, key: models/{name})."
        )
    assert failed()[1].endswith("is missing a target model header.")
    put(stage, "models/broken.tar.gz", 1, "def model_fn(folder): raise OSError('no such weights')")
    code, message = failed(TargetModel="broken.tar.gz")
    assert code == "ModelError" and "(500)" in message and "no such weights" in message
    assert failed("boom", TargetModel="ten.tar.gz")[0] == "ModelError"
    assert stage.invoke(endpoint, [1], TargetModel="ten.tar.gz") == [10]


def test_an_instance_has_several_containers(stage: Stage) -> None:
    put(stage, "three.tar.gz", 3)
    put(stage, "five.tar.gz", 5)
    containers = [
        {
            "Image": IMAGE,
            "ContainerHostname": name,
            "ModelDataUrl": f"s3://{stage.bucket}/{name}.tar.gz",
            "Environment": {"SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"},
        }
        for name in ("three", "five")
    ]
    endpoints = {}
    for mode in ("Serial", "Direct"):
        model = f"{mode}-{stage.suffix}"
        stage.sagemaker.create_model(
            ModelName=model,
            ExecutionRoleArn=stage.role,
            Containers=containers,
            InferenceExecutionConfig={"Mode": mode},
        )
        endpoints[mode] = stage.endpoint(mode, stage.config(mode, model))
    (variant,) = stage.wait(endpoints["Serial"])["ProductionVariants"]
    assert len(variant["DeployedImages"]) == 2
    assert stage.invoke(endpoints["Serial"], [1, 2]) == [15, 30]
    error = error_of(stage.invoke, endpoints["Serial"], "boom")
    assert "from three with message" in error["Error"]["Message"]
    stage.wait(endpoints["Direct"])
    assert stage.invoke(endpoints["Direct"], [1], TargetContainerHostname="five") == [5]
    for members in ({}, {"TargetContainerHostname": "none"}):
        assert (
            error_of(stage.invoke, endpoints["Direct"], [1], **members)["Error"]["Code"] == "ValidationError"
        )
    assert "not a multi-container endpoint with direct" in str(
        error_of(stage.invoke, endpoints["Serial"], [1], TargetContainerHostname="five")
    )
