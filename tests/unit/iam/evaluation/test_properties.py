"""What must hold for any policies: drawn ones, not chosen ones."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sagehen.domain.access import Access
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.policies import PolicyKind
from sagehen.services.iam.evaluation.compiled import CompiledPolicy, compile_policy
from sagehen.services.iam.evaluation.conditions import RequestKeys
from sagehen.services.iam.evaluation.evaluator import Policies, evaluate

ACCOUNT = "123456789012"
CALLERS = [
    Principal(PrincipalKind.USER, f"arn:aws:iam::{ACCOUNT}:user/bob", ACCOUNT, "AIDABOB", "bob"),
    Principal(PrincipalKind.ROOT, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, ACCOUNT),
    Principal(
        PrincipalKind.ASSUMED_ROLE,
        f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/one",
        ACCOUNT,
        "AROAWORKER:one",
        "worker",
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/worker",
    ),
]
ACTIONS = ["s3:GetObject", "s3:PutObject", "sqs:SendMessage"]
RESOURCES = ["arn:aws:s3:::a/x", "arn:aws:s3:::b/y"]
CONDITIONS: list[dict[str, Any]] = [
    {},
    {"StringEquals": {"aws:username": "bob"}},
    {"StringNotEquals": {"aws:username": "bob"}},
    {"Null": {"aws:username": "true"}},
    {"StringLikeIfExists": {"aws:username": "b*"}},
]
PRINCIPALS: list[Any] = [
    "*",
    {"AWS": ACCOUNT},
    {"AWS": [caller.arn for caller in CALLERS]},
    {"AWS": f"arn:aws:iam::{ACCOUNT}:role/worker"},
    {"Service": "lambda.amazonaws.com"},
]


@st.composite
def policies(draw: st.DrawFn, kind: PolicyKind = PolicyKind.IDENTITY) -> CompiledPolicy:
    statements = []
    for _ in range(draw(st.integers(1, 3))):
        statement: dict[str, Any] = {
            "Effect": draw(st.sampled_from(["Allow", "Deny"])),
            draw(st.sampled_from(["Action", "NotAction"])): draw(st.sampled_from([*ACTIONS, "s3:*", "*"])),
            draw(st.sampled_from(["Resource", "NotResource"])): draw(
                st.sampled_from([*RESOURCES, "*", "arn:aws:s3:::a/*", "arn:aws:s3:::${aws:username, 'a'}/x"])
            ),
            "Condition": draw(st.sampled_from(CONDITIONS)),
        }
        if kind is PolicyKind.RESOURCE:
            statement[draw(st.sampled_from(["Principal", "NotPrincipal"]))] = draw(
                st.sampled_from(PRINCIPALS)
            )
        statements.append(statement)
    return compile_policy(json.dumps({"Version": "2012-10-17", "Statement": statements}), kind)


@st.composite
def sets(draw: st.DrawFn) -> Policies:
    return Policies(
        identity=tuple(draw(st.lists(policies(), max_size=2))),
        boundary=draw(st.none() | policies()),
        session=draw(st.none() | st.lists(policies(), max_size=2).map(tuple)),
        resource=draw(st.none() | policies(PolicyKind.RESOURCE)),
        resource_account=draw(st.sampled_from(["", ACCOUNT, "999999999999"])),
        resource_must_allow=draw(st.booleans()),
    )


accesses = st.builds(Access, st.sampled_from(ACTIONS), st.sampled_from(RESOURCES))
keys = st.sampled_from([{}, {"aws:username": "bob"}, {"aws:username": "ann"}]).map(RequestKeys)
callers = st.sampled_from(CALLERS)
DENY_ALL = compile_policy(
    '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'
)


@given(callers, accesses, keys, sets())
@settings(deadline=None)
def test_an_explicit_deny_always_wins(
    caller: Principal, access: Access, request_keys: RequestKeys, given_: Policies
) -> None:
    denied = replace(given_, identity=(*given_.identity, DENY_ALL))
    decision = evaluate(caller, access, request_keys, denied)
    assert not decision.allowed
    assert decision.explicit


@given(callers, accesses, keys, sets(), policies())
@settings(deadline=None)
def test_a_boundary_never_widens(
    caller: Principal, access: Access, request_keys: RequestKeys, given_: Policies, boundary: CompiledPolicy
) -> None:
    without = evaluate(caller, access, request_keys, replace(given_, boundary=None))
    bounded = evaluate(caller, access, request_keys, replace(given_, boundary=boundary))
    assert without.allowed or not bounded.allowed


@given(callers, accesses, keys, sets(), st.lists(policies(), max_size=2).map(tuple))
@settings(deadline=None)
def test_a_session_policy_never_widens(
    caller: Principal,
    access: Access,
    request_keys: RequestKeys,
    given_: Policies,
    session: tuple[CompiledPolicy, ...],
) -> None:
    without = evaluate(caller, access, request_keys, replace(given_, session=None))
    narrowed = evaluate(caller, access, request_keys, replace(given_, session=session))
    # Root may pass a Deny of its own bucket's policy, which a session of it may not: narrower again.
    assert without.allowed or not narrowed.allowed


@given(callers, accesses, keys, sets(), policies())
@settings(deadline=None)
def test_denying_statements_never_allow_more(
    caller: Principal, access: Access, request_keys: RequestKeys, given_: Policies, more: CompiledPolicy
) -> None:
    denies = CompiledPolicy([statement for statement in more.statements if statement.deny])
    before = evaluate(caller, access, request_keys, given_)
    after = evaluate(caller, access, request_keys, replace(given_, identity=(*given_.identity, denies)))
    assert before.allowed or not after.allowed


@given(callers, accesses, keys, sets())
@settings(deadline=None)
def test_a_refusal_names_its_source_and_an_allow_none(
    caller: Principal, access: Access, request_keys: RequestKeys, given_: Policies
) -> None:
    decision = evaluate(caller, access, request_keys, given_)
    assert (decision.source is None) == decision.allowed


@given(callers, accesses, sets())
@settings(deadline=None)
def test_what_may_be_remembered_does_not_depend_on_the_request(
    caller: Principal, access: Access, given_: Policies
) -> None:
    first = evaluate(caller, access, RequestKeys({"aws:username": "bob"}), given_)
    if not first.contextual:
        assert evaluate(caller, access, RequestKeys({}), given_).allowed == first.allowed
