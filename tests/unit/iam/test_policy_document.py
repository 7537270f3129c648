"""The grammar, and AWS's words for what breaks it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagehen.domain.policies import PolicyKind
from sagehen.services.iam.aws_managed_policies import AWS_MANAGED
from sagehen.services.iam.errors import MalformedPolicyDocument
from sagehen.services.iam.policy_document import parse_policy, statement_spans

GOOD: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
PREFACED = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."


def document(*statements: Any, version: str | None = "2012-10-17", **more: Any) -> str:
    parts: dict[str, Any] = {"Statement": list(statements), **more}
    return json.dumps(parts if version is None else {"Version": version, **parts})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("This is not a json document", "Syntax errors in policy."),
        ("[]", "Syntax errors in policy."),
        ("{}", "Syntax errors in policy."),
        ('{"Statement": [], "Statement": []}', "Syntax errors in policy."),
        (document(GOOD, version=None), "Policy document must be version 2012-10-17 or greater."),
        (document(GOOD, version="2008-10-17"), "Policy document must be version 2012-10-17 or greater."),
        (document(GOOD, version="2013-10-17"), "Syntax errors in policy."),
        (document(GOOD, Extra=1), "Syntax errors in policy."),
        (document({**GOOD, "Extra": 1}), "Syntax errors in policy."),
        (document({**GOOD, "Effect": "allow"}), "Syntax errors in policy."),
        (document({**GOOD, "NotAction": "s3:*"}), "Syntax errors in policy."),
        (document({"Effect": "Allow", "Resource": "*"}), "Policy statement must contain actions."),
        (document({**GOOD, "Action": []}), "Policy statement must contain actions."),
        (document({"Effect": "Allow", "Action": "s3:*"}), "Policy statement must contain resources."),
        (document({**GOOD, "Action": "GetObject"}), PREFACED),
        (document({**GOOD, "Action": "s3:a:b"}), "Actions/Condition can contain only one colon."),
        (document({**GOOD, "Action": "s 3:Get"}), "Vendor s 3 is not valid"),
        (document({**GOOD, "Resource": "bucket"}), 'Resource bucket must be in ARN format or "*".'),
        (
            document({**GOOD, "Resource": "arn:mars:s3:::b"}),
            'Partition "mars" is not valid for resource "arn:mars:s3:::b".',
        ),
        (
            document({**GOOD, "Resource": "arn:aws:s*:::b"}),
            "Resource vendor must be fully qualified and cannot contain regexes.",
        ),
        (document({**GOOD, "Principal": "*"}), "Policy document should not specify a principal."),
        (
            document({**GOOD, "Sid": "a"}, {**GOOD, "Sid": "a"}),
            "Statement IDs (SID) in a single policy must be unique.",
        ),
        (
            document({**GOOD, "Condition": {"StringEqual": {"aws:a": "b"}}}),
            "Invalid Condition type : StringEqual.",
        ),
        (document({**GOOD, "Condition": {"StringEquals": {"aws:a": {}}}}), "Syntax errors in policy."),
    ],
)
def test_broken_documents(text: str, message: str) -> None:
    with pytest.raises(MalformedPolicyDocument) as caught:
        parse_policy(text, managed=True)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ({"Effect": "Allow", "Action": "sts:AssumeRole"}, "Missing required field Principal"),
        (
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*", "Resource": "*"},
            "Has prohibited field Resource",
        ),
        (
            {"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*"},
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
    ],
)
def test_broken_trust_policies(statement: Any, message: str) -> None:
    with pytest.raises(MalformedPolicyDocument) as caught:
        parse_policy(document(statement), PolicyKind.TRUST)
    assert caught.value.message == message


def test_trust_that_is_no_json() -> None:
    with pytest.raises(MalformedPolicyDocument, match="This policy contains invalid Json"):
        parse_policy("{", PolicyKind.TRUST)


def test_one_statement_needs_no_list() -> None:
    parsed = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": GOOD}))
    assert parsed.statements[0].actions == ("s3:GetObject",)


def test_spans_hold_the_statements() -> None:
    statements = [GOOD, {**GOOD, "Sid": "two", "Condition": {"Bool": {"aws:a": True}}}]
    for text in (document(*statements), json.dumps({"Statement": statements}, indent=3)):
        assert [json.loads(text[start:end]) for start, end in statement_spans(text)] == statements
    assert len(statement_spans(json.dumps({"Statement": GOOD}))) == 1


def test_aws_managed_policies_are_documents_within_awss_quota() -> None:
    assert len({policy.policy_id for policy in AWS_MANAGED.values()}) == len(AWS_MANAGED)
    for arn, managed in AWS_MANAGED.items():
        assert managed.arn == arn
        assert parse_policy(managed.document, managed=True).statements
