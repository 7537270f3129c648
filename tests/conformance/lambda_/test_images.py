"""Functions that are container images: what they find, what replaces what, and how they fail."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagehen.executors.machines.roots.choice import RootKind, root_kind
from tests.conformance.conftest import ClientFactory
from tests.registry import RegistryClient
from tests.serving_image import push_server, server_layer
from tests.waiting import eventually

pytestmark = pytest.mark.skipif(root_kind() is RootKind.NONE, reason="no overlay can be mounted here")


@dataclass
class Stage:
    """A repository with an image that is a function: `f`; one without a runtime interface client: `bare`."""

    functions: Any
    ecr: Any
    role: str
    repository: str
    uri: str

    def create(self, tag: str, **more: Any) -> str:
        name = f"image-{uuid.uuid4().hex[:8]}"
        self.functions.create_function(
            FunctionName=name, Role=self.role, PackageType="Image", Timeout=30,
            Code={"ImageUri": f"{self.uri}:{tag}"}, **more,
        )  # fmt: skip
        self.settled(name)
        return name

    def settled(self, name: str) -> Any:
        def look() -> Any:
            found = self.functions.get_function_configuration(FunctionName=name)
            pending = found["State"] == "Pending" or found["LastUpdateStatus"] == "InProgress"
            return None if pending else found

        return eventually(look)

    def invoke(self, name: str, event: Any = "hello") -> Any:
        answer = self.functions.invoke(FunctionName=name, Payload=json.dumps(event))
        return answer.get("FunctionError"), json.loads(answer["Payload"].read())


@pytest.fixture(scope="module")
def stage(client: ClientFactory, endpoint_url: str, lambda_role: str) -> Iterator[Stage]:
    ecr, name = client("ecr"), f"functions-{uuid.uuid4().hex[:8]}"
    uri = ecr.create_repository(repositoryName=name)["repository"]["repositoryUri"]
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    registry, layer = RegistryClient(endpoint_url, token), server_layer()
    push_server(registry, name, "f", layer, Entrypoint=["/app/function.py"], Cmd=["app.handler"])
    push_server(registry, name, "gone", layer, Entrypoint=["/app/function.py"])
    push_server(registry, name, "bare", layer, Entrypoint=["/bin/sh", "-c", "exit 0"])
    yield Stage(client("lambda"), ecr, lambda_role, name, uri)
    ecr.delete_repository(repositoryName=name, force=True)


def test_what_it_finds(stage: Stage) -> None:
    name = stage.create("f", Environment={"Variables": {"GIVEN": "yes"}}, EphemeralStorage={"Size": 600})
    assert stage.invoke(name) == (None, {
        "argv": ["app.handler"], "cwd": "/app", "uid": 993, "key": True, "tmp_mib": 600,
        "tmp": "yes", "app": "Read-only file system", "open": "Read-only file system",
        "env": {
            "MINE": "yes", "GIVEN": "yes", "AWS_LAMBDA_FUNCTION_NAME": name, "AWS_EXECUTION_ENV": None,
            "_HANDLER": None,
        },
    })  # fmt: skip
    error, document = stage.invoke(name, "exit")
    assert (error, document["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert stage.invoke(name)[0] is None

    overrides = {"Command": ["other", "words"], "WorkingDirectory": "/tmp"}
    stage.functions.update_function_configuration(FunctionName=name, ImageConfig=overrides)
    assert stage.settled(name)["ImageConfigResponse"] == {"ImageConfig": overrides}
    answer = stage.invoke(name)[1]
    assert (answer["argv"], answer["cwd"]) == (["other", "words"], "/tmp")

    function = stage.functions.get_function(FunctionName=name)
    digest = function["Configuration"]["CodeSha256"]
    assert function["Code"] == {
        "RepositoryType": "ECR", "ImageUri": f"{stage.uri}:f",
        "ResolvedImageUri": f"{stage.uri}@sha256:{digest}",
    }  # fmt: skip
    assert (function["Configuration"]["PackageType"], function["Configuration"]["CodeSize"]) == ("Image", 0)
    published = stage.functions.publish_version(FunctionName=name, CodeSha256=digest)["Version"]
    updated = stage.functions.update_function_code(FunctionName=name, ImageUri=f"{stage.uri}:bare")
    assert updated["CodeSha256"] != digest
    stage.settled(name)
    assert stage.invoke(name)[1]["errorType"] == "Runtime.ExitError"  # it ends without asking for an event
    assert stage.invoke(f"{name}:{published}")[0] is None


def test_an_image_that_is_deleted(stage: Stage) -> None:
    """What runs goes on; what would have to be started does not."""
    name = stage.create("gone")
    assert stage.invoke(name)[0] is None
    digest = stage.functions.get_function_configuration(FunctionName=name)["CodeSha256"]
    image = [{"imageDigest": f"sha256:{digest}"}]
    stage.ecr.batch_delete_image(repositoryName=stage.repository, imageIds=image)
    assert stage.invoke(name)[0] is None
    stage.functions.update_function_configuration(FunctionName=name, Description="anew")
    assert stage.settled(name)["LastUpdateStatusReasonCode"] == "ImageDeleted"


@pytest.mark.parametrize(
    ("request_of", "message"),
    [
        ({"Runtime": "python3.11"}, "Please don't provide Handler or Runtime or Layer"),
        ({"Code": {"ZipFile": b"x"}}, "Please provide ImageUri when creating"),
        ({"PackageType": "Zip"}, "Runtime and Handler are mandatory"),
        ({"Code": {"ImageUri": "URI:none"}}, "URI:none does not exist. Provide a valid source image."),
        ({"Code": {"ImageUri": "URI-no:f"}}, "URI-no:f is not valid. Provide a valid source image."),
        ({"ImageConfig": {"EntryPoint": [""]}}, "first word is empty"),
        ({"ImageConfig": {"WorkingDirectory": "../etc"}}, "absolute, plain path"),
    ],
)
def test_what_is_refused(stage: Stage, request_of: dict[str, Any], message: str) -> None:
    code = {"ImageUri": f"{stage.uri}:f"}
    request = {"FunctionName": "refused", "Role": stage.role, "PackageType": "Image", "Code": code}
    request |= request_of
    if uri := request["Code"].get("ImageUri"):
        request["Code"] = {"ImageUri": uri.replace("URI", stage.uri)}
    with pytest.raises(ClientError) as refused:
        stage.functions.create_function(**request)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"
    assert message.replace("URI", stage.uri) in refused.value.response["Error"]["Message"]


def test_who_may_not_pull_makes_no_function(stage: Stage, client: ClientFactory) -> None:
    iam, name = client("iam"), f"maker-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": ["lambda:*", "iam:PassRole"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    maker = client("lambda", credentials={**key})
    with pytest.raises(ClientError, match="Lambda does not have permission to access the ECR image"):
        maker.create_function(
            FunctionName=name, Role=stage.role, PackageType="Image", Code={"ImageUri": f"{stage.uri}:f"}
        )
