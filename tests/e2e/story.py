"""The shortest whole story by boto3: a job of a few seconds, its model, an endpoint."""

from __future__ import annotations

import functools
import io
import json
import tarfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagehen import __version__
from tests.running import ACCOUNTS, RunningSagehen
from tests.waiting import pauses

assert __version__  # the package under test is importable, as the sandboxes need it

ROLE = "arn:aws:iam::123456789012:role/service-role/SagehenSageMakerExecutionRole"
# For training and serving. Its processes start plainly; PyTorch's are forked from one that imports torch, 4 s
# of a processor in every platform and in each of its nodes, for scripts that do without.
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
PYTORCH_TRAINING = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.6.0-cpu-py312"
BUCKET = "story"


def client(sagehen: RunningSagehen, service: str) -> Any:
    """Return a boto3 client of root that gives up soon and never tries twice."""
    return _client(sagehen.url, service)


# Kept, since who waits for something asks for it ten times a second, and to make one takes 20 ms.
@functools.lru_cache(maxsize=64)
def _client(url: str, service: str) -> Any:
    import boto3
    from botocore.config import Config

    key, secret = ACCOUNTS["123456789012"].split(":")
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=60, read_timeout=60),
    )


def archive(files: Mapping[str, str | Path]) -> bytes:
    """Return a .tar.gz of name -> text, or of name -> file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            data = content.read_bytes() if isinstance(content, Path) else content.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def put_source(sagehen: RunningSagehen, script: str) -> str:
    """Make the bucket with one small channel and a script; return the script's address."""
    s3 = client(sagehen, "s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="data/numbers.csv", Body=b"1,2\n3,4\n")
    s3.put_object(Bucket=BUCKET, Key="source.tar.gz", Body=archive({"train.py": script}))
    return f"s3://{BUCKET}/source.tar.gz"


def create_job(sagehen: RunningSagehen, name: str, source: str, **overrides: Any) -> None:
    request: dict[str, Any] = {
        "TrainingJobName": name,
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
        },
        "RoleArn": ROLE,
        "HyperParameters": {"sagemaker_program": "train.py", "sagemaker_submit_directory": source},
        "InputDataConfig": [
            {
                "ChannelName": "training",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/data/"}},
            }
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out/"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }
    client(sagehen, "sagemaker").create_training_job(**{**request, **overrides})


def finished_job(sagehen: RunningSagehen, name: str, timeout_s: float = 90) -> dict[str, Any]:
    sagemaker = client(sagehen, "sagemaker")
    deadline, pause = time.monotonic() + timeout_s, pauses()
    while time.monotonic() < deadline:
        job: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
        if job["TrainingJobStatus"] not in ("InProgress", "Stopping"):
            return job
        time.sleep(next(pause))
    raise AssertionError(f"{name} did not end within {timeout_s} s: {job['SecondaryStatusTransitions']}")


def job_log(sagehen: RunningSagehen, name: str) -> list[str]:
    pages = (
        client(sagehen, "logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=f"{name}/")
    )
    return [event["message"] for page in pages for event in page["events"]]


def deploy(
    sagehen: RunningSagehen,
    name: str,
    handler: str,
    instances: int = 1,
    files: Mapping[str, str] | None = None,
    then: str | None = None,
) -> None:
    """Make an endpoint whose model is a serving script, and wait for it.

    Args:
        files: What its model is besides.
        then: The script of a second container, which gets what the first one answers.
    """
    container = _container(sagehen, name, {"code/inference.py": handler, **(files or {})})
    serving: dict[str, Any] = {"PrimaryContainer": container}
    if then is not None:
        second = _container(sagehen, f"{name}-then", {"code/inference.py": then})
        serving = {"Containers": [container, second]}
    sagemaker = client(sagehen, "sagemaker")
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, **serving)
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": instances,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert in_service(sagehen, name) == "InService"


def _container(sagehen: RunningSagehen, name: str, files: Mapping[str, str]) -> dict[str, str]:
    key = f"{name}.tar.gz"
    client(sagehen, "s3").put_object(Bucket=BUCKET, Key=key, Body=archive(files))
    return {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/{key}"}


def in_service(sagehen: RunningSagehen, name: str, timeout_s: float = 60) -> str:
    """Wait while the endpoint is being made; return the status it reached."""
    sagemaker = client(sagehen, "sagemaker")
    deadline, pause = time.monotonic() + timeout_s, pauses()
    while time.monotonic() < deadline:
        status: str = sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"]
        if status not in ("Creating", "Updating"):
            return status
        time.sleep(next(pause))
    raise AssertionError(f"{name} was still {status} after {timeout_s} s")


def invoke(sagehen: RunningSagehen, name: str, payload: Any) -> Any:
    answer = client(sagehen, "sagemaker-runtime").invoke_endpoint(
        EndpointName=name, ContentType="application/json", Body=json.dumps(payload)
    )
    return json.load(answer["Body"])
