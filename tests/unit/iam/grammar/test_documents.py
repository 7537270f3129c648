"""The grammar, and AWS's words for what breaks it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagehen.domain.policies import PolicyKind
from sagehen.services.iam.errors import MalformedPolicyDocument
from sagehen.services.iam.evaluation.compiled import readable_policy
from sagehen.services.iam.grammar.documents import parse_policy, statement_spans
from sagehen.services.iam.policies.aws_managed import AWS_MANAGED

GOOD: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
LEGACY = "The policy failed legacy parsing"
UNIQUE = "Statement IDs (SID) in a single policy must be unique."
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
        (document({**GOOD, "Effect": "allow"}), LEGACY),
        (document({**GOOD, "Effect": "permit"}), "Syntax errors in policy."),
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
            UNIQUE,
        ),
        (document({**GOOD, "Condition": {"StringEqual": {"aws:a": "b"}}}), "Syntax errors in policy."),
        (document({**GOOD, "Condition": {"StringEquals": {"aws:a": {}}}}), "Syntax errors in policy."),
    ],
)
def test_broken_documents(text: str, message: str) -> None:
    with pytest.raises(MalformedPolicyDocument) as caught:
        parse_policy(text, managed=True)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ("birds:", 'Partition "" is not valid for resource "arn::*:*:*:*".'),
        ("a:mars", 'Partition "mars" is not valid for resource "arn:mars:*:*:*:*".'),
        ("aws:s3:::b", 'Partition "s3" is not valid for resource "arn:s3:::b:*".'),
        ("a:b:c:d:e:f:g:h", 'Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".'),
        ("a:aws:s3:::b", 'Resource a:aws:s3:::b must be in ARN format or "*".'),
        ("arn:aws", "Resource vendor must be fully qualified and cannot contain regexes."),
        ("arn:aws:s3::b", LEGACY),
        ("arn:aws::b", LEGACY),
        ("arn:aws::::b", LEGACY),
        (
            ["arn:mars:s3:::b", "arn:aws:s3::b"],
            'Partition "mars" is not valid for resource "arn:mars:s3:::b".',
        ),
        (
            "arn:aws:iam:us-east-1::user/b",
            "IAM resource arn:aws:iam:us-east-1::user/b cannot contain region information.",
        ),
        (
            "arn:aws:s3:us-east-1::b",
            "Resource arn:aws:s3:us-east-1::b can not contain region information.",
        ),
        (
            "arn:aws:iam:::b",
            'IAM resource path must either be "*", root, or start with user/, federated-user/, role/, group/,'
            " instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/,"
            " oidc-provider/, report/, access-report/.",
        ),
    ],
)
def test_resources_that_are_none(resource: Any, message: str) -> None:
    for element in ("Resource", "NotResource"):
        statement = {"Effect": "Allow", "Action": "s3:GetObject", element: resource}
        with pytest.raises(MalformedPolicyDocument) as caught:
            parse_policy(document(statement))
        assert caught.value.message == message


@pytest.mark.parametrize(
    "resource",
    [
        *("arn:aws:s3:b", "arn:aws:*", "arn:aws:unheard", "arn:aws:unheard:us-east-1::b", "arn:*:s3:::b"),
        "arn:aws:s3:us-west-2:123456789012:accesspoint/a/object/*",
        *(
            "arn:aws:s3:*:*:b",
            "arn:aws:iam::*:user/${aws:username}",
            "arn:aws:iam:::root",
            "arn:aws:iam::1:*",
        ),
        *("arn:aws:s3:::b/${cognito-identity.amazonaws.com:sub}/*", "${aws:PrincipalTag/arn}"),
    ],
)
def test_resources(resource: str) -> None:
    assert parse_policy(document({**GOOD, "Resource": resource})).statements[0].resources == (resource,)


@pytest.mark.parametrize(
    ("date", "taken"),
    [
        *((date, True) for date in ("2019-07-01T13:20:15Z", "2016-12-13T21:20:37.593194+00:00")),
        *((date, True) for date in ("2016-12-13t2:00:00.593194+23", "01T", "-292275054", "2019", "${aws:a}")),
        *((date, False) for date in ("soon", "234-13", "2016-12-13t2:00:00.593194+1", "9223372036854775808")),
        *((date, False) for date in ("2016-12-13t2:00:00.1999999999+10:59", "", "1" * 5000)),
    ],
)
def test_dates(date: str, taken: bool) -> None:
    text = document({**GOOD, "Condition": {"DateGreaterThanIfExists": {"aws:a": [date]}}})
    if taken:
        assert parse_policy(text)
        return
    with pytest.raises(MalformedPolicyDocument, match=LEGACY):
        parse_policy(text)


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        # Each is wrong twice; what is named is what IAM looks at first.
        ([{**GOOD, "Action": "s:3:Get", "Resource": "b"}], 'Resource b must be in ARN format or "*".'),
        ([{"Effect": "Allow", "Action": "Get"}], "Policy statement must contain resources."),
        ([{**GOOD, "Sid": "a"}, {"Sid": "a", "Effect": "Allow"}], UNIQUE),
        ([{**GOOD, "Sid": "a", "Effect": "aLLow"}, {**GOOD, "Sid": "a"}], LEGACY),
        ([{"Effect": "Allow", "Condition": {"DateEquals": {"aws:a": "soon"}}}], LEGACY),
        ([{"Effect": "Allow", "Condition": {"DateEquals": {"aws:a": {}}}}], "Syntax errors in policy."),
        ([{"Effect": "Allow", "Resource": "arn:aws:s3::b"}], LEGACY),
        ([{"Effect": "Deny"}, GOOD], "Policy statement must contain actions."),
    ],
)
def test_the_order_of_faults(statements: list[Any], message: str) -> None:
    with pytest.raises(MalformedPolicyDocument) as caught:
        parse_policy(document(*statements), managed=True)
    assert caught.value.message == message
    with pytest.raises(MalformedPolicyDocument, match=r"must be version 2012-10-17 or greater|Syntax errors"):
        parse_policy(document(*statements, version=None), managed=True)


def test_conditions_of_nothing() -> None:
    """Operators that nobody knows are refused only where they compare something."""
    conditions = {"Unheard": {}, "DateEquals": {"a": []}, "StringEquals": {"a": "b"}}
    (statement,) = parse_policy(document({**GOOD, "Condition": conditions})).statements
    assert statement.conditions == (("DateEquals", "a", ()), ("StringEquals", "a", ("b",)))
    for broken in ({"Unheard": {"a": "b"}}, {"Unheard": "b"}, {"Unheard": []}, {"Bool": []}):
        with pytest.raises(MalformedPolicyDocument, match="Syntax errors in policy"):
            parse_policy(document({**GOOD, "Condition": broken}))


def test_what_was_stored_before_a_rule_came_is_read() -> None:
    text = document({**GOOD, "Resource": "arn:aws:s3::b"})
    assert parse_policy(text, new=False).statements[0].resources == ("arn:aws:s3::b",)
    (statement,) = readable_policy(text).statements
    assert not statement.deny


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
