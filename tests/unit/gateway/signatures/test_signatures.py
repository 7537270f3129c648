"""What botocore signs is accepted; what was changed after signing is not."""

from __future__ import annotations

import http.client
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from ..conftest import ACCOUNT, KEY, SECRET, SESSION_KEY, TOKEN, RunningDoor

CREDENTIALS = Credentials(KEY, SECRET)


def send(running: RunningDoor, method: str, url: str, headers: Any, body: bytes = b"") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection.request(method, target, body=body, headers=dict(headers))
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, text


def code_of(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_query_protocol(running: RunningDoor) -> None:
    answer = running.client("sts").get_caller_identity()
    assert answer["Account"] == ACCOUNT
    assert answer["ResponseMetadata"]["RequestId"]


def test_json_protocol_takes_region_from_signature(running: RunningDoor) -> None:
    answer = running.client("logs", region="eu-west-3").describe_log_groups()
    assert answer["logGroups"][0]["logGroupName"] == "eu-west-3"


@pytest.mark.parametrize(
    "key", ["plain", "with space/and+plus", "ü/ß", "a//b/../c", "tilde~(paren)'!*", "%25"]
)
def test_s3_keys_of_all_kinds(running: RunningDoor, key: str) -> None:
    s3 = running.client("s3")
    s3.put_object(Bucket="b", Key=key, Body=b"content", Metadata={"a": "two  spaces"})
    assert s3.get_object(Bucket="b", Key=key)["Body"].read() == b"content"
    assert ("b", key) in running.objects.stored


def test_session_token(running: RunningDoor) -> None:
    answer = running.client("sts", key=SESSION_KEY, token=TOKEN).get_caller_identity()
    assert answer["Arn"].endswith("assumed-role/r/s")


@pytest.mark.parametrize(
    ("service", "code", "status"),
    [("sts", "InvalidClientTokenId", 403), ("logs", "UnrecognizedClientException", 400)],
)
@pytest.mark.parametrize(
    ("key", "token"),
    [("AKIANOBODY", None), ("AKIAOFF", None), (SESSION_KEY, None), (SESSION_KEY, "other"), (KEY, TOKEN)],
)
def test_unknown_credentials(
    running: RunningDoor, service: str, code: str, status: int, key: str, token: str | None
) -> None:
    client = running.client(service, key=key, token=token)
    with pytest.raises(ClientError) as caught:
        client.get_caller_identity() if service == "sts" else client.describe_log_groups()
    assert code_of(caught) == (code, status)


def test_unknown_credentials_s3(running: RunningDoor) -> None:
    for key, token, expected in [
        ("AKIANOBODY", None, ("InvalidAccessKeyId", 403)),
        (SESSION_KEY, "other", ("InvalidToken", 400)),
        ("ASIAEXPIRED", TOKEN, ("ExpiredToken", 400)),
    ]:
        with pytest.raises(ClientError) as caught:
            running.client("s3", key=key, token=token).get_object(Bucket="b", Key="k")
        assert code_of(caught) == expected


def test_wrong_secret(running: RunningDoor) -> None:
    for service, call, expected in [
        ("sts", "get_caller_identity", ("SignatureDoesNotMatch", 403)),
        ("logs", "describe_log_groups", ("InvalidSignatureException", 400)),
    ]:
        with pytest.raises(ClientError) as caught:
            getattr(running.client(service, secret="x"), call)()
        assert code_of(caught) == expected
    with pytest.raises(ClientError) as caught:
        running.client("s3", secret="x").put_object(Bucket="b", Key="k", Body=b"c")
    assert code_of(caught) == ("SignatureDoesNotMatch", 403)
    assert caught.value.response["Error"]["StringToSign"].startswith("AWS4-HMAC-SHA256")
    assert not running.objects.stored


@pytest.mark.parametrize("shift", [timedelta(minutes=16), timedelta(minutes=-16)])
def test_clock_skew(running: RunningDoor, shift: timedelta) -> None:
    running.wall_clock.shift = shift
    with pytest.raises(
        ClientError, match=r"Signature (expired|not yet current): .* (now earlier|still later)"
    ):
        running.client("sts").get_caller_identity()
    with pytest.raises(ClientError) as caught:
        running.client("s3").get_object(Bucket="b", Key="k")
    assert code_of(caught) == ("RequestTimeTooSkewed", 403)
    running.wall_clock.shift = shift * 14 / 16
    running.client("sts").get_caller_identity()


def signed_put(body: bytes = b"content") -> AWSRequest:
    request = AWSRequest(
        "PUT",
        "http://example.com/b/key?x-id=PutObject",
        headers={"x-amz-meta-a": "1", "content-type": "text/plain", "host": "example.com"},
        data=body,
    )
    S3SigV4Auth(CREDENTIALS, "s3", "us-east-1").add_auth(request)
    return request


def test_signed_put_as_it_is(running: RunningDoor) -> None:
    request = signed_put()
    assert send(running, "PUT", request.url, request.headers, b"content")[0] == 200


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"method": "POST"}, 403),
        ({"path": "/b/other?x-id=PutObject"}, 403),
        ({"path": "/b/key?x-id=PutObject&tagging"}, 403),
        ({"x-amz-meta-a": "2"}, 403),
        ({"content-type": "text/html"}, 403),
        ({"host": "example.org"}, 403),
        ({"x-amz-date": "20260101T000000Z"}, 403),
        ({"x-amz-meta-more": "1"}, 403),
        ({"x-amz-content-sha256": "0" * 64}, 403),
        ({"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}, 403),
        ({"body": b"cOntent"}, 400),
    ],
)
def test_signed_put_changed(running: RunningDoor, change: dict[str, Any], expected: int) -> None:
    request = signed_put()
    method = change.pop("method", "PUT")
    path = change.pop("path", request.url.removeprefix("http://example.com"))
    body = change.pop("body", b"content")
    headers = {name.lower(): value for name, value in request.headers.items()} | change
    status, text = send(running, method, path, headers, body)
    assert status == expected, text
    assert not running.objects.stored


