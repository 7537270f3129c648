"""S3 Control: tags of buckets by ARN, as Terraform's aws_s3_bucket reads and writes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory
from tests.running import ACCOUNTS, RunningSagehen

ACCOUNT = "123456789012"


# AWS's own name, as `sagehen env` sets it, and the endpoint's address, as other clients take it.
@pytest.fixture(scope="module", params=["s3-control.us-east-1.amazonaws.com", "127.0.0.1"])
def control(client: ClientFactory, platform: RunningSagehen | None, request: pytest.FixtureRequest) -> Any:
    """A client with the account before the host, through the proxy door."""
    if platform is None:
        return client("s3control")
    key, secret = ACCOUNTS[ACCOUNT].split(":", 1)
    url = f"https://{request.param}" if request.param != "127.0.0.1" else platform.url
    return boto3.client(
        "s3control",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        verify=str(Path(platform.facts["ca_certificate"]).with_name("bundle.pem")),
        config=Config(
            proxies={"https": platform.url, "http": platform.url}, retries={"total_max_attempts": 1}
        ),
    )


@pytest.fixture
def bucket(client: ClientFactory) -> Iterator[str]:
    s3, name = client("s3"), f"tagged-{uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    yield name
    s3.delete_bucket(Bucket=name)


def test_tags(client: ClientFactory, control: Any, bucket: str) -> None:
    named = {"AccountId": ACCOUNT, "ResourceArn": f"arn:aws:s3:::{bucket}"}
    assert control.list_tags_for_resource(**named)["Tags"] == []
    control.tag_resource(**named, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    control.tag_resource(**named, Tags=[{"Key": "b", "Value": "3"}])
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "3"}]
    assert control.list_tags_for_resource(**named)["Tags"] == tags
    assert client("s3").get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    control.untag_resource(**named, TagKeys=["a", "never"])
    assert control.list_tags_for_resource(**named)["Tags"] == tags[1:]
    control.untag_resource(**named, TagKeys=["b"])
    with pytest.raises(ClientError) as none:
        client("s3").get_bucket_tagging(Bucket=bucket)
    assert none.value.response["Error"]["Code"] == "NoSuchTagSet"


def test_refusals(control: Any, bucket: str) -> None:
    for account, arn, code in (
        (ACCOUNT, "arn:aws:s3:::no-such-bucket-here", "NoSuchBucket"),
        ("210987654321", f"arn:aws:s3:::{bucket}", "AccessDenied"),
        (ACCOUNT, f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/a", "NotImplemented"),
    ):
        with pytest.raises(ClientError) as refused:
            control.list_tags_for_resource(AccountId=account, ResourceArn=arn)
        assert refused.value.response["Error"]["Code"] == code
    tags = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    control.tag_resource(AccountId=ACCOUNT, ResourceArn=f"arn:aws:s3:::{bucket}", Tags=tags)
    with pytest.raises(ClientError) as many:
        control.tag_resource(
            AccountId=ACCOUNT, ResourceArn=f"arn:aws:s3:::{bucket}", Tags=[{"Key": "more", "Value": ""}]
        )
    assert many.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_what_is_not_built(control: Any) -> None:
    with pytest.raises(ClientError) as refused:
        control.list_jobs(AccountId=ACCOUNT)
    error = refused.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert error["Error"]["Message"] == "Sagehen does not implement ListJobs of s3control."
