"""Every text of a request that ends in a sandbox, with what might be read there as more than a text."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.lambda_.calls import ECHO, zipped
from tests.conformance.sagemaker.test_training import IMAGE, Stage
from tests.running import LAMBDA_RUNTIME

NUL = "\0--bind\0/\0/mnt\0--cap-add\0ALL"
OTHERS = ["\n127.0.0.9\tplatform", "\ud800", "--bind", "\x1b[2J\r", "x" * 150_000]
# Shown to people, or handed over in a JSON document: no process is given them as they are.
PROSE = {"Description", "MetricDefinitions", "ContentType"}


def texts(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every text: of a value by its keys, of a map's key with a last `key`."""
    if isinstance(node, str):
        yield path
    elif isinstance(node, list):
        for place, item in enumerate(node):
            yield from texts(item, (*path, place))
    elif isinstance(node, dict):
        for key, item in node.items():
            if path and path[-1] in ("Environment", "Variables", "HyperParameters") and key != "Variables":
                yield (*path, key, "key")
            yield from texts(item, (*path, key))


def with_text(request: dict[str, Any], path: tuple[Any, ...], added: str) -> dict[str, Any]:
    changed = copy.deepcopy(request)
    node: Any = changed
    renames = path[-1] == "key"
    *way, last = path[:-1] if renames else path
    for step in way:
        node = node[step]
    if renames:
        node[last + added] = node.pop(last)
    else:
        node[last] += added
    return changed


def answered(call: Any, request: dict[str, Any]) -> int:
    """Return the status of the answer. Whatever was wanted, it is one of AWS's own."""
    try:
        return int(call(**request)["ResponseMetadata"]["HTTPStatusCode"])
    except ClientError as error:
        status = int(error.response["ResponseMetadata"]["HTTPStatusCode"])
        assert 400 <= status < 500 or status == 501, error.response
        return status


@pytest.fixture(scope="module")
def stage(client: Any) -> Stage:
    return Stage(client)


def model(stage: Stage) -> dict[str, Any]:
    return {
        "ModelName": "smuggled",
        "ExecutionRoleArn": stage.role_arn,
        "PrimaryContainer": {
            "Image": IMAGE.replace("training", "inference"),
            "ModelDataUrl": f"s3://{stage.bucket}/train/a.txt",
            "ContainerHostname": "host",
            "Environment": {"SAGEMAKER_PROGRAM": "inference.py", "A": "b"},
        },
    }


def job(stage: Stage) -> dict[str, Any]:
    return {
        "TrainingJobName": "smuggled",
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python3", "-c", "pass"],
            "ContainerArguments": ["--word", "value"],
            "MetricDefinitions": [{"Name": "loss", "Regex": "loss=(.*)"}],
        },
        "RoleArn": stage.role_arn,
        "HyperParameters": {"epochs": "1", "sagemaker_program": '"train.py"'},
        "Environment": {"A": "b"},
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "ContentType": "text/plain",
                "DataSource": {
                    "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{stage.bucket}/train"}
                },
            }
        ],
        "CheckpointConfig": {"S3Uri": f"s3://{stage.bucket}/c", "LocalPath": "/opt/ml/checkpoints"},
        "OutputDataConfig": {"S3OutputPath": f"s3://{stage.bucket}/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }


def function(role: str) -> dict[str, Any]:
    return {
        "FunctionName": "smuggled",
        "Runtime": LAMBDA_RUNTIME,
        "Role": role,
        "Handler": "app.handler",
        "Description": "prose",
        "Code": {"ZipFile": zipped(app__py=ECHO)},
        "Environment": {"Variables": {"LD_PRELOAD": "x", "AB": "b"}},
        "LoggingConfig": {"LogGroup": "/aws/lambda/smuggled"},
        "EphemeralStorage": {"Size": 512},
        "TracingConfig": {"Mode": "PassThrough"},
    }


@pytest.mark.parametrize("added", [NUL, *OTHERS])
def test_models(stage: Stage, added: str) -> None:
    request = model(stage)
    assert answered(stage.sagemaker.create_model, request) == 200
    stage.sagemaker.delete_model(ModelName=request["ModelName"])
    for path in texts(request):
        changed = with_text(request, path, added)
        status = answered(stage.sagemaker.create_model, changed)
        assert added != NUL or status >= 400, path
        if status == 200:
            kept = stage.sagemaker.describe_model(ModelName=changed["ModelName"])
            assert kept["PrimaryContainer"] == changed["PrimaryContainer"]
            stage.sagemaker.delete_model(ModelName=changed["ModelName"])


@pytest.mark.parametrize("added", [NUL, "\ud800"])
def test_training_jobs(stage: Stage, added: str) -> None:
    request = job(stage)
    assert answered(stage.sagemaker.create_training_job, request) == 200
    stage.ended("smuggled")
    stage.sagemaker.delete_training_job(TrainingJobName="smuggled")
    for path in texts(request):
        status = answered(stage.sagemaker.create_training_job, with_text(request, path, added))
        assert status >= 400 or PROSE.intersection(path), path
        if status == 200:
            stage.sagemaker.stop_training_job(TrainingJobName="smuggled")
            stage.ended("smuggled")
            stage.sagemaker.delete_training_job(TrainingJobName="smuggled")


@pytest.mark.parametrize("added", [NUL, *OTHERS])
def test_functions(client: Any, lambda_role: str, added: str) -> None:
    functions, role = client("lambda"), lambda_role
    request = function(role)
    assert answered(functions.create_function, request) == 201  # else all that follows shows nothing
    functions.delete_function(FunctionName=request["FunctionName"])
    for path in texts(request):
        changed = with_text(request, path, added)
        status = answered(functions.create_function, changed)
        assert added != NUL or status >= 400 or path[0] in PROSE, path
        if status == 201:
            kept = functions.get_function_configuration(FunctionName=changed["FunctionName"])
            functions.delete_function(FunctionName=changed["FunctionName"])
            assert kept["Environment"]["Variables"] == changed["Environment"]["Variables"]
