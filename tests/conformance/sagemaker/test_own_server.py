"""An image of one's own serves endpoints and transform jobs with its server, and processes by its words."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from sagehen.executors.machines.roots.choice import RootKind, root_kind
from tests.conformance.conftest import ClientFactory
from tests.conformance.sagemaker.test_training import Stage
from tests.registry import RegistryClient, layer_of
from tests.serving_image import push_server, server_layer
from tests.waiting import eventually

pytestmark = pytest.mark.skipif(root_kind() is RootKind.NONE, reason="no overlay can be mounted here")
_DEADLINE_S = 90


class Images(Stage):
    """A repository with an image that serves, and a role that may pull it."""

    def __init__(self, client: Any, url: str) -> None:
        super().__init__(client)
        self.ecr, self.runtime = client("ecr"), client("sagemaker-runtime")
        self.repository = f"serves-{uuid.uuid4().hex[:8]}"
        made = self.ecr.create_repository(repositoryName=self.repository)
        self.uri = made["repository"]["repositoryUri"]
        self.allow(["s3:*", "ecr:*"], ["*"])
        token = self.ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
        self.url, self.layer = url, server_layer()
        self.registry = RegistryClient(url, token)
        push_server(self.registry, self.repository, "v1", self.layer)

    def model(self, name: str, tag: str = "v1", **more: Any) -> None:
        container = {"Image": f"{self.uri}:{tag}", **more.pop("Container", {})}
        self.sagemaker.create_model(
            ModelName=name, ExecutionRoleArn=self.role_arn, PrimaryContainer=container, **more
        )

    def endpoint(self, name: str, instances: int = 1) -> Any:
        variant = {
            "VariantName": "v", "ModelName": name, "InitialInstanceCount": instances,
            "InstanceType": "ml.m5.large",
        }  # fmt: skip
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        return self.settled(name)

    def settled(self, name: str) -> Any:
        def look() -> Any:
            answer = self.sagemaker.describe_endpoint(EndpointName=name)
            return answer if answer["EndpointStatus"] in ("InService", "Failed") else None

        return eventually(look, _DEADLINE_S)

    def ask(self, name: str, body: bytes = b"hello") -> Any:
        answer = self.runtime.invoke_endpoint(EndpointName=name, Body=body, ContentType="text/plain")
        return json.loads(answer["Body"].read())

    def job(self, kind: str, name: str) -> Any:
        describe = getattr(self.sagemaker, f"describe_{kind}_job")
        member = f"{kind.title()}Job"

        def look() -> Any:
            answer = describe(**{f"{member}Name": name})
            return answer if answer[f"{member}Status"] in ("Completed", "Failed", "Stopped") else None

        return eventually(look, _DEADLINE_S)

    def lines(self, group: str, prefix: str) -> list[str]:
        streams = self.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=prefix)["logStreams"]
        return [
            event["message"]
            for stream in streams
            for event in self.logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]


@pytest.fixture(scope="module")
def images(client: ClientFactory, endpoint_url: str) -> Iterator[Images]:
    found = Images(client, endpoint_url)
    yield found
    for endpoint in found.sagemaker.list_endpoints(NameContains=found.repository)["Endpoints"]:
        found.sagemaker.delete_endpoint(EndpointName=endpoint["EndpointName"])


def test_an_endpoint(images: Images) -> None:
    name = f"{images.repository}-e"
    images.s3.put_object(Bucket=images.bucket, Key="m/weights", Body=b"1")
    source = {"S3Uri": f"s3://{images.bucket}/m/", "S3DataType": "S3Prefix", "CompressionType": "None"}
    container = {"ModelDataSource": {"S3DataSource": source}, "Environment": {"GIVEN": "yes"}}
    images.model(name, Container=container)
    described = images.endpoint(name)
    assert described["EndpointStatus"] == "InService", described["FailureReason"]
    [deployed] = described["ProductionVariants"][0]["DeployedImages"]
    assert deployed["ResolvedImage"].startswith(f"{images.uri}@sha256:")
    answer = images.ask(name)
    assert answer["env"].pop("AWS_CONFIG_FILE")
    assert answer == {
        "argv": ["serve"], "cwd": "/app", "uid": 500, "body": "hello", "type": "text/plain", "home": "/app",
        "model": ["weights"], "written": False, "weights": "1",
        "env": {"MINE": "yes", "GIVEN": "yes", "AWS_REGION": "us-east-1", "SAGEMAKER_BIND_TO_PORT": "8080"},
    }  # fmt: skip
    events = images.runtime.invoke_endpoint_with_response_stream(EndpointName=name, Body=b"stream")["Body"]
    assert b"".join(event["PayloadPart"]["Bytes"] for event in events) == b"abc"
    assert "listening as 500" in images.lines(f"/aws/sagemaker/Endpoints/{name}", "v/")

    # The tag goes to another image, and the endpoint's own is deleted: what runs goes on.
    digest = push_server(images.registry, images.repository, "v1", images.layer, User="0")
    assert digest not in deployed["ResolvedImage"]
    gone = {"imageDigest": deployed["ResolvedImage"].partition("@")[2]}
    images.ecr.batch_delete_image(repositoryName=images.repository, imageIds=[gone])
    assert images.ask(name)["uid"] == 500
    with pytest.raises(images.runtime.exceptions.ClientError):
        images.runtime.invoke_endpoint(EndpointName=name, Body=b"die")
    group = f"/aws/sagemaker/Endpoints/{name}"
    eventually(lambda: any("not found" in line for line in images.lines(group, "v/")), _DEADLINE_S)


def test_a_server_that_is_replaced(images: Images) -> None:
    """Its process ends under a request: another instance comes. It speaks HTTP/1.0."""
    name = f"{images.repository}-r"
    push_server(images.registry, images.repository, "old", images.layer, User="7:7", Env=["HTTP=HTTP/1.0"])
    images.model(name, "old", EnableNetworkIsolation=True)
    assert images.endpoint(name, instances=2)["EndpointStatus"] == "InService"
    answer = images.ask(name)
    assert (answer["uid"], answer["env"]["AWS_CONFIG_FILE"], answer["model"]) == (7, None, [])
    with pytest.raises(images.runtime.exceptions.ModelError):  # sent again to the second, and dead there too
        images.runtime.invoke_endpoint(EndpointName=name, Body=b"die")

    def answered() -> Any:
        try:
            return images.ask(name)
        except images.runtime.exceptions.ClientError:  # both are dead or dying, and none has come yet
            return None

    assert eventually(answered, _DEADLINE_S)["uid"] == 7


def test_what_does_not_come_up_says_why(images: Images) -> None:
    name = f"{images.repository}-f"
    push_server(images.registry, images.repository, "bad", images.layer, Entrypoint=["/nowhere"])
    images.model(name, "bad")
    described = images.endpoint(name)
    assert "did not pass the ping health check" in described["FailureReason"]
    lines = images.lines(f"/aws/sagemaker/Endpoints/{name}", "v/")
    assert any("/nowhere" in line for line in lines)
    with pytest.raises(images.sagemaker.exceptions.ClientError, match=r"Requested image .* not found"):
        images.model(f"{name}-none", "none")


def test_a_transform_job(images: Images) -> None:
    name = f"{images.repository}-t"
    push_server(images.registry, images.repository, "t", images.layer)
    images.model(name, "t")
    images.s3.put_object(Bucket=images.bucket, Key="in/a", Body=b"one\n")
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{images.bucket}/in/"}}
    images.sagemaker.create_transform_job(
        TransformJobName=name, ModelName=name,
        TransformInput={"DataSource": source, "ContentType": "text/plain"},
        TransformOutput={"S3OutputPath": f"s3://{images.bucket}/answers/"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )  # fmt: skip
    assert images.job("transform", name)["TransformJobStatus"] == "Completed"
    body = images.s3.get_object(Bucket=images.bucket, Key="answers/a.out")["Body"].read()
    answer = json.loads(body)
    assert (answer["body"], answer["argv"], answer["uid"]) == ("one\n", ["serve"], 500)


def test_processing_jobs(images: Images) -> None:
    """The image's own words where the request names none; its words else."""
    words = ["/bin/sh", "-c", 'echo "$MINE $*" >/opt/ml/processing/out/said; exit "${1:-0}"', "own"]
    push_server(images.registry, images.repository, "p", images.layer, Entrypoint=words, Cmd=["0", "cmd"])
    push_server(images.registry, images.repository, "mute", images.layer, Entrypoint=[])

    def run(tag: str, **app: Any) -> Any:
        name = f"p-{uuid.uuid4().hex[:8]}"
        output = {
            "OutputName": "out",
            "S3Output": {
                "S3Uri": f"s3://{images.bucket}/{name}", "LocalPath": "/opt/ml/processing/out",
                "S3UploadMode": "EndOfJob",
            },
        }  # fmt: skip
        cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
        images.sagemaker.create_processing_job(
            ProcessingJobName=name, RoleArn=images.role_arn,
            AppSpecification={"ImageUri": f"{images.uri}:{tag}", **app},
            ProcessingResources={"ClusterConfig": cluster},
            ProcessingOutputConfig={"Outputs": [output]},
        )  # fmt: skip
        job = images.job("processing", name)
        if job["ProcessingJobStatus"] != "Completed":
            return job["FailureReason"]
        return images.s3.get_object(Bucket=images.bucket, Key=f"{name}/said")["Body"].read()

    assert run("p") == b"yes 0 cmd\n"
    assert run("p", ContainerArguments=["0", "args"]) == b"yes 0 args\n"
    assert run("p", ContainerArguments=["3"]) == "AlgorithmError: , exit code: 3"
    entry = ["/bin/sh", "-c", "echo mine >/opt/ml/processing/out/said"]
    assert run("p", ContainerEntrypoint=entry) == b"mine\n"
    assert "no command specified" in run("mute")


