"""What may leave for the real AWS: only what reads, and says nothing of anybody."""

from __future__ import annotations

import pytest

from sagehen.gateway.s3.public.leaving import may_leave, passed_headers
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
