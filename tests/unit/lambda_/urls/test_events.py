"""The event that a request becomes."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from sagehen.api.signature import Signature
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.services.lambda_.urls.event import event_of

from .making import CONFIG, ID, request


def test_a_plain_request_has_what_aws_sends_and_nothing_else() -> None:
    assert event_of(CONFIG, request(("host", "x"), ("user-agent", "curl")), "Root=1") == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {
            "host": "x",
            "user-agent": "curl",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-proto": "http",
            "x-forwarded-port": "4566",
            "x-amzn-trace-id": "Root=1",
        },
        "requestContext": {
            "accountId": "anonymous",
            "apiId": ID,
            "domainName": f"{ID}.lambda-url.eu-west-1.localhost",
            "domainPrefix": ID,
            "http": {
                "method": "GET",
                "path": "/",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "curl",
            },
            "requestId": "request-1",
            "routeKey": "$default",
            "stage": "$default",
            "time": "29/Nov/2026:01:02:03 +0000",
            "timeEpoch": 1795914123456,
        },
        "isBase64Encoded": False,
    }


def test_parameters_cookies_and_headers_of_one_name() -> None:
    asked = request(
        ("cookie", "a=1; b=2"),
        ("cookie", "c=3"),
        ("x-thing", "1"),
        ("x-thing", "2"),
        ("connection", "close"),
        ("x-forwarded-for", "8.8.8.8"),
        query="q=1&q=2&empty=&plus=a+b&%C3%A9=%C3%A9",
        domain="",
        secure=True,
    )
    event = event_of(CONFIG, asked, "Root=1")
    assert event["queryStringParameters"] == {"q": "1,2", "empty": "", "plus": "a b", "é": "é"}
    assert event["cookies"] == ["a=1", "b=2", "c=3"]
    assert event["headers"]["x-thing"] == "1,2"
    assert "connection" not in event["headers"]
    assert event["headers"]["x-forwarded-for"] == "8.8.8.8, 127.0.0.1"
    assert event["headers"]["x-forwarded-proto"] == "https"
    assert event["requestContext"]["domainName"] == f"{ID}.lambda-url.eu-west-1.on.aws"


@pytest.mark.parametrize(
    ("content_type", "body", "is_text"),
    [
        ("application/json", b'{"a": 1}', True),
        ("application/json; charset=utf-8", "é".encode(), True),
        ("TEXT/html", b"<p>", True),
        ("application/vnd.api+json", b"{}", True),
        ("image/svg+xml", b"<svg/>", True),
        ("text/plain", b"\xff", False),
        ("application/x-www-form-urlencoded", b"a=1", False),
        ("multipart/form-data; boundary=x", b"--x--", False),
        ("application/octet-stream", b"a", False),
        ("", b"a", False),
    ],
)
def test_which_bodies_come_in_base64(content_type: str, body: bytes, is_text: bool) -> None:
    event = event_of(CONFIG, request(("content-type", content_type), body=body), "Root=1")
    assert event["isBase64Encoded"] is not is_text
    assert (event["body"].encode() if is_text else base64.b64decode(event["body"])) == body


def test_who_signed_is_told_and_the_signature_is_not() -> None:
    ann = Principal(
        PrincipalKind.USER,
        "arn:aws:iam::111122223333:user/ann",
        "111122223333",
        user_id="AIDAANN",
        access_key_id="AKIAANN",
    )
    asked = request(("authorization", "AWS4-HMAC-SHA256 …"), signature=Signature(ann))
    context = event_of(replace(CONFIG, auth_type="AWS_IAM"), asked, "Root=1")["requestContext"]
    assert context["accountId"] == "123456789012"
    assert context["authorizer"]["iam"] == {
        "accessKey": "AKIAANN",
        "accountId": "111122223333",
        "callerId": "AIDAANN",
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": "arn:aws:iam::111122223333:user/ann",
        "userId": "AIDAANN",
    }
    assert "authorization" not in event_of(replace(CONFIG, auth_type="AWS_IAM"), asked, "x")["headers"]
    public = event_of(CONFIG, asked, "x")  # a bearer token of somebody's own
    assert "authorization" in public["headers"] and "authorizer" not in public["requestContext"]
