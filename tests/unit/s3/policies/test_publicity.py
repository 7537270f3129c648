"""Which policies are public, and what RestrictPublicBuckets leaves of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagehen.services.s3.policies.publicity import is_public, restricted

ALLOW = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::birds/*",
}
ACCOUNT = "arn:aws:iam::222222222222:root"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.mark.parametrize(
    ("changes", "public"),
    [
        ({}, True),
        ({"Effect": "Deny"}, False),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": [ACCOUNT, "*"]}}, True),
        ({"Principal": {"AWS": ACCOUNT}}, False),
        ({"Principal": {"Service": "logging.s3.amazonaws.com"}}, False),
        ({"Principal": None, "NotPrincipal": {"AWS": ACCOUNT}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, False),
        ({"Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/0"]}}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "::/0"}}}, True),
        ({"Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, True),
        ({"Condition": {"StringEquals": {"aws:PrincipalAccount": "222222222222"}}}, False),
        ({"Condition": {"StringEqualsIfExists": {"aws:PrincipalAccount": "222222222222"}}}, True),
        ({"Condition": {"StringLike": {"aws:PrincipalAccount": "*"}}}, True),
        ({"Condition": {"StringEquals": {"aws:userid": "${aws:userid}"}}}, True),  # stands for everybody
        ({"Condition": {"StringEquals": {"aws:Referer": "https://example.com"}}}, True),  # anybody sends that
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
    ],
)
def test_statements(changes: dict[str, Any], public: bool) -> None:
    statement = {name: value for name, value in (ALLOW | changes).items() if value is not None}
    assert is_public(policy(statement)) == public


def test_one_public_statement_is_enough() -> None:
    assert is_public(policy({**ALLOW, "Principal": {"AWS": ACCOUNT}}, ALLOW))
    assert is_public(json.dumps({"Statement": ALLOW}))  # one that is no list


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"Statement": [1]}', '{"Statement": null}'])
def test_what_cannot_be_read_grants_nothing(text: str) -> None:
    assert not is_public(text)


def test_the_restricted_one_is_closed_to_other_accounts() -> None:
    kept, closed = json.loads(restricted(policy(ALLOW), "111111111111", "arn:aws:s3:::birds"))["Statement"]
    assert kept == ALLOW and closed["Effect"] == "Deny"
    assert closed["Resource"] == ["arn:aws:s3:::birds", "arn:aws:s3:::birds/*"]
    assert closed["Condition"]["StringNotEquals"] == {"aws:PrincipalAccount": "111111111111"}
