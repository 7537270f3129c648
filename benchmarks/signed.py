"""Signed requests as bytes: boto3 makes and signs them, none of them is sent by it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

REGION = "us-east-1"


def client(service: str, url: str, keys: tuple[str, str] = ("test", "test")) -> Any:
    """Return a boto3 client of the server at `url`, without retries."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )


class _Captured(Exception):
    """Carries the prepared request out of botocore, before it is sent."""

    def __init__(self, request: AWSPreparedRequest) -> None:
        super().__init__("captured")
        self.request = request


def record(aws: Any, operation: str, /, **parameters: Any) -> bytes:
    """Return the HTTP request that `aws.operation(**parameters)` would send, signed now.

    The signature holds for fifteen minutes. `Expect: 100-continue` is left out (it is not signed): the
    client of the timed loop does not wait for it.
    """

    def capture(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        raise _Captured(request)

    aws.meta.events.register("before-send", capture, unique_id="record")
    try:
        getattr(aws, operation)(**parameters)
    except _Captured as captured:
        return _bytes(captured.request)
    finally:
        aws.meta.events.unregister("before-send", capture, unique_id="record")
    raise AssertionError("botocore sent the request")


def _bytes(request: AWSPreparedRequest) -> bytes:
    parts = urlsplit(request.url)
    body = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str):
        body = body.encode()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{request.method} {path} HTTP/1.1".encode()]
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    headers.pop("expect", None)
    headers.setdefault("host", parts.netloc)
    if request.method in ("POST", "PUT") and "transfer-encoding" not in headers:
        headers["content-length"] = str(len(body))
    lines += [f"{name}: {value}".encode() for name, value in headers.items()]
    return b"\r\n".join(lines) + b"\r\n\r\n" + bytes(body)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
