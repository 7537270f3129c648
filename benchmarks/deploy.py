"""A model on an endpoint of the platform, by boto3 alone."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

from benchmarks.processes import Platform, wait_until
from benchmarks.signed import client

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
BUCKET = "bench-models"


def role(platform: Platform, name: str, service: str, actions: list[str]) -> str:
    """Make a role that `service` may assume and that may do `actions`; return its ARN."""
    iam = client("iam", platform.url, platform.keys)
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))["Role"]["Arn"]
    rights = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=_document(rights))
    return arn


def endpoint(
    platform: Platform, name: str, inference: str, environment: dict[str, str] | None = None
) -> Path:
    """Serve `inference` (source of a SageMaker inference script) on one instance.

    Returns:
        The unix socket of the instance's model server: the way past the platform.
    """
    arn = role(platform, f"{name}-role", "sagemaker.amazonaws.com", ["s3:*", "logs:*"])
    s3, sagemaker = (client(service, platform.url, platform.keys) for service in ("s3", "sagemaker"))
    program = {
        "SAGEMAKER_PROGRAM": "inference.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    }
    model(s3, sagemaker, name, arn, BUCKET, inference, {**program, **(environment or {})})
    variant = {"VariantName": "AllTraffic", "ModelName": name, "InstanceType": "ml.c5.large"}
    sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
    )
    before = set(platform.folder.rglob("server.sock"))
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    serves(sagemaker, name, [1])
    (found,) = set(platform.folder.rglob("server.sock")) - before
    return found


def model(
    s3: Any,
    sagemaker: Any,
    name: str,
    role_arn: str,
    bucket: str,
    inference: str,
    environment: dict[str, str],
) -> None:
    """Make a model of a SageMaker inference script, in a bucket of its own."""
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="model.tar.gz", Body=archive({"code/inference.py": inference}))
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=role_arn,
        PrimaryContainer={
            "Image": IMAGE,
            "ModelDataUrl": f"s3://{bucket}/model.tar.gz",
            "Environment": environment,
        },
    )


def workers(count: int) -> dict[str, str]:
    """Return the environment of a model whose server answers so many requests at once."""
    return {"SAGEMAKER_MODEL_SERVER_WORKERS": str(count)}


def serves(sagemaker: Any, name: str, counts: list[int], step: float = 0.02) -> None:
    """Wait until an endpoint is in service with so many instances of each variant, three minutes at most.

    Args:
        step: Seconds from one look to the next.
    """

    def serve() -> bool:
        told = sagemaker.describe_endpoint(EndpointName=name)
        if told["EndpointStatus"] == "Failed":
            raise RuntimeError(told["FailureReason"])
        found = [variant.get("CurrentInstanceCount") for variant in told.get("ProductionVariants", ())]
        return told["EndpointStatus"] == "InService" and found == counts

    wait_until(serve, seconds=180, step=step, what=f"{name} with {counts} instances in service")


def archive(files: dict[str, str]) -> bytes:
    """Return a tar.gz of so many text files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
    return stream.getvalue()


def _document(statement: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
