"""What a presigned URL carries, and what is said of one that is wrong."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
import urllib3
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

HTTP = urllib3.PoolManager(retries=False, timeout=60)


@pytest.fixture(params=["s3", "s3v4"])
def signer(request: Any, client: Any) -> Any:
    return client("s3", config=Config(signature_version=request.param))


def said(answer: Any) -> tuple[int, str, str]:
    text = answer.data.decode()
    found = [re.search(f"<{name}>(.*?)</{name}>", text, re.DOTALL) for name in ("Code", "Message")]
    return (answer.status, *(match[1] if match else "" for match in found))  # type: ignore[return-value]


def test_metadata_of_version_2_is_in_the_url(s3: Any, client: Any, bucket: str) -> None:
    old = client("s3", config=Config(signature_version="s3"))
    params = {"Bucket": bucket, "Key": "k", "Metadata": {"foo": "bar"}, "StorageClass": "STANDARD_IA"}
    url = old.generate_presigned_url("put_object", Params=params)
    assert "x-amz-meta-foo=bar" in url
    assert HTTP.request("PUT", url, body=b"content").status == 200
    head = s3.head_object(Bucket=bucket, Key="k")
    assert head["Metadata"] == {"foo": "bar"} and head["StorageClass"] == "STANDARD_IA"
    wrong = HTTP.request("PUT", url, body=b"content", headers={"x-amz-meta-wrong": "wrong"})
    assert said(wrong)[:2] == (403, "SignatureDoesNotMatch")
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"foo": "bar"}


def test_metadata_beyond_ascii(s3: Any, client: Any, bucket: str) -> None:
    old = client("s3", config=Config(signature_version="s3"))
    url = old.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "k", "Metadata": {"f": "X"}}
    )
    # boto3 refuses such metadata; the value is signed by hand in its place.
    value = "a%\u2014_\u00e9"
    import base64
    import hmac

    query = dict(parse_qsl(urlsplit(url).query))
    text = f"PUT\n\n\n{query['Expires']}\nx-amz-meta-f:{value}\n/{bucket}/k"
    secret = old._request_signer._credentials.secret_key
    query["x-amz-meta-f"] = value
    query["Signature"] = base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha1")).decode()
    assert HTTP.request("PUT", url.partition("?")[0] + "?" + urlencode(query)).status == 200
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"f": "=?UTF-8?Q?a%=E2=80=94=5F=C3=A9?="}


def test_signed_headers_may_stand_in_the_query(s3: Any, endpoint_url: str, bucket: str) -> None:
    """As the SDK for JavaScript presigns: hoisted, and yet among the SignedHeaders."""
    frozen = s3._request_signer._credentials
    keys = Credentials(frozen.access_key, frozen.secret_key)
    request = AWSRequest("PUT", f"{endpoint_url}/{bucket}/k", headers={"x-amz-storage-class": "STANDARD_IA"})
    signing = S3SigV4QueryAuth(keys, "s3", "us-east-1", expires=60)
    original = signing._modify_request_before_signing

    def hoist(of: Any) -> None:
        of.url += "?x-amz-storage-class=STANDARD_IA&x-amz-meta-a=b"
        original(of)

    signing._modify_request_before_signing = hoist  # type: ignore[method-assign]
    signing.add_auth(request)
    assert "x-amz-storage-class" in dict(parse_qsl(urlsplit(request.url).query))["X-Amz-SignedHeaders"]
    answer = HTTP.request("PUT", request.url, body=b"x")
    assert answer.status == 200, answer.data
    head = s3.head_object(Bucket=bucket, Key="k")
    assert head["StorageClass"] == "STANDARD_IA" and head["Metadata"] == {"a": "b"}


def test_checksums_in_the_query_have_no_effect(s3: Any, endpoint_url: str, bucket: str) -> None:
    """The SDK for JavaScript presigns every upload with the checksum of an empty body."""
    frozen = s3._request_signer._credentials
    signing = S3SigV4QueryAuth(
        Credentials(frozen.access_key, frozen.secret_key), "s3", "us-east-1", expires=60
    )
    named = "x-amz-sdk-checksum-algorithm=CRC32"
    for query in (f"x-amz-checksum-crc32=AAAAAA%3D%3D&{named}", named, "x-amz-checksum-sha256=none"):
        request = AWSRequest("PUT", f"{endpoint_url}/{bucket}/k?{query}")
        signing.add_auth(request)
        answer = HTTP.request("PUT", request.url, body=b"a real body")
        assert answer.status == 200, (query, answer.data)
        assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"a real body"
        assert HTTP.request("PUT", request.url.replace("checksum", "check"), body=b"x").status == 403
    url = s3.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "k", "ChecksumAlgorithm": "SHA256"}
    )
    assert HTTP.request("PUT", url, body=b"a real body").status == 200


def test_a_parameter_is_missing(s3: Any, signer: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k")
    url = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    path, _, query = url.partition("?")
    kept = [pair for pair in parse_qsl(query) if pair[0] not in ("Expires", "X-Amz-Date")]
    answer = said(HTTP.request("GET", f"{path}?{urlencode(kept, quote_via=quote)}"))
    if "Signature=" in query and "X-Amz" not in query:
        text = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
        assert answer == (403, "AccessDenied", text)
    else:
        assert answer[:2] == (400, "AuthorizationQueryParametersError")


def test_a_url_that_has_expired_whatever_else(signer: Any, client: Any, bucket: str) -> None:
    url = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=1)
    past = datetime.now(UTC) - timedelta(hours=1)
    url = re.sub(r"Expires=\d{6,}", f"Expires={int(past.timestamp())}", url)
    date = re.search(r"X-Amz-Date=(\d{8})", url)
    if date:
        url = re.sub(r"X-Amz-Date=\d{8}T\d{6}Z", f"X-Amz-Date={past:%Y%m%dT%H%M%SZ}", url)
        url = url.replace(f"%2F{date[1]}%2F", f"%2F{past:%Y%m%d}%2F")
    # Neither is the signature right now, nor is there such a key: the date goes before.
    url = url.replace("AKIA", "AKIB")
    answer = HTTP.request("GET", url)
    assert said(answer) == (403, "AccessDenied", "Request has expired")
    assert b"<Expires>" in answer.data and b"<ServerTime>" in answer.data
    assert (b"<X-Amz-Expires>1</X-Amz-Expires>" in answer.data) is bool(date)


def test_a_session_s_url(client: Any, bucket: str) -> None:
    session = client("sts").get_session_token()["Credentials"]
    for version in ("s3", "s3v4"):
        s3 = client("s3", credentials=session, config=Config(signature_version=version))
        url = s3.generate_presigned_url("list_objects_v2", Params={"Bucket": bucket})
        assert HTTP.request("GET", url).status == 200, version