def test_signed_json_body_changed(running: RunningDoor) -> None:
    request = AWSRequest(
        "POST",
        "http://example.com/",
        headers={
            "x-amz-target": "Logs_20140328.DescribeLogGroups",
            "content-type": "application/x-amz-json-1.1",
            "host": "example.com",
        },
        data=b'{"limit": 1}',
    )
    SigV4Auth(CREDENTIALS, "logs", "us-east-1").add_auth(request)
    assert send(running, "POST", "/", request.headers, b'{"limit": 1}')[0] == 200
    status, text = send(running, "POST", "/", request.headers, b'{"limit": 2}')
    assert status == 400
    assert "InvalidSignatureException" in text
    request.headers.replace_header("x-amz-target", "Logs_20140328.DeleteLogGroup")
    status, text = send(running, "POST", "/", request.headers, b'{"limit": 1}')
    assert "InvalidSignatureException" in text


def test_signature_for_another_service(running: RunningDoor) -> None:
    request = AWSRequest(
        "POST", "http://h/", headers={"host": "h", "x-amz-target": "Logs_20140328.DescribeLogGroups"}
    )
    SigV4Auth(CREDENTIALS, "sts", "us-east-1").add_auth(request)
    status, text = send(running, "POST", "/", request.headers)
    assert status == 400
    assert "Credential should be scoped to correct service" in text


def test_date_header_instead_of_x_amz_date(running: RunningDoor) -> None:
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    headers = {"host": "h", "date": "now", "content-type": "application/x-www-form-urlencoded"}
    request = AWSRequest("POST", "http://h/", headers=headers, data=body)
    SigV4Auth(CREDENTIALS, "sts", "us-east-1").add_auth(request)
    assert "X-Amz-Date" not in request.headers
    status, text = send(running, "POST", "/", request.headers, body)
    assert status == 200, text
    request.headers.replace_header("date", "Thu, 01 Jan 2026 00:00:00 GMT")
    assert send(running, "POST", "/", request.headers, body)[0] == 403


