"""Which requests are for users' APIs, and policies that belong to nobody."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.domain.access import Access
from sagehen.gateway.execute_api.address import ApiCall, recognize
from sagehen.gateway.requests.incoming import Incoming
from sagehen.services.iam.authorization.authorizer import PolicyAuthorizer


def incoming(host: str, path: str) -> Incoming:
    body: Any = None
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Incoming("id", "GET", path, "", {"host": host}, body, "127.0.0.1", False, False, now)


@pytest.mark.parametrize(
    ("host", "path", "call"),
    [
        ("a1.execute-api.us-east-1.amazonaws.com", "/prod/x/y", ApiCall("a1", "prod", "/x/y")),
        ("A1.Execute-Api.localhost:4566", "/prod", ApiCall("a1", "prod", "/")),
        ("a1.execute-api.localhost:4566", "/prod", ApiCall("a1", "prod", "/")),
        ("a1.execute-api.localhost:4566", "/prod/", ApiCall("a1", "prod", "/")),
        ("a1.execute-api.localhost", "/", ApiCall("a1", "", "/")),
        ("127.0.0.1:4566", "/restapis/a1/prod/_user_request_/x%2Fy/", ApiCall("a1", "prod", "/x%2Fy/")),
        ("127.0.0.1:4566", "/restapis/a1/prod/_user_request_", ApiCall("a1", "prod", "/")),
        ("127.0.0.1:4566", "/_aws/execute-api/a1/prod/x", ApiCall("a1", "prod", "/x")),
        ("127.0.0.1:4566", "/_aws/execute-api/a1/prod", ApiCall("a1", "prod", "/")),
        ("127.0.0.1:4566", "/restapis/a1/stages/prod", None),
        ("127.0.0.1:4566", "/restapis/a1", None),
        ("127.0.0.1:4566", "/bucket/_user_request_/x", None),
        ("a1.execute-api.example.com", "/prod", None),
        ("bucket.s3.us-east-1.amazonaws.com", "/key", None),
    ],
)
def test_recognition(host: str, path: str, call: ApiCall | None) -> None:
    assert recognize(incoming(host, path)) == call


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


ARN = "arn:aws:execute-api:us-east-1:123456789012:abc/prod/GET/pets"
ALLOW = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:abc/*"}
DENY = {"Effect": "Deny", "Action": "*", "Resource": ARN}
AT_HOME = {"Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}}


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        (document(ALLOW), True),
        (document(ALLOW, DENY), False),
        (document({**ALLOW, "Resource": "arn:aws:execute-api:*:*:other/*"}), None),
        (document({**ALLOW, **AT_HOME}), True),
        (document({**ALLOW, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}), None),
    ],
)
def test_documents_of_nobody(text: str, allowed: bool | None) -> None:
    access = Access("execute-api:Invoke", ARN)
    assert PolicyAuthorizer.evaluate_document(text, access, {"aws:SourceIp": "127.0.0.1"}) is allowed


@pytest.mark.parametrize("text", ["", "{}", document(), document({"Effect": "Maybe"}), "[1]"])
def test_documents_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        PolicyAuthorizer.evaluate_document(text, Access("execute-api:Invoke", ARN), {})


def test_a_document_has_a_bound() -> None:
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": ["a:b"] * 7_000, "Resource": "*"}],
        }
    )
    with pytest.raises(ValueError, match="longer than 32768 characters"):
        PolicyAuthorizer.evaluate_document(text, Access("execute-api:Invoke", ARN), {})
