"""Server access logging, from a request to the line in the target bucket."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.waiting import eventually

from .conftest import empty, refused


@pytest.fixture
def target(s3: Any) -> Iterator[str]:
    name = f"logs-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    yield name
    empty(s3, name)
    s3.delete_bucket(Bucket=name)


def test_requests_become_lines(s3: Any, bucket: str, target: str) -> None:
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{target}/in/*",
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket=target, Policy=json.dumps(policy))
    enabled = {"TargetBucket": target, "TargetPrefix": "in/"}
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": enabled})
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == enabled
    answer = s3.put_object(Bucket=bucket, Key="k e y", Body=b"12345")
    s3.get_object(Bucket=bucket, Key="k e y")["Body"].read()
    refused(s3.get_object, Bucket=bucket, Key="none")

    def lines() -> list[list[str]] | None:
        found = []
        for entry in s3.list_objects_v2(Bucket=target).get("Contents", []):
            text = s3.get_object(Bucket=target, Key=entry["Key"])["Body"].read().decode()
            found += [line.split(" ") for line in text.splitlines()]
        return found if len(found) >= 4 else None

    told = {line[8] + " " + line[7]: line for line in eventually(lines) or []}
    put = told["k%20e%20y REST.PUT.OBJECT"]
    assert put[1] == bucket and put[6] == answer["ResponseMetadata"]["RequestId"]
    got = told["k%20e%20y REST.GET.OBJECT"]
    assert got[9:16] == ['"GET', f"/{bucket}/k%20e%20y", 'HTTP/1.1"', "200", "-", "5", "5"]
    assert told["none REST.GET.OBJECT"][12:14] == ["404", "NoSuchKey"]
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)


def test_targets_that_are_none(s3: Any, client: Any, bucket: str) -> None:
    def error(target: str) -> dict[str, Any]:
        status = {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": "log"}}
        return refused(s3.put_bucket_logging, Bucket=bucket, BucketLoggingStatus=status)

    nowhere = error(f"{bucket}-no")
    assert (nowhere["Code"], nowhere["TargetBucket"]) == ("InvalidTargetBucketForLogging", f"{bucket}-no")
    west, name = client("s3", region="us-west-2"), f"{bucket}-w"
    west.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    far = error(name)
    west.delete_bucket(Bucket=name)
    assert far == {
        "Code": "CrossLocationLoggingProhibitted",
        "Message": "Cross S3 location logging not allowed. ",
        "TargetBucketLocation": "us-west-2",
        "Status": 403,
    }