def test_presigned_query(running: RunningDoor) -> None:
    running.objects.stored["b", "k k"] = b"hello"
    request = AWSRequest(
        "GET", "http://h/b/k%20k", params={"response-content-type": "a/b"}, headers={"host": "h"}
    )
    S3SigV4QueryAuth(CREDENTIALS, "s3", "us-east-1", expires=60).add_auth(request)
    assert send(running, "GET", request.url, {"host": "h"}) == (200, "hello")
    assert running.objects.contexts[-1].scope.region == "us-east-1"
    for changed in (
        request.url.replace("k%20k", "other"),
        request.url.replace("Expires=60", "Expires=61"),
        request.url.replace("a%2Fb", "a%2Fc"),
        request.url[:-1] + ("0" if request.url[-1] != "0" else "1"),
    ):
        assert send(running, "GET", changed, {"host": "h"})[0] == 403
    assert send(running, "PUT", request.url, {"host": "h"}, b"")[0] == 403
    running.wall_clock.shift = timedelta(seconds=62)
    status, text = send(running, "GET", request.url, {"host": "h"})
    assert status == 403
    assert "Request has expired" in text


def test_presigned_for_more_than_a_week(running: RunningDoor) -> None:
    request = AWSRequest("GET", "http://h/b/k", headers={"host": "h"})
    S3SigV4QueryAuth(CREDENTIALS, "s3", "us-east-1", expires=604801).add_auth(request)
    status, text = send(running, "GET", request.url, {"host": "h"})
    assert status == 400
    assert "AuthorizationQueryParametersError" in text


def test_presigned_caller_identity(running: RunningDoor) -> None:
    url = "http://h/?Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("GET", url, headers={"host": "h"})
    SigV4QueryAuth(CREDENTIALS, "sts", "us-east-1", expires=60).add_auth(request)
    status, text = send(running, "GET", request.url, {"host": "h"})
    assert status == 200, text
    assert ACCOUNT in text


@pytest.mark.parametrize("token", [None, TOKEN])
def test_older_signed_query(running: RunningDoor, token: str | None) -> None:
    running.objects.stored["b", "k"] = b"hello"
    client = running.client("s3", key=SESSION_KEY if token else KEY, token=token)
    url = client.generate_presigned_url(
        "get_object", {"Bucket": "b", "Key": "k", "ResponseContentType": "a/b"}, ExpiresIn=60
    )
    assert "AWSAccessKeyId" in url
    assert send(running, "GET", url, {}) == (200, "hello")
    assert send(running, "HEAD", url, {})[0] == 403
    for changed in (
        url.replace("/b/k", "/b/j"),
        url.replace("a%2Fb", "a%2Fc"),
        url.replace("Expires=1", "Expires=2"),
    ):
        assert send(running, "GET", changed, {})[0] == 403, changed
    running.wall_clock.shift = timedelta(seconds=70)
    assert "Request has expired" in send(running, "GET", url, {})[1]


def test_older_signed_put_with_content_type(running: RunningDoor) -> None:
    client = running.client("s3")
    url = client.generate_presigned_url("put_object", {"Bucket": "b", "Key": "k", "ContentType": "text/x"})
    assert send(running, "PUT", url, {"content-type": "text/x"}, b"up")[0] == 200
    assert running.objects.stored["b", "k"] == b"up"
    assert send(running, "PUT", url, {"content-type": "text/y"}, b"up")[0] == 403
    request = AWSRequest("GET", "http://h/b/k", headers={})
    request.auth_path = "/b/k"
    HmacV1QueryAuth(CREDENTIALS, expires=-10).add_auth(request)
    assert "Request has expired" in send(running, "GET", request.url, {})[1]


