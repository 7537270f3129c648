"""Endpoints through boto3 alone: a model from S3 is served, updated, killed by its own code, and deleted."""

from __future__ import annotations

import io
import itertools
import json
import tarfile
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.waiting import pauses

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
CODE = """
import json, os, sys

def model_fn(model_dir):
    with open(os.path.join(model_dir, "weights.json")) as file:
        return json.load(file)

def input_fn(data, content_type):
    if content_type != "application/json":
        error = ValueError("only JSON")
        error.status_code = 415
        raise error
    return json.loads(data)

def predict_fn(data, model):
    print("predicting", data)
    if data == "boom":
        raise ValueError("the handler says boom")
    if data == "die":
        os.kill(os.getppid(), 15)
        data = [1]
    if data == "who":
        import boto3
        return boto3.client("sts").get_caller_identity()["Arn"]
    if data == "files":
        return sorted(os.listdir("/opt/ml/model"))
    return [x * model["factor"] for x in data]
"""


def archive(**files: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name.replace("__", "/").replace("_json", ".json").replace("_py", ".py"))
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return stream.getvalue()


class Stage:
    """A bucket, a role, and what a test deploys."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.suffix = uuid.uuid4().hex[:8]
        self.sagemaker = client("sagemaker")
        self.runtime = client("sagemaker-runtime")
        self.bucket = f"models-{self.suffix}"
        client("s3").create_bucket(Bucket=self.bucket)
        iam = client("iam")
        self.role_name = f"host-{self.suffix}"
        self.role = iam.create_role(
            RoleName=self.role_name, AssumeRolePolicyDocument=json.dumps(TRUST)
        )["Role"]["Arn"]  # fmt: skip
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{self.bucket}/*"}
            ],
        }
        iam.put_role_policy(RoleName=self.role_name, PolicyName="read", PolicyDocument=json.dumps(policy))
        self.endpoints: list[str] = []

    def model(self, name: str, factor: int, code: str = CODE) -> str:
        key = f"{name}/model.tar.gz"
        data = archive(weights_json=json.dumps({"factor": factor}), code__inference_py=code)
        self.client("s3").put_object(Bucket=self.bucket, Key=key, Body=data)
        full = f"{name}-{self.suffix}"
        self.sagemaker.create_model(
            ModelName=full,
            ExecutionRoleArn=self.role,
            PrimaryContainer={
                "Image": IMAGE,
                "ModelDataUrl": f"s3://{self.bucket}/{key}",
                "Environment": {
                    "SAGEMAKER_PROGRAM": "inference.py",
                    # One worker: then its parent is the server itself, which a test ends from within.
                    "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
                    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
                },
            },
        )
        return full

    def config(self, name: str, model: str, count: int = 1, variant: str = "AllTraffic") -> str:
        full = f"{name}-{self.suffix}"
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=full,
            ProductionVariants=[
                {
                    "VariantName": variant,
                    "ModelName": model,
                    "InstanceType": "ml.t2.medium",
                    "InitialInstanceCount": count,
                }
            ],
        )
        return full

    def endpoint(self, name: str, config: str) -> str:
        full = f"{name}-{self.suffix}"
        self.sagemaker.create_endpoint(EndpointName=full, EndpointConfigName=config)
        self.endpoints.append(full)
        return full

    def wait(self, endpoint: str, status: str = "InService", timeout_s: float = 60) -> dict[str, Any]:
        deadline, pause = time.monotonic() + timeout_s, pauses()
        while True:
            described: dict[str, Any] = self.sagemaker.describe_endpoint(EndpointName=endpoint)
            if described["EndpointStatus"] == status:
                return described
            assert described["EndpointStatus"] != "Failed", described.get("FailureReason")
            assert time.monotonic() < deadline, described
            time.sleep(next(pause))

    def invoke(self, endpoint: str, data: Any, **members: Any) -> Any:
        response = self.runtime.invoke_endpoint(
            EndpointName=endpoint, ContentType="application/json", Body=json.dumps(data), **members
        )
        return json.loads(response["Body"].read())

    def log_text(self, endpoint: str) -> str:
        logs = self.client("logs")
        events = logs.filter_log_events(logGroupName=f"/aws/sagemaker/Endpoints/{endpoint}")["events"]
        return "\n".join(event["message"] for event in events)

    def close(self) -> None:
        for endpoint in self.endpoints:
            try:
                self.sagemaker.delete_endpoint(EndpointName=endpoint)
            except ClientError:
                pass


@pytest.fixture
def stage(client: Any) -> Iterator[Stage]:
    stage = Stage(client)
    yield stage
    stage.close()


def error_of(call: Any, *arguments: Any, **members: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as raised:
        call(*arguments, **members)
    response: dict[str, Any] = raised.value.response
    return response


def test_a_model_is_served(stage: Stage) -> None:
    endpoint = stage.endpoint("Served", stage.config("c", stage.model("m", 3), count=2))
    described = stage.wait(endpoint)
    assert described["EndpointArn"].endswith(f":endpoint/{endpoint.lower()}")
    assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    response = stage.runtime.invoke_endpoint(
        EndpointName=endpoint, ContentType="application/json", Accept="text/csv", Body=b"[1, 2]"
    )
    assert response["InvokedProductionVariant"] == "AllTraffic"
    assert response["ContentType"] == "text/csv"
    assert response["Body"].read() == b"3\n6\n"
    assert stage.invoke(endpoint, "files") == ["code", "weights.json"]
    assert f"assumed-role/{stage.role_name}/" in stage.invoke(endpoint, "who")


def test_handler_errors_are_model_errors_and_their_traceback_is_in_the_log(stage: Stage) -> None:
    endpoint = stage.endpoint("errors", stage.config("c", stage.model("m", 1)))
    stage.wait(endpoint)
    response = error_of(stage.invoke, endpoint, "boom")
    assert response["Error"]["Code"] == "ModelError"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["OriginalStatusCode"] == 500
    assert response["OriginalMessage"] == "the handler says boom"
    assert response["Error"]["Message"].startswith(
        'Received server error (500) from primary with message "the handler says boom". See https://'
    )
    unsupported = error_of(
        stage.runtime.invoke_endpoint, EndpointName=endpoint, ContentType="image/png", Body=b"x"
    )
    assert unsupported["OriginalStatusCode"] == 415
    deadline = time.monotonic() + 60
    while "ValueError: the handler says boom" not in stage.log_text(endpoint):
        assert time.monotonic() < deadline, stage.log_text(endpoint)
        time.sleep(0.1)


def test_an_instance_that_dies_is_replaced(stage: Stage) -> None:
    endpoint = stage.endpoint("mortal", stage.config("c", stage.model("m", 2), count=2))
    stage.wait(endpoint)
    assert stage.invoke(endpoint, "die") == [2]  # the server of one instance ends with this answer
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    deadline = time.monotonic() + 30
    streams: set[str] = set()
    while len(streams) < 3:  # one for each instance that ever was
        assert time.monotonic() < deadline, streams
        assert stage.invoke(endpoint, [5]) == [10]
        found = stage.client("logs").describe_log_streams(logGroupName=group)["logStreams"]
        streams = {stream["logStreamName"] for stream in found}
        time.sleep(0.05)
    while True:
        described = stage.sagemaker.describe_endpoint(EndpointName=endpoint)
        assert described["EndpointStatus"] == "InService"
        if described["ProductionVariants"][0]["CurrentInstanceCount"] == 2:
            break
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert stage.invoke(endpoint, [5]) == [10]


def test_update_replaces_the_model_without_downtime(stage: Stage) -> None:
    endpoint = stage.endpoint("updated", stage.config("one", stage.model("m1", 1)))
    stage.wait(endpoint)
    stage.sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=stage.config("two", stage.model("m2", 10))
    )
    answers = set()
    deadline = time.monotonic() + 60
    while stage.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] != "InService":
        answers.add(stage.invoke(endpoint, [1])[0])
        assert time.monotonic() < deadline
    assert answers <= {1, 10}
    assert stage.invoke(endpoint, [1]) == [10]


def test_code_that_does_not_load_fails_the_endpoint(stage: Stage) -> None:
    model = stage.model("broken", 1, code="def model_fn(model_dir): raise OSError('no such weights')")
    endpoint = stage.endpoint("broken", stage.config("c", model))
    deadline = time.monotonic() + 60
    while True:
        described = stage.sagemaker.describe_endpoint(EndpointName=endpoint)
        if described["EndpointStatus"] == "Failed":
            break
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert described["FailureReason"] == (
        "The primary container for production variant AllTraffic did not pass the ping health check. "
        "Please check CloudWatch logs for this endpoint."
    )
    assert "no such weights" in stage.log_text(endpoint)


def test_unknown_endpoints(stage: Stage) -> None:
    response = error_of(stage.invoke, "nobody", 1)
    assert response["Error"]["Code"] == "ValidationError"
    assert response["Error"]["Message"] == "Endpoint nobody of account 123456789012 not found."
    described = error_of(stage.sagemaker.describe_endpoint, EndpointName="nobody")
    assert described["Error"]["Code"] == "ValidationException"
    assert described["Error"]["Message"].startswith("Could not find endpoint")


def test_only_who_may_invoke_may(stage: Stage, client: Any) -> None:
    endpoint = stage.endpoint("Guarded", stage.config("c", stage.model("m", 1)))
    stage.wait(endpoint)
    iam = client("iam")
    user = f"caller-{stage.suffix}"
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    runtime = client("sagemaker-runtime", credentials=key)
    response = error_of(
        runtime.invoke_endpoint, EndpointName=endpoint, ContentType="application/json", Body=b"[1]"
    )
    arn = f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{endpoint.lower()}"
    assert response["Error"]["Code"] == "AccessDeniedException"
    assert (
        f"is not authorized to perform: sagemaker:InvokeEndpoint on resource: {arn}"
        in (response["Error"]["Message"])
    )
    statement = {"Effect": "Allow", "Action": "sagemaker:InvokeEndpoint", "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=user, PolicyName="invoke", PolicyDocument=document)
    answer = runtime.invoke_endpoint(EndpointName=endpoint, ContentType="application/json", Body=b"[1]")
    assert json.loads(answer["Body"].read()) == [1]


def test_lists(stage: Stage) -> None:
    config = stage.config("c", stage.model("m", 1))
    names = {stage.endpoint(f"listed-{n}", config) for n in range(3)}
    for name in names:
        stage.wait(name)
    pages = stage.sagemaker.get_paginator("list_endpoints").paginate(
        NameContains=stage.suffix, StatusEquals="InService", PaginationConfig={"PageSize": 2}
    )
    assert {endpoint["EndpointName"] for page in pages for endpoint in page["Endpoints"]} == names


@pytest.mark.parametrize(
    "policy",
    [
        {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "CANARY",
                    "WaitIntervalInSeconds": 1,
                    "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50},
                },
                "TerminationWaitInSeconds": 1,
            }
        },
        {
            "RollingUpdatePolicy": {
                "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1},
                "WaitIntervalInSeconds": 1,
            }
        },
    ],
)
def test_deployment_policies_move_the_traffic_by_and_by(stage: Stage, policy: dict[str, Any]) -> None:
    endpoint = stage.endpoint("policy", stage.config("c1", stage.model("m1", 1), count=2))
    stage.wait(endpoint)
    second = stage.config("c2", stage.model("m2", 2), count=2)
    stage.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=second, DeploymentConfig=policy)
    seen, statuses = [], set()
    while True:
        described = stage.sagemaker.describe_endpoint(EndpointName=endpoint)
        if described["EndpointStatus"] != "Updating":
            break
        for pending in described.get("PendingDeploymentSummary", {}).get("ProductionVariants", []):
            statuses |= {status["Status"] for status in pending["VariantStatus"]}
        # Several, since a busy machine describes an endpoint but a few times in the seconds that it bakes.
        seen += [stage.invoke(endpoint, [1])[0] for _ in range(15)]
    assert described["EndpointStatus"] == "InService"
    assert described["EndpointConfigName"] == second
    assert described["LastDeploymentConfig"] == policy
    assert {1, 2} == set(seen) and "Baking" in statuses
    # A mixture while it bakes, not one switch.
    assert sum(before != after for before, after in itertools.pairwise(seen)) > 1
    assert stage.invoke(endpoint, [1]) == [2]
