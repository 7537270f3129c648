"""Where a request points: buckets in host names and in paths."""

from __future__ import annotations

import pytest

from sagehen.gateway.s3.addressing import target_of
from sagehen.gateway.signatures.claim import Claim
from tests.unit.gateway.making import incoming

_S3, _STS = Claim("header", service="s3"), Claim("header", service="sts")


@pytest.mark.parametrize(
    ("host", "path", "claim", "bucket", "key"),
    [
        ("127.0.0.1:4566", "/", None, "", ""),
        ("127.0.0.1:4566", "/b", None, "b", ""),
        ("127.0.0.1:4566", "/b/k/l", _S3, "b", "k/l"),
        ("127.0.0.1:4566", "/b/a%2Fb%20c", _S3, "b", "a/b c"),
        ("b.localhost:4566", "/", None, "b", ""),
        ("b.localhost:4566", "/k", _S3, "b", "k"),
        ("b.s3.localhost:4566", "/b/k", _S3, "b", "b/k"),
        ("B.s3.us-west-2.amazonaws.com", "/k", None, "b", "k"),
        ("b.c.s3.amazonaws.com", "/k", None, "b.c", "k"),
        ("s3.amazonaws.com", "/b/k", None, "b", "k"),
        ("b.s3.amazonaws.com", "/k", _STS, "k", ""),  # signed for another service: no bucket of S3's
        ("123456789012.s3-control.us-east-1.amazonaws.com", "/v20180820/jobs", _S3, "v20180820", "jobs"),
    ],
)
def test_targets(host: str, path: str, claim: Claim | None, bucket: str, key: str) -> None:
    target = target_of(incoming("GET", path, host=host), claim)
    assert (target.bucket, target.key) == (bucket, key)
    assert target.virtual_host == (target.path != path)


@pytest.mark.parametrize(
    ("path", "headers", "bucket"),
    [
        ("/v20180820/jobs", {"x-amz-account-id": "123456789012"}, "v20180820"),  # S3 Control: no bucket
        ("/v20180820/jobs", {}, "123456789012"),
        ("/other/jobs", {"x-amz-account-id": "123456789012"}, "123456789012"),
    ],
)
def test_an_account_before_the_host_is_no_bucket(path: str, headers: dict[str, str], bucket: str) -> None:
    asked = incoming("GET", path, host="123456789012.localhost:4566", headers=headers)
    assert target_of(asked, _S3).bucket == bucket
