"""A browser's form: whose it is, what it stores, under which key, and what it is answered with."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.s3.addressing import Target
from sagehen.gateway.s3.forms.answer import form_answer
from sagehen.gateway.s3.forms.fields import claim_of, key_of, object_path, put_headers
from sagehen.protocol.http import HttpResponse
from tests.unit.gateway.making import incoming

_SIGNED = {
    "policy": "e30=",
    "x-amz-signature": "00",
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": "AKIA/with/20261128/eu-west-1/s3/aws4_request",
    "x-amz-date": "20261128T000000Z",
}


def _without(name: str, **more: str) -> dict[str, str]:
    return {field: value for field, value in _SIGNED.items() if field != name} | more


def test_the_claim_of_a_form() -> None:
    claim = claim_of(_SIGNED)
    assert claim is not None
    assert (claim.kind, claim.access_key_id, claim.problem) == ("form", "AKIA/with", "")
    assert (claim.date, claim.region, claim.service) == ("20261128", "eu-west-1", "s3")
    older = claim_of({"policy": "e30=", "awsaccesskeyid": "AKIA", "signature": "x="})
    assert older is not None
    assert (older.kind, older.access_key_id, older.signature) == ("query-v2", "AKIA", "x=")
    assert claim_of({"key": "k"}) is None


@pytest.mark.parametrize(
    ("fields", "argument"),
    [
        (_without("x-amz-signature"), "X-Amz-Signature"),
        (_without("x-amz-algorithm"), "X-Amz-Algorithm"),
        (_without("x-amz-credential"), "X-Amz-Credential"),
        (_without("x-amz-date"), "X-Amz-Date"),
        (_SIGNED | {"x-amz-date": ""}, "X-Amz-Date"),
        ({"policy": "e30=", "awsaccesskeyid": "AKIA"}, "Signature"),
        ({"policy": "e30=", "signature": "x="}, "AWSAccessKeyId"),
        (_SIGNED | {"x-amz-credential": "AKIA/20261128/eu-west-1/sqs/aws4_request"}, "X-Amz-Credential"),
        (_SIGNED | {"x-amz-algorithm": "AWS4-HMAC-SHA1"}, "X-Amz-Credential"),
    ],
)
def test_forms_that_lack_something(fields: dict[str, str], argument: str) -> None:
    claim = claim_of(fields)
    assert claim is not None
    assert claim.problem and claim.argument == argument


def test_a_policy_without_any_signature_is_denied() -> None:
    with pytest.raises(Refusal, match="Access Denied"):
        claim_of({"policy": "e30="})


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"key": "k", "file": "x", "unknown": "x"}, {}),
        ({"content-type": "text/plain"}, {"content-type": "text/plain"}),
        ({"acl": "private"}, {"x-amz-acl": "private"}),
        ({"x-amz-meta-a": "b", **_SIGNED}, {"x-amz-meta-a": "b"}),
        ({"x-amz-security-token": "t"}, {}),
        (
            {"tagging": "<Tagging><TagSet><Tag><Key>a b</Key><Value>&amp;</Value></Tag></TagSet></Tagging>"},
            {"x-amz-tagging": "a+b=%26"},
        ),
        ({"tagging": "<Other/>"}, {}),
    ],
)
def test_headers_of_the_object(fields: dict[str, str], headers: dict[str, str]) -> None:
    assert put_headers(fields) == headers


@pytest.mark.parametrize(
    ("key", "file_name", "stored"),
    [
        ("a/b", None, "a/b"),
        ("user/${filename}", "me.png", "user/me.png"),
        ("${filename}", None, "${filename}"),
        ("${filename}/${filename}", "x", "x/x"),
    ],
)
def test_keys(key: str, file_name: str | None, stored: str) -> None:
    assert key_of({"key": key}, file_name) == stored


def test_a_form_without_a_key_is_refused_and_paths_are_encoded() -> None:
    with pytest.raises(Refusal, match="'key'"):
        key_of({"key": "${filename}"}, "")
    assert object_path("b", "a b/ü~?") == "/b/a%20b/%C3%BC~%3F"


@pytest.mark.parametrize(
    ("fields", "status", "location"),
    [
        ({}, 204, "http://127.0.0.1:4566/b/k%20y"),
        ({"success_action_status": "200"}, 200, "http://127.0.0.1:4566/b/k%20y"),
        ({"success_action_status": "201"}, 201, "http://127.0.0.1:4566/b/k%20y"),
        ({"success_action_status": "404"}, 204, "http://127.0.0.1:4566/b/k%20y"),
        (
            {"success_action_redirect": "https://a.example/done?x=1", "success_action_status": "201"},
            303,
            "https://a.example/done?x=1&bucket=b&key=k+y&etag=%22e%22",
        ),
        ({"redirect": "http://a.example/"}, 303, "http://a.example/?bucket=b&key=k+y&etag=%22e%22"),
        ({"redirect": "javascript:alert(1)"}, 204, "http://127.0.0.1:4566/b/k%20y"),
        ({"redirect": "http://a.example/\nx: y"}, 204, "http://127.0.0.1:4566/b/k%20y"),
    ],
)
def test_answers(fields: dict[str, Any], status: int, location: str) -> None:
    stored = HttpResponse(200, {"ETag": '"e"', "Content-Length": "0", "x-amz-version-id": "v"})
    answer = form_answer(incoming("POST", "/b"), fields, Target("/b"), "k y", stored)
    assert (answer.status, answer.headers["Location"]) == (status, location)
    assert answer.headers["x-amz-version-id"] == "v" and "Content-Length" not in answer.headers
    assert (b"<Key>k y</Key>" in bytes(answer.body)) is (status == 201)  # type: ignore[arg-type]
