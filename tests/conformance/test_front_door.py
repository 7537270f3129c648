"""What every AWS client may expect of the front door, whatever the service."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from .conftest import ClientFactory


@pytest.fixture
def bucket(client: ClientFactory) -> str:
    name = f"door-{uuid.uuid4().hex[:12]}"
    client("s3").create_bucket(Bucket=name)
    return name


def fetch(url: str, method: str = "GET", data: bytes | None = None, **headers: str) -> tuple[int, bytes, Any]:
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_put_and_get(client: ClientFactory, bucket: str, version: str) -> None:
    s3 = client("s3", config=Config(signature_version=version))
    key = "a folder/ü+1 (x).bin"
    put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": key})
    status, text, _ = fetch(put, "PUT", b"content" * 1000, **{"Content-Type": ""})
    assert status == 200, text
    get = s3.generate_presigned_url(
        "get_object", {"Bucket": bucket, "Key": key, "ResponseContentType": "a/b"}
    )
    status, text, headers = fetch(get)
    assert (status, text, headers["Content-Type"]) == (200, b"content" * 1000, "a/b")
    assert fetch(get.replace("a%2Fb", "a%2Fc"))[0] == 403


def test_presigned_post(client: ClientFactory, bucket: str) -> None:
    s3 = client("s3")
    post = s3.generate_presigned_post(
        bucket, "in/${filename}", Conditions=[["content-length-range", 1, 100_000]], ExpiresIn=60
    )
    parts = [
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in post["fields"].items()
    ]
    parts.append('--B\r\nContent-Disposition: form-data; name="file"; filename="x.txt"\r\n\r\n')

    def send(content: bytes) -> tuple[int, bytes, Any]:
        body = "".join(parts).encode() + content + b"\r\n--B--\r\n"
        return fetch(post["url"], "POST", body, **{"Content-Type": "multipart/form-data; boundary=B"})

    status, text, _ = send(b"z" * 90_000)
    assert status == 204, text
    assert s3.get_object(Bucket=bucket, Key="in/x.txt")["Body"].read() == b"z" * 90_000
    assert b"EntityTooLarge" in send(b"y" * 100_001)[1]
    assert s3.head_object(Bucket=bucket, Key="in/x.txt")["ContentLength"] == 90_000


def test_trailing_checksum_is_verified(client: ClientFactory, bucket: str) -> None:
    s3 = client("s3")
    answer = s3.put_object(Bucket=bucket, Key="k", Body=b"123456789", ChecksumAlgorithm="SHA256")
    assert answer["ChecksumSHA256"]
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="k", Body=b"123456789", ChecksumCRC32="AAAAAA==")
    assert caught.value.response["Error"]["Code"] == "BadDigest"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"123456789"


def test_cors(client: ClientFactory, bucket: str, endpoint_url: str) -> None:
    client("s3").put_bucket_cors(
        Bucket=bucket,
        CORSConfiguration={
            "CORSRules": [
                {"AllowedOrigins": ["http://a.example"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 9}
            ]
        },
    )
    asks = {"Origin": "http://a.example", "Access-Control-Request-Method": "GET"}
    status, _, headers = fetch(f"{endpoint_url}/{bucket}/k", "OPTIONS", **asks)
    assert (status, headers["Access-Control-Allow-Origin"], headers["Access-Control-Max-Age"]) == (
        200,
        "http://a.example",
        "9",
    )
    assert fetch(f"{endpoint_url}/{bucket}/k", "OPTIONS", **asks | {"Origin": "http://b.example"})[0] == 403


def test_unknown_bucket_and_key_errors_carry_ids(client: ClientFactory, bucket: str) -> None:
    with pytest.raises(ClientError) as caught:
        client("s3").get_object(Bucket=bucket, Key="missing")
    response = caught.value.response
    assert response["Error"]["Code"] == "NoSuchKey"
    assert response["ResponseMetadata"]["RequestId"]


def test_undeclared_operation(client: ClientFactory) -> None:
    for service, call in [
        ("sagemaker", "list_domains"),
        ("iam", "list_organizations_features"),
        ("dynamodb", "list_tables"),
    ]:
        with pytest.raises(ClientError) as caught:
            getattr(client(service), call)()
        response = caught.value.response
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 501
        assert response["Error"]["Code"] == "NotImplemented"
        assert "Sagehen does not implement" in response["Error"]["Message"]


def test_compressed_metrics(client: ClientFactory) -> None:
    """botocore compresses PutMetricData from 10 kB on."""
    cloudwatch = client("cloudwatch", region="eu-north-1")
    compressed: list[str] = []

    def note(request: Any, **_: Any) -> None:
        compressed.append(request.headers.get("Content-Encoding", ""))

    cloudwatch.meta.events.register("before-send.cloudwatch.PutMetricData", note)
    data = [{"MetricName": f"metric-{n:03}-{'x' * 100}", "Value": float(n)} for n in range(200)]
    cloudwatch.put_metric_data(Namespace="Compressed", MetricData=data)
    assert compressed in (["gzip"], [b"gzip"])
    found = cloudwatch.get_paginator("list_metrics").paginate(Namespace="Compressed").build_full_result()
    assert len(found["Metrics"]) == 200