def test_unsigned(running: RunningDoor) -> None:
    running.objects.stored["public-bucket", "k"] = b"hello"
    assert send(running, "GET", "/public-bucket/k", {}) == (200, "hello")
    assert running.objects.contexts[-1].scope.account_id == ACCOUNT
    status, text = send(running, "GET", "/private/k", {})
    assert (status, "AccessDenied" in text) == (403, True)
    status, text = send(running, "POST", "/", {"x-amz-target": "Logs_20140328.DescribeLogGroups"}, b"{}")
    assert (status, "MissingAuthenticationToken" in text) == (400, True)
    form = {"content-type": "application/x-www-form-urlencoded"}
    status, text = send(running, "POST", "/", form, b"Action=GetCallerIdentity&Version=2011-06-15")
    assert (status, "MissingAuthenticationToken" in text) == (403, True)


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer x", "AWS a:b", "AWS4-HMAC-SHA256",
     "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0",
     f"AWS4-HMAC-SHA256 Credential={KEY}/20260101/us-east-1/s3/aws4_request, "
     "SignedHeaders=host, Signature=\xff"],
)  # fmt: skip
def test_malformed_authorization(running: RunningDoor, authorization: str) -> None:
    headers = {"authorization": authorization.encode("latin-1"), "x-amz-date": "20260101T000000Z"}
    assert send(running, "GET", "/b/k", headers)[0] in (400, 403)


# --- what a caller may choose the cost of ----------------------------------------------------


def test_a_header_that_is_signed_twice(running: RunningDoor) -> None:
    """8,000 times one of 15 kB was 120 MB to hash, and an answer of 480."""
    request = AWSRequest("GET", f"{running.url}/b/k", headers={"x-amz-meta-a": "x" * 10_000})
    S3SigV4Auth(CREDENTIALS, "s3", "us-east-1").add_auth(request)
    signed = request.headers["Authorization"]
    twice = signed.replace("x-amz-meta-a,", "x-amz-meta-a;x-amz-meta-a,")
    assert twice != signed
    status, text = send(running, "GET", "/b/k", {**request.headers, "Authorization": twice})
    assert (status, "<Code>AuthorizationHeaderMalformed</Code>" in text) == (400, True)
    assert len(text) < 1_000


@pytest.mark.parametrize(("count", "status"), [(1_000, 404), (1_001, 400)])
def test_parameters_of_a_query(running: RunningDoor, count: int, status: int) -> None:
    query = "&".join(f"a{number}=b" for number in range(count))
    request = AWSRequest("GET", f"{running.url}/b/k?{query}")
    S3SigV4Auth(CREDENTIALS, "s3", "us-east-1").add_auth(request)
    assert send(running, "GET", request.url, request.headers)[0] == status


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("X-Amz-Signature", "%E2%98%83", 403),
        ("X-Amz-Security-Token", "%E2%98%83", 400),
        ("X-Amz-Credential", f"{KEY}/20260101/%E2%98%83/s3/aws4_request", 400),
        ("X-Amz-Expires", "--5", 400),
        ("X-Amz-Expires", "9" * 5_000, 400),
        ("X-Amz-Date", "%E2%98%83", 400),
    ],
)
def test_a_presigned_url_that_nobody_made(running: RunningDoor, name: str, value: str, status: int) -> None:
    request = AWSRequest("GET", f"{running.url}/b/k")
    S3SigV4QueryAuth(CREDENTIALS, "s3", "us-east-1", expires=60).add_auth(request)
    parts = urlsplit(request.url)
    pairs = [pair for pair in parts.query.split("&") if not pair.startswith(f"{name}=")]
    answered, text = send(running, "GET", f"/b/k?{'&'.join([*pairs, f'{name}={value}'])}", {})
    assert answered == status, text


@pytest.mark.parametrize("expires", ["9" * 5_000, "%E2%98%83", "-1"])
def test_an_old_presigned_url_that_nobody_made(running: RunningDoor, expires: str) -> None:
    query = f"AWSAccessKeyId={KEY}&Signature=%E2%98%83&Expires={expires}"
    assert send(running, "GET", f"/b/k?{query}", {})[0] == 403


def test_a_date_beyond_the_calendar(running: RunningDoor) -> None:
    request = AWSRequest("GET", f"{running.url}/b/k")
    S3SigV4Auth(CREDENTIALS, "s3", "us-east-1").add_auth(request)
    headers = {**request.headers, "X-Amz-Date": "Fri, 31 Dec 9999 23:59:59 -2300"}
    assert send(running, "GET", "/b/k", headers)[0] == 400
