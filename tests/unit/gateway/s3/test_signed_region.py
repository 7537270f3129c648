"""For which region a request to S3 must be signed."""

from __future__ import annotations

import pytest

from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.s3.signed_region import check_region, check_service
from sagehen.gateway.signatures.claim import Claim


def signed(region: str, kind: str = "header", service: str = "s3") -> Claim:
    return Claim(kind, access_key_id="A", signature="s", date="20260101", region=region, service=service)


@pytest.mark.parametrize(
    ("region", "operation", "home"),
    [
        ("eu-west-1", "GetObject", "eu-west-1"),
        ("eu-west-1", "GetObject", None),  # no such bucket: another error says so
        ("us-east-1", "CreateBucket", "eu-west-1"),
        ("us-east-1", "GetBucketLocation", "eu-west-1"),
        ("", "GetObject", "eu-west-1"),  # the older signature names none
    ],
)
def test_accepted(region: str, operation: str, home: str | None) -> None:
    assert check_region(signed(region), operation, "127.0.0.1", "b", home) is None


@pytest.mark.parametrize(
    ("kind", "host", "code", "status"),
    [
        ("header", "127.0.0.1", "AuthorizationHeaderMalformed", 400),
        ("header", "b.s3.amazonaws.com", "AuthorizationHeaderMalformed", 400),
        ("header", "s3.eu-west-1.amazonaws.com", "AuthorizationHeaderMalformed", 400),
        ("header", "s3.us-west-2.amazonaws.com", "PermanentRedirect", 301),
        ("query", "127.0.0.1", "AuthorizationQueryParametersError", 400),
    ],
)
def test_refused(kind: str, host: str, code: str, status: int) -> None:
    with pytest.raises(Refusal) as refused:
        check_region(signed("us-west-2", kind), "GetBucketLocation", host, "b", "eu-west-1")
    error = refused.value
    assert (error.code, error.status, error.headers) == (code, status, {"x-amz-bucket-region": "eu-west-1"})
    if status == 301:
        assert error.members == {"Endpoint": "b.s3.eu-west-1.amazonaws.com", "Bucket": "b"}
    else:
        assert error.members == {"Region": "eu-west-1"}
        assert error.message.endswith("; the region 'us-west-2' is wrong; expecting 'eu-west-1'")


def test_another_service() -> None:
    check_service(signed("us-east-1"))
    with pytest.raises(Refusal, match='malformed; incorrect service "ec2"'):
        check_service(signed("us-east-1", service="ec2"))
