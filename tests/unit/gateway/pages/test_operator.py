"""The operator's door: for the root's own signature, and for nobody else whoever they are."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ..conftest import ACCOUNT, KEY, SECRET, SESSION_KEY, TOKEN, RunningDoor

ROOT = Credentials(KEY, SECRET)


def ask(
    running: RunningDoor,
    keys: Credentials | None = ROOT,
    body: bytes = b'{"a": 1}',
    service: str = "sagehen",
    sent: bytes | None = None,
    act: str = "tell",
    **headers: str,
) -> tuple[int, Any]:
    url = f"{running.url}/_sagehen/operator/{act}"
    request = AWSRequest("POST", url, data=body, headers=headers)
    if keys is not None:
        SigV4Auth(keys, service, "eu-west-1").add_auth(request)
    asked = urllib.request.Request(url, body if sent is None else sent, dict(request.headers), method="POST")
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_root_is_heard(running: RunningDoor) -> None:
    assert ask(running) == (200, {"told": {"a": 1}, "scope": [ACCOUNT, "eu-west-1"]})
    assert ask(running, body=b"")[1]["told"] == {}
    assert ask(running, body=b'{"wrong": 1}') == (404, {"code": "NoSuchKey", "message": "no such thing"})


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"keys": None}, 403),
        ({"keys": Credentials(SESSION_KEY, SECRET, TOKEN)}, 403),  # a role's session, whatever it may do
        ({"keys": Credentials("AKIAOFF", SECRET)}, 403),
        ({"keys": Credentials(KEY, "another")}, 403),
        ({"service": "sagemaker"}, 403),
        ({"sent": b'{"a": 2}'}, 403),
        ({"Origin": "http://localhost"}, 403),  # a page in the operator's own browser
        ({"X-Forwarded-For": "10.0.0.1"}, 403),
        ({"body": b"no json"}, 400),
        ({"body": b"[1]"}, 400),
        ({"body": b"[" * 300}, 400),
        ({"body": b" " * 20_000}, 413),
        ({"act": "other"}, 404),
    ],
)
def test_nobody_else_is(running: RunningDoor, how: dict[str, Any], status: int) -> None:
    assert ask(running, **how)[0] == status
