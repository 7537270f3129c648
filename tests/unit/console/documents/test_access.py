"""Why something was refused with its cure, and what a role called beside what it may."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from sagehen.api.errors import ValidationException
from sagehen.console.documents.asking import Seen
from sagehen.console.documents.called import Called, NoSuchEntity, compared, covers
from sagehen.console.documents.refusals import Refusals, cure
from sagehen.domain.access import Access
from sagehen.domain.identity import ANONYMOUS, Principal, PrincipalKind
from sagehen.domain.ports.identity.access_journal import RefusedAccess, UsedAction

from .asked import ACCOUNT, DENIED, NOW, ROOT, Table

ROLE = Principal(
    PrincipalKind.ASSUMED_ROLE,
    f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/x",
    ACCOUNT,
    name="reader",
    role_arn=f"arn:aws:iam::{ACCOUNT}:role/reader",
)
USER = Principal(PrincipalKind.USER, f"arn:aws:iam::{ACCOUNT}:user/ann", ACCOUNT, name="ann")
INVOKE = Access("sagemaker:InvokeEndpoint", f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:endpoint/dogs")
REFUSED = RefusedAccess(ROLE, INVOKE, "User: …", False, "identity-based policy", (), NOW, NOW, 1)
ALLOW = {"Effect": "Allow", "Action": INVOKE.action, "Resource": INVOKE.resource}


class Journal:
    began = NOW

    def refusals(self, account_id: str) -> list[RefusedAccess]:
        return [REFUSED] if account_id == ACCOUNT else []

    def called(self, account_id: str, kind: str, name: str) -> list[UsedAction] | None:
        return (
            [UsedAction("s3:GetObject", 3, NOW, ["arn:aws:s3:::b/k"])]
            if (kind, name) == ("role", "reader")
            else None
        )


@pytest.mark.parametrize(
    ("change", "attach", "statement"),
    [
        ({}, {"kind": "role", "name": "reader"}, ALLOW),
        ({"principal": USER}, {"kind": "user", "name": "ann"}, ALLOW),
        ({"source": "permissions boundary"}, {"kind": "role", "name": "reader"}, ALLOW),
        ({"source": "session policy"}, None, ALLOW),
        (
            {"source": "resource-based policy"},
            {"kind": "resource", "name": INVOKE.resource},
            {**ALLOW, "Principal": {"AWS": ROLE.role_arn}},
        ),
        (
            {"source": "resource-based policy", "principal": ANONYMOUS},
            {"kind": "resource", "name": INVOKE.resource},
            {**ALLOW, "Principal": "*"},
        ),
        (
            {"access": Access("iam:PassRole", "arn:r", {"iam:PassedToService": "lambda.amazonaws.com"})},
            {"kind": "role", "name": "reader"},
            {
                "Effect": "Allow",
                "Action": "iam:PassRole",
                "Resource": "arn:r",
                "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
            },
        ),
        ({"denied": True}, None, None),
        ({"principal": ANONYMOUS}, None, None),
    ],
)
def test_cures(
    change: dict[str, Any], attach: dict[str, str] | None, statement: dict[str, Any] | None
) -> None:
    found = cure(replace(REFUSED, **change))
    assert found["advice"] and found.get("attachTo") == attach
    policy = found.get("policy")
    assert (policy and policy["Statement"]) == (statement and [statement])


async def test_the_document_of_refusals() -> None:
    document = await Refusals(Journal())(Table({}), {})
    (entry,) = document["refusals"]
    assert entry["principal"] == {"arn": ROLE.arn, "kind": "assumed-role", "name": "reader"}
    assert entry["at"] == "2026-11-29T12:00:00.000Z" and entry["explicit"] is False
    json.dumps(document)


POLICY = json.dumps(
    {"Statement": [{"Effect": "Allow", "Action": ["s3:Get*", "s3:PutObject"], "Resource": "*"}]}
)
ANSWERS = {
    "iam:ListRolePolicies": {"PolicyNames": ["own"]},
    "iam:GetRolePolicy": {"PolicyDocument": quote(POLICY)},
    "iam:ListAttachedRolePolicies": {"AttachedPolicies": [{"PolicyName": "all", "PolicyArn": "arn:p"}]},
    "iam:GetPolicy": {"Policy": {"DefaultVersionId": "v1"}},
    "iam:GetPolicyVersion": {
        "PolicyVersion": {"Document": '{"Statement": {"Effect": "Allow", "Action": "*"}}'}
    },
}


async def test_what_was_called_beside_what_may_be() -> None:
    document = await Called(Journal())(Table(ANSWERS), {"role": "reader"})
    [called] = document["called"]
    assert called == {
        "action": "s3:GetObject",
        "times": 3,
        "last": "2026-11-29T12:00:00.000Z",
        "resources": ["arn:aws:s3:::b/k"],
    }
    assert [(row["policy"], row["action"], row["times"]) for row in document["allowed"]] == [
        ("own", "s3:Get*", 3),
        ("own", "s3:PutObject", 0),
        ("all", "*", 3),
    ]
    hidden = await Called(Journal())(Table({**ANSWERS, "iam:GetRolePolicy": DENIED}), {"role": "reader"})
    assert hidden["hidden"] == ["iam:GetRolePolicy"] and len(hidden["allowed"]) == 1
    for query, error in (({}, ValidationException), ({"user": "reader"}, NoSuchEntity)):
        with pytest.raises(error):
            await Called(Journal())(Table({}, ROOT), query)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"Statement": 3}', "%7B", '{"Statement": [{"Effect": "Deny"}]}']
)
def test_documents_that_say_nothing(text: str) -> None:
    assert compared("p", text, [UsedAction("s3:GetObject", 1, NOW)]) == []


def test_patterns_of_actions() -> None:
    assert covers("S3:getobject", "s3:GetObject") and covers("s3:Get?bject", "s3:GetObject")
    assert not covers("s3:[G]etObject", "s3:GetObject")
    assert not covers("*a" * 60 + "b", "a" * 128)  # of a hostile policy, at once


async def test_long_listings_are_cut() -> None:
    table = Table({"iam:ListRoles": {"Roles": [1], "Marker": "more"}})
    seen = Seen(table)
    assert len(await seen.all("iam", "ListRoles", "Roles", mark="Marker")) == 10
    assert seen.lacks() == {"hidden": [], "cut": ["iam:ListRoles"]}
