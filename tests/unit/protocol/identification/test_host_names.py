"""What host names say: S3's bucket and region, a website's bucket."""

from __future__ import annotations

import pytest

from sagehen.protocol.identification import host_names
from sagehen.protocol.identification.host_names import S3Host, s3_host, website_bucket


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("b.s3.us-east-1.amazonaws.com", S3Host("b", "us-east-1")),
        ("my.b.s3.amazonaws.com", S3Host("my.b", None)),
        ("b.s3-us-west-1.amazonaws.com", S3Host("b", "us-west-1")),
        ("b.s3.dualstack.eu-west-1.amazonaws.com", S3Host("b", "eu-west-1")),
        ("b.s3-accelerate.amazonaws.com", S3Host("b", None)),
        ("b.s3-website-us-east-1.amazonaws.com", S3Host("b", "us-east-1")),
        ("B.S3.cn-north-1.amazonaws.com.cn", S3Host("b", "cn-north-1")),
        ("s3.us-gov-west-1.amazonaws.com", S3Host(None, "us-gov-west-1")),
        ("s3-external-1.amazonaws.com", S3Host(None, None)),
        ("s3.amazonaws.com", S3Host(None, None)),
        ("123456789012.s3-control.us-east-1.amazonaws.com", None),
        ("s3-control.us-east-1.amazonaws.com", None),
        ("sts.amazonaws.com", None),
        ("b.s3.amazonaws.com.example.com", None),
        ("b.s3.localhost", S3Host("b", None)),
        ("b.localhost", S3Host("b", None)),
        ("my.b.localhost", S3Host("my.b", None)),
        ("b.127.0.0.1", S3Host("b", None)),
        ("127.0.0.1", None),
        ("sts.eu-west-1.127.0.0.1", None),
        ("s3.localhost", S3Host(None, None)),
        ("sts.eu-west-1.localhost", None),
        ("b.s3.localhost.localstack.cloud", S3Host("b", None)),
        ("b.s3.eu-west-1.localhost.localstack.cloud", S3Host("b", "eu-west-1")),
        ("s3.localhost.localstack.cloud", S3Host(None, None)),
        ("sts.localhost.localstack.cloud", None),
        ("localhost.localstack.cloud", None),
        ("localhost", None),
        ("127.0.0.1", None),
    ],
)  # fmt: skip
def test_host_names(host: str, expected: S3Host | None) -> None:
    assert s3_host(host) == expected


def test_names_that_are_none_are_not_remembered() -> None:
    assert website_bucket("b.s3-website.localhost") == "b"
    before = host_names._website_bucket.cache_info()
    for number in range(50):
        assert website_bucket(f"{number:05}" * 2000 + ".s3-website.localhost") is None
    assert host_names._website_bucket.cache_info() == before
