"""What a bucket's policy must be, in S3's words, and what it may be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagehen.services.s3.errors.buckets import MalformedPolicy
from sagehen.services.s3.policies.grammar import stored_policy
from sagehen.services.s3.policies.publicity import is_public
from sagehen.store.database import Database
from tests.unit.policy_documents import policy_documents

BUCKET = "arn:aws:s3:::birds"
STATEMENT: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": f"{BUCKET}/*",
}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in STATEMENT.items() if key != name}


def text(*statements: Any, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more})


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("no json", "Policies must be valid JSON and the first byte must be '{'"),
        ("[]", "Policies must be valid JSON and the first byte must be '{'"),
        ("[" * 20_000, "Policies must be valid JSON and the first byte must be '{'"),
        ('{"Statement": [], "Statement": []}', "Policies must be valid JSON and the first byte must be '{'"),
        ("{}", "Missing required field Statement"),
        (text(), "Could not parse the policy: Statement is empty!"),
        (text("Deny"), "Invalid policy syntax."),
        (text(STATEMENT, Version="2013-01-01"), "The policy must contain a valid version string"),
        (text(STATEMENT, Extra=1), "Unknown field Extra"),
        (text({**STATEMENT, "Extra": 1}), "Unknown field Extra"),
        (text(without("Effect")), "Missing required field Effect"),
        (text({**STATEMENT, "Effect": "Maybe"}), "Invalid effect: Maybe"),
        (text(without("Principal")), "Missing required field Principal"),
        (text(without("Action")), "Missing required field Action"),
        (text(without("Resource")), "Missing required field Resource"),
        (text({**STATEMENT, "Action": []}), "Missing required field Action"),
        (text({**STATEMENT, "Resource": []}), "Missing required field Resource"),
        (text({**STATEMENT, "NotAction": "s3:PutObject"}), "Invalid policy syntax."),
        (text({**STATEMENT, "Action": ["s3:GetObject", 1]}), "Invalid policy syntax."),
        (text({**STATEMENT, "Action": "GetObject"}), "Policy has invalid action"),
        (text({**STATEMENT, "Action": "iam:PassRole"}), "Policy has invalid action"),
        (text({**STATEMENT, "Action": ["s3:GetObject", "s3:a:b"]}), "Policy has invalid action"),
        (text({**STATEMENT, "Resource": "arn:aws:s3:::fish/*"}), "Policy has invalid resource"),
        (text({**STATEMENT, "Resource": "birds/*"}), "Policy has invalid resource"),
        (text({**STATEMENT, "Principal": "me"}), "Invalid principal in policy"),
        (text({**STATEMENT, "Principal": {"AWS": []}}), "Invalid principal in policy"),
        (text({**STATEMENT, "Principal": {"AWS": "bob"}}), "Invalid principal in policy"),
        (
            text({**STATEMENT, "Principal": {"AWS": "arn:aws:iam::111122223333:role/*"}}),
            "Invalid principal in policy",
        ),
        (text({**STATEMENT, "Principal": {"CanonicalUser": "f" * 64}}), "Invalid principal in policy"),
        (text({**STATEMENT, "Principal": {"AWS": "AIDAABCDEFGHIJKLMNOP"}}), "Invalid principal in policy"),
        (
            text({**STATEMENT, "Condition": {"StringEqualz": {"aws:a": "b"}}}),
            "Invalid Condition type : StringEqualz",
        ),
        (text({**STATEMENT, "Condition": []}), "Invalid policy syntax."),
        (text({**STATEMENT, "Condition": {"StringEquals": "b"}}), "Invalid policy syntax."),
        (text({**STATEMENT, "Condition": {"StringEquals": {"aws:a": {}}}}), "Invalid policy syntax."),
        (
            text({**STATEMENT, "Condition": {"StringEquals": {"a": "b"}}}),
            "Policy has an invalid condition key",
        ),
        (text({**STATEMENT, "Sid": 1}), "Invalid policy syntax."),
        (text(STATEMENT, Id="x" * 20_480), "Policy exceeds the maximum allowed size: 20480 bytes"),
    ],
)
def test_refused(database: Database, policy: str, message: str) -> None:
    with pytest.raises(MalformedPolicy) as caught:
        stored_policy(policy, BUCKET, policy_documents(database))
    assert caught.value.message == message


@pytest.mark.parametrize(
    "document",
    [
        "AIDA",
        '{"Statement": "AIDA"}',
        '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": {"AROA": 1}}}]}',
        '{"Statement": {"Effect": "Allow", "Principal": "*", "Condition": []}}',
        '{"Statement": {"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": "AIDA"}}}',
    ],
)
def test_what_was_stored_before_it_was_checked_can_be_looked_at(database: Database, document: str) -> None:
    assert policy_documents(database).shown(document) == document
    is_public(document)


@pytest.mark.parametrize(
    "policy",
    [
        text(STATEMENT),
        text({**STATEMENT, "Sid": "a b"}, {**STATEMENT, "Sid": "a b"}, Id="twice"),
        text({**STATEMENT, "Resource": ["*", "arn:aws:s3:::bir*/x", BUCKET]}),
        text({**STATEMENT, "Principal": {"Service": "logs.us-east-1.amazonaws.com", "AWS": "111122223333"}}),
        text(
            {
                **STATEMENT,
                "Principal": {
                    "AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2ABCDEFGHIJKL"
                },
            }
        ),
        json.dumps({"Statement": {**without("Action"), "NotAction": "s3:*"}}, indent=1),
    ],
)
def test_taken_as_it_is_written(database: Database, policy: str) -> None:
    assert stored_policy(policy, BUCKET, policy_documents(database)) == policy
