"""A bucket answers only to signatures for its region, and SDKs find it by themselves."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory

HOME, AWAY = "eu-west-1", "us-east-1"


@pytest.fixture
def bucket(client: ClientFactory) -> Iterator[str]:
    s3, name = client("s3", region=HOME), f"regional-{uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": HOME})
    s3.put_object(Bucket=name, Key="k", Body=b"home")
    yield name
    s3.delete_object(Bucket=name, Key="k")
    s3.delete_bucket(Bucket=name)


def test_boto3_finds_the_bucket_by_itself(client: ClientFactory, bucket: str) -> None:
    s3 = client("s3", region=AWAY)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"home"
    assert client("s3", region=AWAY).head_object(Bucket=bucket, Key="k")["ContentLength"] == 4
    assert client("s3", region=AWAY).head_bucket(Bucket=bucket)["BucketRegion"] == HOME
    client("s3", region=AWAY).put_object(Bucket=bucket, Key="k", Body=b"home")
    assert client("s3", region=AWAY).get_bucket_location(Bucket=bucket)["LocationConstraint"] == HOME


def test_a_presigned_url_for_another_region(client: ClientFactory, bucket: str) -> None:
    s3 = client("s3", region=AWAY, config=Config(signature_version="s3v4"))
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url)
    with refused.value:
        body = refused.value.read().decode()
        assert refused.value.code == 400
        assert refused.value.headers["x-amz-bucket-region"] == HOME
    assert "<Code>AuthorizationQueryParametersError</Code>" in body
    assert (
        "Error parsing the X-Amz-Credential parameter; the region 'us-east-1' is wrong; expecting 'eu-west-1'"
        in unescape(body)
    )
    assert f"<Region>{HOME}</Region>" in body


def test_what_the_redirector_is_told(client: ClientFactory, bucket: str) -> None:
    s3 = client("s3", region=AWAY)
    seen: list[tuple[int, dict[str, Any]]] = []

    def note(response: Any, **_: Any) -> None:
        if response is not None:
            seen.append((response[0].status_code, response[1]))

    s3.meta.events.register_first("needs-retry.s3", note)
    s3.list_objects_v2(Bucket=bucket)
    status, parsed = seen[0]
    assert (status, parsed["Error"]["Code"]) == (400, "AuthorizationHeaderMalformed")
    assert parsed["Error"]["Message"] == (
        "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'"
    )
    assert parsed["Error"]["Region"] == HOME
    assert seen[-1][0] == 200


def test_making_a_bucket_that_is_elsewhere(client: ClientFactory, bucket: str) -> None:
    with pytest.raises(ClientError, match="BucketAlreadyOwnedByYou"):
        client("s3", region=AWAY).create_bucket(Bucket=bucket)