def test_an_endpoint_of_many_models(images: Images) -> None:
    name = f"{images.repository}-many"
    push_server(images.registry, images.repository, "many", images.layer, Entrypoint=["/app/models.py"])
    for model in ("a", "b", "c"):
        body = layer_of({"weights": model.encode()})
        images.s3.put_object(Bucket=images.bucket, Key=f"many/{model}.tar.gz", Body=body)
    where = {"Mode": "MultiModel", "ModelDataUrl": f"s3://{images.bucket}/many/"}
    images.model(name, "many", Container=where)
    described = images.endpoint(name)
    assert described["EndpointStatus"] == "InService", described["FailureReason"]
    loaded = []
    for model in ("a", "b", "a", "c", "b"):  # it has room for two: the least recently used one goes
        target = f"{model}.tar.gz"
        answer = images.runtime.invoke_endpoint(EndpointName=name, Body=b"x", TargetModel=target)
        told = json.loads(answer["Body"].read())
        loaded.append(told.pop("loaded"))
        assert told == {"says": model, "target": target}
    assert loaded == [1, 2, 2, 2, 2]


def test_a_repository_of_another_account(images: Images, client: ClientFactory) -> None:
    """Its policy must let the role pull, as well as the role's own."""
    other = client("ecr", account="210987654321")
    uri = other.create_repository(repositoryName=images.repository)["repository"]["repositoryUri"]
    token = other.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    registry = RegistryClient(images.url, token)
    push_server(registry, images.repository, "v1", images.layer, Entrypoint=["/bin/sh", "-c", "exit 0"])

    def run() -> Any:
        name = f"o-{uuid.uuid4().hex[:8]}"
        cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
        images.sagemaker.create_processing_job(
            ProcessingJobName=name, RoleArn=images.role_arn, AppSpecification={"ImageUri": f"{uri}:v1"},
            ProcessingResources={"ClusterConfig": cluster},
        )  # fmt: skip
        return images.job("processing", name)

    assert "is not authorized to perform: ecr:BatchCheckLayerAvailability" in run()["FailureReason"]
    statement = {
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": [
            "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability",
        ],
    }  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    other.set_repository_policy(repositoryName=images.repository, policyText=policy)
    assert run()["ProcessingJobStatus"] == "Completed"
    other.delete_repository(repositoryName=images.repository, force=True)
