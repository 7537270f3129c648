"""What a policy lets a form say."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.s3.forms.policy import PostPolicy, read_policy

_NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def _policy(*conditions: Any, expiration: str = "2026-11-28T12:00:00Z") -> PostPolicy:
    document = {"expiration": expiration, "conditions": conditions}
    return read_policy(base64.b64encode(json.dumps(document).encode()).decode())


@pytest.mark.parametrize(
    ("conditions", "fields", "denied"),
    [
        ([{"bucket": "b"}, {"key": "k"}], {"key": "k"}, None),
        ([{"bucket": "other"}, {"key": "k"}], {"key": "k"}, '["eq", "$bucket", "other"]'),
        ([["eq", "$key", "k"]], {"key": "kk"}, '["eq", "$key", "k"]'),
        ([["starts-with", "$key", "user/"]], {"key": "user/a"}, None),
        ([["starts-with", "$key", "user/"]], {"key": "other/a"}, '["starts-with", "$key", "user/"]'),
        ([["starts-with", "$Content-Type", ""]], {"content-type": "x/y"}, None),
        ([["starts-with", "$content-type", ""]], {}, None),
        ([{"key": "k"}], {}, '["eq", "$key", "k"]'),
        ([], {"key": "k", "acl": "x"}, "Extra input fields: acl, key"),
        ([], {"x-ignore-me": "x", "policy": "x", "x-amz-signature": "x", "file": "x"}, None),
    ],
)
def test_fields(conditions: list[Any], fields: dict[str, str], denied: str | None) -> None:
    policy = _policy(*conditions)
    if denied is None:
        policy.check_fields(fields, "b", _NOW)
        return
    with pytest.raises(Refusal) as refused:
        policy.check_fields(fields, "b", _NOW)
    assert (refused.value.code, refused.value.status) == ("AccessDenied", 403)
    assert refused.value.message.endswith(denied)


def test_a_policy_holds_until_its_end_and_times_without_a_zone_are_utc() -> None:
    policy = _policy(expiration="2026-11-28T12:00:00")
    policy.check_fields({}, "b", _NOW)
    with pytest.raises(Refusal, match=r"Policy expired\."):
        policy.check_fields({}, "b", _NOW + timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("size", "code"), [(9, "EntityTooSmall"), (10, None), (20, None), (21, "EntityTooLarge")]
)
def test_sizes(size: int, code: str | None) -> None:
    policy = _policy(["content-length-range", 10, "20"])
    if code is None:
        policy.check_size(size)
        _policy().check_size(size)  # no range, no check
        return
    with pytest.raises(Refusal) as refused:
        policy.check_size(size)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "document",
    [
        b"no JSON",
        b"[]",
        b"{}",
        b'{"expiration": "soon", "conditions": []}',
        b'{"expiration": "2026-11-28T12:00:00Z"}',
        b'{"expiration": "2026-11-28T12:00:00Z", "conditions": [["like", "$key", "x"]]}',
        b'{"expiration": "2026-11-28T12:00:00Z", "conditions": [["eq", "$key"]]}',
        b'{"expiration": "2026-11-28T12:00:00Z", "conditions": [["content-length-range", "a", 1]]}',
        b'{"expiration": "2026-11-28T12:00:00Z", "conditions": [7]}',
    ],
)
def test_documents_that_are_no_policy(document: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_policy(base64.b64encode(document).decode())
    assert (refused.value.code, refused.value.status) == ("InvalidPolicyDocument", 400)


@pytest.mark.parametrize("encoded", ["", "!", "e30", "ü"])
def test_texts_that_are_no_document(encoded: str) -> None:
    with pytest.raises(Refusal, match="Invalid Policy"):
        read_policy(encoded)
