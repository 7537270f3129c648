"""The evaluator against AWS's documented rules: one row, one rule."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.identity import ANONYMOUS, Principal, PrincipalKind, service_principal
from sagehen.domain.policies import PolicyKind
from sagehen.services.iam.evaluation.compiled import CompiledPolicy, compile_policy
from sagehen.services.iam.evaluation.conditions import RequestKeys
from sagehen.services.iam.evaluation.denial import denial_text
from sagehen.services.iam.evaluation.evaluator import Decision, Policies, PolicySource, evaluate
from sagehen.services.iam.grammar import patterns

ACCOUNT = "123456789012"
OTHER = "999999999999"
BOB = Principal(PrincipalKind.USER, f"arn:aws:iam::{ACCOUNT}:user/bob", ACCOUNT, "AIDABOB", "bob")
ROOT = Principal(PrincipalKind.ROOT, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, ACCOUNT)
SESSION = Principal(
    PrincipalKind.ASSUMED_ROLE,
    f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/one",
    ACCOUNT,
    "AROAWORKER:one",
    "worker",
    role_arn=f"arn:aws:iam::{ACCOUNT}:role/path/worker",
    session_name="one",
)
OBJECT = "arn:aws:s3:::bucket/home/bob/file.txt"


def statement(effect: str = "Allow", action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> Any:
    parts = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return {key: value for key, value in parts.items() if value is not None}


def policy(*statements: Any, kind: PolicyKind = PolicyKind.IDENTITY) -> CompiledPolicy:
    return compile_policy(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}), kind)


def bucket_policy(principal: Any, effect: str = "Allow", **more: Any) -> CompiledPolicy:
    return policy(statement(effect, Principal=principal, **more), kind=PolicyKind.RESOURCE)


def decide(
    caller: Principal = BOB,
    *identity: CompiledPolicy,
    action: str = "s3:GetObject",
    on: str = OBJECT,
    keys: dict[str, ConditionValue] | None = None,
    **policies: Any,
) -> Decision:
    return evaluate(
        caller, Access(action, on), RequestKeys(keys or {}), Policies(identity=identity, **policies)
    )


@pytest.mark.parametrize(
    ("element", "value", "action", "resource", "expected"),
    [
        ("Action", "s3:GetObject", "s3:GetObject", OBJECT, True),
        ("Action", "S3:getobject", "s3:GetObject", OBJECT, True),
        ("Action", "s3:Get*", "s3:GetObjectTagging", OBJECT, True),
        ("Action", "s3:Get?bject", "s3:GetObject", OBJECT, True),
        ("Action", "s3:*", "s3:PutObject", OBJECT, True),
        ("Action", "*", "ec2:RunInstances", "*", True),
        ("Action", "s3:Get", "s3:GetObject", OBJECT, False),
        ("Action", ["s3:PutObject", "s3:ListBucket"], "s3:GetObject", OBJECT, False),
        ("NotAction", "iam:*", "s3:GetObject", OBJECT, True),
        ("NotAction", "iam:*", "iam:GetUser", "*", False),
        ("Resource", OBJECT, "s3:GetObject", OBJECT, True),
        ("Resource", OBJECT.replace("file", "FILE"), "s3:GetObject", OBJECT, False),
        ("Resource", "arn:aws:s3:::bucket/*", "s3:GetObject", OBJECT, True),
        ("Resource", "arn:aws:s3:::bucket*", "s3:GetObject", OBJECT, True),
        ("Resource", "arn:aws:s3:::bucket", "s3:GetObject", OBJECT, False),
        ("Resource", "arn:aws:s3:::bucket/home/???/file.txt", "s3:GetObject", OBJECT, True),
        ("Resource", "arn:aws:s3:::*.txt", "s3:GetObject", OBJECT, True),
        ("Resource", "arn:aws:s3:::bucket/a.b", "s3:GetObject", "arn:aws:s3:::bucket/axb", False),
        ("NotResource", "arn:aws:s3:::secret/*", "s3:GetObject", OBJECT, True),
        ("NotResource", "arn:aws:s3:::bucket/*", "s3:GetObject", OBJECT, False),
        (
            "Resource",
            "arn:aws:sagemaker:us-*-1:*:endpoint/one",
            "s3:GetObject",
            f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:endpoint/one",
            True,
        ),
        (
            "Resource",
            f"arn:aws:sagemaker:us-*-1:{ACCOUNT}:endpoint/one",
            "s3:GetObject",
            f"arn:aws:sagemaker:us-x:y-1:{ACCOUNT}:endpoint/one",
            False,
        ),
        ("Resource", "arn:aws:sqs:*", "s3:GetObject", f"arn:aws:sqs:us-east-1:{ACCOUNT}:queue", True),
        ("Resource", "arn:aws:sns", "s3:GetObject", f"arn:aws:sqs:us-east-1:{ACCOUNT}:queue", False),
    ],
)
def test_elements(element: str, value: Any, action: str, resource: str, expected: bool) -> None:
    parts: dict[str, Any] = {"Effect": "Allow", element: value}
    if "Action" not in element:
        parts["Action"] = "s3:GetObject"
    if "Resource" not in element:
        parts["Resource"] = "*"
    assert decide(BOB, policy(parts), action=action, on=resource).allowed is expected


@pytest.mark.parametrize(
    ("operator", "key", "wanted", "given", "expected"),
    [
        ("StringEquals", "aws:username", "bob", "bob", True),
        ("StringEquals", "AWS:UserName", "bob", "bob", True),
        ("StringEquals", "aws:username", "b*", "bob", False),
        ("StringEquals", "aws:username", "bob", None, False),
        ("StringEquals", "aws:username", ["ann", "bob"], "bob", True),
        ("StringEqualsIfExists", "aws:username", "bob", None, True),
        ("StringEqualsIfExists", "aws:username", "bob", "ann", False),
        ("StringNotEquals", "aws:username", "bob", "ann", True),
        ("StringNotEquals", "aws:username", ["ann", "bob"], "ann", False),
        ("StringNotEquals", "aws:username", "bob", None, True),
        ("StringEqualsIgnoreCase", "aws:username", "BOB", "bob", True),
        ("StringNotEqualsIgnoreCase", "aws:username", "BOB", "bob", False),
        ("StringLike", "s3:prefix", "home/*", "home/bob/", True),
        ("StringLike", "s3:prefix", "home/?", "home/bob/", False),
        ("StringNotLike", "s3:prefix", "home/*", "tmp/", True),
        ("StringLike", "s3:prefix", "a${*}", "a*", True),
        ("StringLike", "s3:prefix", "a${*}", "ab", False),
        ("NumericLessThanEquals", "s3:max-keys", "10", "10", True),
        ("NumericLessThan", "s3:max-keys", "10", "10", False),
        ("NumericGreaterThan", "s3:max-keys", 9, "10", True),
        ("NumericNotEquals", "s3:max-keys", "10", "9.5", True),
        ("NumericEquals", "s3:max-keys", "10", "ten", False),
        ("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", True),
        ("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", False),
        ("DateLessThan", "aws:EpochTime", "2026-01-01T00:00:00Z", "1767225599", True),
        ("DateEquals", "aws:CurrentTime", "1767225600", "2026-01-01T00:00:00Z", True),
        ("Bool", "aws:SecureTransport", "false", "false", True),
        ("Bool", "aws:SecureTransport", True, "false", False),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", "true", None, True),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", "203.0.113.9", True),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", "203.0.114.9", False),
        ("IpAddress", "aws:SourceIp", "2001:db8::/32", "2001:db8::7", True),
        ("IpAddress", "aws:SourceIp", "2001:db8::/32", "203.0.113.9", False),
        ("NotIpAddress", "aws:SourceIp", ["10.0.0.0/8", "127.0.0.1"], "192.0.2.1", True),
        ("NotIpAddress", "aws:SourceIp", ["10.0.0.0/8", "127.0.0.1"], "127.0.0.1", False),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:*:*:buck*", "arn:aws:s3:::bucket", True),
        ("ArnEquals", "aws:SourceArn", "arn:aws:s3:*", "arn:aws:s3:::bucket", False),
        ("ArnNotLike", "aws:SourceArn", "arn:aws:sns:*:*:*", "arn:aws:s3:::bucket", True),
        ("BinaryEquals", "x:key", "QmluYXJ5", "QmluYXJ5", True),
        ("BinaryEquals", "x:key", "QmluYXJ5", "nonsense", False),
        ("Null", "aws:TokenIssueTime", "true", None, True),
        ("Null", "aws:TokenIssueTime", "false", None, False),
        ("Null", "aws:TokenIssueTime", "false", "2026-01-01T00:00:00Z", True),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"], ("a",), True),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"], ("a", "c"), False),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"], None, True),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["a", "b"], ("a", "c"), True),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["a", "b"], ("c",), False),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["a", "b"], None, False),
        ("ForAllValues:StringNotEquals", "aws:TagKeys", ["a"], ("b", "c"), True),
        ("ForAllValues:StringNotEquals", "aws:TagKeys", ["a"], ("a", "c"), False),
        ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["a"], ("a", "c"), True),
        ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["a"], None, False),
        ("ForAllValues:StringLike", "aws:TagKeys", ["team-*"], ("team-a", "team-b"), True),
    ],
)
def test_conditions(operator: str, key: str, wanted: Any, given: Any, expected: bool) -> None:
    conditional = policy(statement(Condition={operator: {key: wanted}}))
    keys = {} if given is None else {key.swapcase() if key.isascii() else key: given}
    assert decide(BOB, conditional, keys=keys).allowed is expected


def test_operators_and_keys_are_anded() -> None:
    condition = {"StringEquals": {"aws:a": "1", "aws:b": "2"}, "Bool": {"aws:c": "true"}}
    conditional = policy(statement(Condition=condition))
    keys: dict[str, ConditionValue] = {"aws:a": "1", "aws:b": "2", "aws:c": "true"}
    assert decide(BOB, conditional, keys=keys).allowed
    for key in keys:
        assert not decide(BOB, conditional, keys={**keys, key: "other"}).allowed


@pytest.mark.parametrize(
    ("resource", "keys", "expected"),
    [
        ("arn:aws:s3:::bucket/home/${aws:username}/*", {"aws:username": "bob"}, True),
        ("arn:aws:s3:::bucket/home/${AWS:USERNAME}/*", {"aws:username": "bob"}, True),
        ("arn:aws:s3:::bucket/home/${aws:username}/*", {"aws:username": "ann"}, False),
        ("arn:aws:s3:::bucket/home/${aws:username}/*", {}, False),
        ("arn:aws:s3:::bucket/home/${aws:username, 'bob'}/*", {}, True),
        ("arn:aws:s3:::bucket/home/${aws:username, 'bob'}/*", {"aws:username": "ann"}, False),
        # A value may not bring wildcards of its own.
        ("arn:aws:s3:::bucket/home/${aws:username}/*", {"aws:username": "*"}, False),
        ("arn:aws:s3:::bucket/home/${aws:username}/*", {"aws:username": ("bob", "ann")}, False),
        ("arn:aws:s3:::${aws:PrincipalTag/bucket}/home/bob/*", {"aws:PrincipalTag/bucket": "bucket"}, True),
    ],
)
def test_variables_in_resources(resource: str, keys: dict[str, ConditionValue], expected: bool) -> None:
    assert decide(BOB, policy(statement(resource=resource)), keys=keys).allowed is expected


def test_variables_in_conditions() -> None:
    conditional = policy(statement(Condition={"StringLike": {"s3:prefix": ["home/${aws:username}/*"]}}))
    assert decide(BOB, conditional, keys={"aws:username": "bob", "s3:prefix": "home/bob/x"}).allowed
    assert not decide(BOB, conditional, keys={"aws:username": "ann", "s3:prefix": "home/bob/x"}).allowed


def test_version_2008_has_no_variables() -> None:
    text = json.dumps(
        {"Version": "2008-10-17", "Statement": statement(resource="arn:aws:s3:::${aws:username}")}
    )
    old = compile_policy(text)
    keys: dict[str, ConditionValue] = {"aws:username": "bob"}
    assert not decide(BOB, old, on="arn:aws:s3:::bob", keys=keys).allowed
    assert decide(BOB, old, on="arn:aws:s3:::${aws:username}", keys=keys).allowed


ALLOW = policy(statement())
DENY = policy(statement("Deny"))
NOTHING = policy(statement(action="sqs:SendMessage"))


@pytest.mark.parametrize(
    ("name", "caller", "identity", "policies", "refused_by"),
    [
        ("default is deny", BOB, (), {}, PolicySource.IDENTITY),
        ("identity allows", BOB, (ALLOW,), {}, None),
        ("a deny beats an allow", BOB, (ALLOW, DENY), {}, PolicySource.IDENTITY),
        ("a boundary alone grants nothing", BOB, (), {"boundary": ALLOW}, PolicySource.IDENTITY),
        ("a boundary narrows", BOB, (ALLOW,), {"boundary": NOTHING}, PolicySource.BOUNDARY),
        ("a boundary denies", BOB, (ALLOW,), {"boundary": DENY}, PolicySource.BOUNDARY),
        ("a session policy narrows", SESSION, (ALLOW,), {"session": (NOTHING,)}, PolicySource.SESSION),
        ("session policies are a union", SESSION, (ALLOW,), {"session": (NOTHING, ALLOW)}, None),
        ("no session policy allows", SESSION, (ALLOW,), {"session": ()}, PolicySource.SESSION),
        ("root needs no policy", ROOT, (), {}, None),
        (
            "root is denied by a bucket",
            ROOT,
            (),
            {"resource": bucket_policy("*", "Deny")},
            PolicySource.RESOURCE,
        ),
        ("the bucket allows a user", BOB, (), {"resource": bucket_policy({"AWS": BOB.arn})}, None),
        (
            "and passes over the boundary",
            BOB,
            (),
            {"resource": bucket_policy({"AWS": BOB.arn}), "boundary": NOTHING},
            None,
        ),
        (
            "but not over its deny",
            BOB,
            (),
            {"resource": bucket_policy({"AWS": BOB.arn}), "boundary": DENY},
            PolicySource.BOUNDARY,
        ),
        (
            "the account as principal leaves it to identity policies",
            BOB,
            (),
            {"resource": bucket_policy({"AWS": ACCOUNT})},
            PolicySource.IDENTITY,
        ),
        (
            "a session by its role",
            SESSION,
            (),
            {"resource": bucket_policy({"AWS": SESSION.role_arn})},
            None,
        ),
        (
            "is still bounded",
            SESSION,
            (),
            {"resource": bucket_policy({"AWS": SESSION.role_arn}), "boundary": NOTHING},
            PolicySource.BOUNDARY,
        ),
        (
            "a session by its own name is not",
            SESSION,
            (),
            {"resource": bucket_policy({"AWS": SESSION.arn}), "boundary": NOTHING, "session": (NOTHING,)},
            None,
        ),
        (
            "another account's bucket needs both: resource missing",
            BOB,
            (ALLOW,),
            {"resource_account": OTHER},
            PolicySource.RESOURCE,
        ),
        (
            "another account's bucket needs both: identity missing",
            BOB,
            (),
            {"resource_account": OTHER, "resource": bucket_policy({"AWS": BOB.arn})},
            PolicySource.IDENTITY,
        ),
        (
            "another account's bucket with both",
            BOB,
            (ALLOW,),
            {"resource_account": OTHER, "resource": bucket_policy({"AWS": ACCOUNT})},
            None,
        ),
        ("root in another account", ROOT, (), {"resource_account": OTHER}, PolicySource.RESOURCE),
        (
            "trust must be given",
            BOB,
            (ALLOW,),
            {"resource_must_allow": True},
            PolicySource.RESOURCE,
        ),
        ("nobody without a resource policy", ANONYMOUS, (), {}, PolicySource.RESOURCE),
        ("nobody under a public one", ANONYMOUS, (), {"resource": bucket_policy("*")}, None),
        (
            "nobody is not an account's",
            ANONYMOUS,
            (),
            {"resource": bucket_policy({"AWS": ACCOUNT})},
            PolicySource.RESOURCE,
        ),
        (
            "a service by name",
            service_principal("lambda.amazonaws.com"),
            (),
            {"resource": bucket_policy({"Service": "lambda.amazonaws.com"})},
            None,
        ),
        (
            "another service",
            service_principal("lambda.amazonaws.com"),
            (),
            {"resource": bucket_policy({"Service": "ec2.amazonaws.com"})},
            PolicySource.RESOURCE,
        ),
        (
            "NotPrincipal denies all but",
            BOB,
            (ALLOW,),
            {
                "resource": policy(
                    statement("Deny", NotPrincipal={"AWS": SESSION.arn}), kind=PolicyKind.RESOURCE
                )
            },
            PolicySource.RESOURCE,
        ),
        (
            "NotPrincipal spares whom it names",
            BOB,
            (ALLOW,),
            {"resource": policy(statement("Deny", NotPrincipal={"AWS": BOB.arn}), kind=PolicyKind.RESOURCE)},
            None,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_order_of_evaluation(
    name: str,
    caller: Principal,
    identity: tuple[CompiledPolicy, ...],
    policies: dict[str, Any],
    refused_by: PolicySource | None,
) -> None:
    decision = decide(caller, *identity, **policies)
    assert (decision.allowed, decision.source) == (refused_by is None, refused_by), name


def test_root_can_mend_a_bucket_policy_that_shuts_everyone_out() -> None:
    closed = policy(statement("Deny", action="s3:*", Principal="*"), kind=PolicyKind.RESOURCE)
    assert not evaluate(
        ROOT, Access("s3:GetObject", OBJECT), RequestKeys({}), Policies(resource=closed)
    ).allowed
    assert evaluate(
        ROOT,
        Access("s3:DeleteBucketPolicy", "arn:aws:s3:::bucket"),
        RequestKeys({}),
        Policies(resource=closed),
    ).allowed


PREFIX = f"User: {BOB.arn} is not authorized to perform: sagemaker:InvokeEndpoint on resource: "
ENDPOINT = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:endpoint/two"
ALLOW_ALL = policy(statement(action="*"))
DENY_ALL = policy(statement("Deny", action="*"))


@pytest.mark.parametrize(
    ("identity", "policies", "reason"),
    [
        ((), {}, "because no identity-based policy allows the sagemaker:InvokeEndpoint action"),
        ((ALLOW_ALL, DENY_ALL), {}, "with an explicit deny in an identity-based policy"),
        (
            (ALLOW_ALL,),
            {"boundary": NOTHING},
            "because no permissions boundary allows the sagemaker:InvokeEndpoint action",
        ),
        ((ALLOW_ALL,), {"boundary": DENY_ALL}, "with an explicit deny in a permissions boundary"),
        (
            (ALLOW_ALL,),
            {"session": (NOTHING,)},
            "because no session policy allows the sagemaker:InvokeEndpoint action",
        ),
        ((ALLOW_ALL,), {"session": (DENY_ALL,)}, "with an explicit deny in a session policy"),
        (
            (ALLOW_ALL,),
            {"resource": bucket_policy("*", "Deny", action="*")},
            "with an explicit deny in a resource-based policy",
        ),
        (
            (ALLOW_ALL,),
            {"resource_account": OTHER},
            "because no resource-based policy allows the sagemaker:InvokeEndpoint action",
        ),
    ],
)
def test_denial_texts(identity: Any, policies: Any, reason: str) -> None:
    access = Access("sagemaker:InvokeEndpoint", ENDPOINT)
    decision = decide(BOB, *identity, action=access.action, on=access.resource, **policies)
    assert denial_text(BOB, access, decision) == f"{PREFIX}{ENDPOINT} {reason}"


def test_denial_texts_of_s3_and_sts() -> None:
    refused = decide(BOB)
    assert denial_text(BOB, Access("s3:GetObject", OBJECT), refused) == (
        f'User: {BOB.arn} is not authorized to perform: s3:GetObject on resource: "{OBJECT}"'
        " because no identity-based policy allows the s3:GetObject action"
    )
    assert denial_text(ANONYMOUS, Access("s3:GetObject", OBJECT), decide(ANONYMOUS)) == "Access Denied"
    role = f"arn:aws:iam::{ACCOUNT}:role/worker"
    assert denial_text(BOB, Access("sts:AssumeRole", role), refused) == (
        f"User: {BOB.arn} is not authorized to perform: sts:AssumeRole on resource: {role}"
    )


def test_only_decisions_without_conditions_may_be_remembered() -> None:
    assert not decide(BOB, ALLOW).contextual
    assert decide(BOB, policy(statement(Condition={"Bool": {"aws:x": "true"}}))).contextual
    assert decide(BOB, policy(statement(resource="arn:aws:s3:::${aws:username}"))).contextual


def test_an_account_in_not_principal_spares_its_root_but_not_its_users() -> None:
    only_root = policy(
        statement("Deny", NotPrincipal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), kind=PolicyKind.RESOURCE
    )
    assert decide(ROOT, resource=only_root).allowed
    assert not decide(BOB, ALLOW, resource=only_root).allowed


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a*b*c", "aXbYc", True),
        ("a*b*c", "abc", True),
        ("a*b*c", "abcbd", False),
        ("*ab*ab", "abab", True),
        ("*ab*ab", "aab", False),
        ("**", "", True),
        ("?*?", "x", False),
        ("?*?", "xy", True),
    ],
)
def test_stars(pattern: str, text: str, expected: bool) -> None:
    assert patterns.compiled(patterns.glob(pattern))(text) is expected


@pytest.mark.timeout(10)
def test_many_stars_cost_no_exponential_time() -> None:
    hostile = policy(statement(resource="arn:aws:s3:::" + "*a" * 60 + "b"))
    assert not decide(BOB, hostile, on="arn:aws:s3:::" + "a" * 1000).allowed
