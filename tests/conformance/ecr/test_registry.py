"""A registry over the wire: its own protocol and ECR's API see the same images."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.conftest import ClientFactory
from tests.registry import OCI_MANIFEST, RegistryClient, config_of, digest_of, layer_of, manifest_of
from tests.waiting import eventually

LAYER = layer_of({"hello": b"hey" * 1000})
CONFIG = config_of(Cmd=["/hello"])


@pytest.fixture
def repository(client: ClientFactory) -> Iterator[str]:
    name = f"team/app-{uuid.uuid4().hex[:8]}"
    client("ecr").create_repository(repositoryName=name)
    yield name
    client("ecr").delete_repository(repositoryName=name, force=True)


def token_of(ecr: Any) -> str:
    return str(ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"])


def test_a_push_in_chunks_and_a_pull_of_a_range(
    client: ClientFactory, endpoint_url: str, repository: str
) -> None:
    ecr = client("ecr")
    assert RegistryClient(endpoint_url, None).call("GET", "/v2/")[0] == 401
    registry = RegistryClient(endpoint_url, token_of(ecr))
    assert registry.call("GET", "/v2/")[0] == 200
    status, headers, _ = registry.call("POST", f"/v2/{repository}/blobs/uploads/", b"")
    assert status == 202
    at = headers["Location"]
    assert registry.call("PATCH", at, LAYER[:50], Content_Range="0-49")[1]["Range"] == "0-49"
    assert registry.call("PATCH", at, LAYER[60:], Content_Range=f"60-{len(LAYER) - 1}")[0] == 416
    assert registry.call("GET", at)[1]["Range"] == "0-49"  # where a client that broke off goes on
    assert registry.call("PUT", f"{at}?digest={digest_of(LAYER)}", LAYER[50:])[0] == 201
    digest = registry.push(repository, "v1", CONFIG, LAYER)
    path = f"/v2/{repository}/blobs/{digest_of(LAYER)}"
    assert registry.call("GET", path, Range="bytes=2-5")[::2] == (206, LAYER[2:6])
    assert registry.call("GET", path)[::2] == (200, LAYER)
    manifest = registry.call("GET", f"/v2/{repository}/manifests/{digest}")[2]
    assert manifest == manifest_of(CONFIG, LAYER)
    [detail] = ecr.describe_images(repositoryName=repository)["imageDetails"]
    assert detail["imageTags"] == ["v1"] and detail["imageSizeInBytes"] == len(LAYER) + len(CONFIG)
    assert ecr.put_image(repositoryName=repository, imageManifest=manifest.decode(), imageTag="v2")
    assert json.loads(registry.call("GET", f"/v2/{repository}/tags/list?n=1")[2])["tags"] == ["v1"]
    link = registry.call("GET", f"/v2/{repository}/tags/list?n=1")[1]["Link"]
    assert json.loads(registry.call("GET", link[1:].partition(">")[0])[2])["tags"] == ["v2"]


def test_what_is_not_what_it_says_is_refused(
    client: ClientFactory, endpoint_url: str, repository: str
) -> None:
    ecr = client("ecr")
    registry = RegistryClient(endpoint_url, token_of(ecr))

    def refused(method: str, path: str, body: bytes, **headers: str) -> tuple[int, str]:
        status, _, text = registry.call(method, f"/v2/{path}", body, **headers)
        return status, json.loads(text)["errors"][0]["code"]

    wrong = digest_of(b"else")
    assert refused("POST", f"{repository}/blobs/uploads/?digest={wrong}", LAYER) == (400, "DIGEST_INVALID")
    assert refused("POST", "no/such/blobs/uploads/", b"") == (404, "NAME_UNKNOWN")
    named = manifest_of(CONFIG, LAYER)
    at = f"{repository}/manifests/v1"
    assert refused("PUT", at, named, Content_Type=OCI_MANIFEST) == (400, "MANIFEST_BLOB_UNKNOWN")
    for broken in (b"{", b"[]", b'{"schemaVersion": 1}', b"\xff", named.replace(b"sha256:", b"sha1:")):
        assert refused("PUT", at, broken, Content_Type=OCI_MANIFEST) == (400, "MANIFEST_INVALID")
    with pytest.raises(ecr.exceptions.LayersNotFoundException):
        ecr.put_image(repositoryName=repository, imageManifest=named.decode())
    ecr.put_image_tag_mutability(repositoryName=repository, imageTagMutability="IMMUTABLE")
    registry.push(repository, "v1", CONFIG, LAYER)
    other = config_of(Cmd=["/other"])
    upload = f"/v2/{repository}/blobs/uploads/?digest={digest_of(other)}"
    assert registry.call("POST", upload, other)[0] == 201
    assert refused("PUT", at, manifest_of(other, LAYER), Content_Type=OCI_MANIFEST) == (400, "TAG_INVALID")


def test_iam_guards_the_protocol_as_it_guards_the_api(
    client: ClientFactory, endpoint_url: str, repository: str
) -> None:
    iam, name = client("iam"), f"puller-{uuid.uuid4().hex[:8]}"
    root = RegistryClient(endpoint_url, token_of(client("ecr")))
    root.push(repository, "v1", CONFIG, LAYER)
    iam.create_user(UserName=name)
    pull = ["ecr:GetAuthorizationToken", "ecr:BatchGetImage"]
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": pull, "Resource": "*"}]}
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    theirs = client("ecr", credentials={**key, "SessionToken": None})
    registry = RegistryClient(endpoint_url, token_of(theirs))
    assert registry.call("GET", f"/v2/{repository}/manifests/v1")[0] == 200
    blob = f"/v2/{repository}/blobs/{digest_of(LAYER)}"
    status, _, text = registry.call("GET", blob)
    assert status == 403 and "ecr:GetDownloadUrlForLayer" in json.loads(text)["errors"][0]["message"]
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "ecr:GetDownloadUrlForLayer"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everybody]})
    client("ecr").set_repository_policy(repositoryName=repository, policyText=policy)
    assert registry.call("GET", blob)[0] == 200
    assert registry.call("POST", f"/v2/{repository}/blobs/uploads/", b"")[0] == 403
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    assert registry.call("GET", blob)[0] == 401  # the token was nothing without its key
    iam.delete_user_policy(UserName=name, PolicyName="p")
    iam.delete_user(UserName=name)


def test_a_layer_is_taken_over_from_a_repository_that_has_it(
    client: ClientFactory, endpoint_url: str, repository: str
) -> None:
    ecr, other = client("ecr"), f"other-{uuid.uuid4().hex[:8]}"
    ecr.create_repository(repositoryName=other)
    registry = RegistryClient(endpoint_url, token_of(ecr))
    registry.push(repository, "v1", CONFIG, LAYER)
    mount = f"/v2/{other}/blobs/uploads/?mount={digest_of(LAYER)}&from={repository}"
    assert registry.call("POST", mount, b"")[0] == 201
    ecr.batch_delete_image(repositoryName=repository, imageIds=[{"imageTag": "v1"}])
    assert registry.call("GET", f"/v2/{other}/blobs/{digest_of(LAYER)}")[2] == LAYER
    there = ecr.batch_check_layer_availability(repositoryName=repository, layerDigests=[digest_of(LAYER)])
    assert there["layers"][0]["layerAvailability"] == "UNAVAILABLE"
    ecr.delete_repository(repositoryName=other, force=True)


def test_a_policy_expires_all_but_the_last_images(
    client: ClientFactory, endpoint_url: str, repository: str
) -> None:
    ecr = client("ecr")
    registry = RegistryClient(endpoint_url, token_of(ecr))
    for number in range(3):
        registry.push(repository, f"v{number}", config_of(Cmd=[str(number)]), LAYER)
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    text = json.dumps({"rules": [rule]})
    ecr.start_lifecycle_policy_preview(repositoryName=repository, lifecyclePolicyText=text)
    found = ecr.get_lifecycle_policy_preview(repositoryName=repository)["previewResults"]
    assert sorted(tag for each in found for tag in each["imageTags"]) == ["v0", "v1"]
    with pytest.raises(ecr.exceptions.InvalidParameterException):
        ecr.put_lifecycle_policy(repositoryName=repository, lifecyclePolicyText=text.replace("any", "all"))
    ecr.put_lifecycle_policy(repositoryName=repository, lifecyclePolicyText=text)

    def left() -> list[str]:
        return [each["imageTag"] for each in ecr.list_images(repositoryName=repository)["imageIds"]]

    eventually(lambda: left() == ["v2"])
