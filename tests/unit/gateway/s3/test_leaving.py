"""What may leave for the real AWS: only what reads, and says nothing of anybody."""

from __future__ import annotations

import pytest

from sagehen.gateway.s3.public.leaving import may_leave, may_leave_unsigned, passed_headers
from sagehen.gateway.s3.public.samples import is_sample
from tests.unit.gateway.making import incoming


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("query", ["", "list-type=2&prefix=a%2Fb", "X-Amz-Expires=60", "signatures=1"])
def test_reading_may(method: str, query: str) -> None:
    assert may_leave(incoming(method, "/key", query))


@pytest.mark.parametrize(
    ("method", "query", "headers", "length"),
    [
        ("PUT", "", {}, 0),
        ("POST", "", {}, 0),
        ("DELETE", "", {}, 0),
        ("OPTIONS", "", {}, 0),
        ("GET", "", {}, 1),
        ("GET", "", {}, None),  # chunked: nobody knows yet
        ("GET", "", {"authorization": "Basic eDp5"}, 0),
        ("GET", "", {"x-amz-security-token": "t"}, 0),
        ("GET", "", {"x-amz-s3session-token": "t"}, 0),
        ("GET", "X-Amz-Signature=0", {}, 0),
        ("GET", "a=b&x-amz-credential=c", {}, 0),
        ("GET", "a=b;AWSAccessKeyId=c", {}, 0),  # some servers split there
        ("GET", "%53ignature=c", {}, 0),
        ("GET", "+Signature=c", {}, 0),
        ("GET", "X-Amz-Security-Token", {}, 0),
    ],
)
def test_everything_else_stays(method: str, query: str, headers: dict[str, str], length: int | None) -> None:
    assert not may_leave(incoming(method, "/key", query, headers=headers, length=length))


def test_headers_that_nobody_listed_stay() -> None:
    headers = {"range": "bytes=0-1", "cookie": "secret", "x-api-key": "secret", "accept": "*/*"}
    assert passed_headers(incoming(headers=headers)) == [("range", "bytes=0-1"), ("accept", "*/*")]


@pytest.mark.parametrize(
    ("method", "query", "headers", "length", "may"),
    [
        ("GET", "list-type=2&prefix=a", {"authorization": "AWS4-HMAC-SHA256 ..."}, 0, True),
        ("HEAD", "", {"authorization": "AWS4-HMAC-SHA256 ...", "x-amz-security-token": "t"}, 0, True),
        ("GET", "", {}, 0, False),
        ("GET", "X-Amz-Signature=0", {}, 0, False),
        ("GET", "X-Amz-Signature=0", {"authorization": "AWS4-HMAC-SHA256 ..."}, 0, False),
        ("PUT", "", {"authorization": "AWS4-HMAC-SHA256 ..."}, 0, False),
        ("GET", "", {"authorization": "AWS4-HMAC-SHA256 ..."}, 1, False),
    ],
)
def test_a_signature_in_headers_alone_may_be_left_behind(
    method: str, query: str, headers: dict[str, str], length: int, may: bool
) -> None:
    asked = incoming(method, "/key", query, headers=headers, length=length)
    assert may_leave_unsigned(asked) is may
    assert not {"authorization", "x-amz-security-token"} & dict(passed_headers(asked)).keys()


@pytest.mark.parametrize(
    ("bucket", "is_one"),
    [
        ("sagemaker-sample-files", True),
        ("sagemaker-example-files-prod-us-west-2", True),
        ("jumpstart-cache-prod-eu-central-1", True),
        ("sagemaker-us-east-1-123456789012", False),
        ("sagemaker-sample-files.evil.example", False),
        ("sagemaker-sample-files/../x", False),
        ("sagemaker-example-files-prod-" + "a" * 60, False),
        ("mine", False),
    ],
)
def test_buckets_of_samples_are_aws_s_own(bucket: str, is_one: bool) -> None:
    assert is_sample(bucket) is is_one
