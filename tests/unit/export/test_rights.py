"""Roles may do what they did, and what AWS wants of them."""

from __future__ import annotations

import json
from typing import Any

from sagehen.export.graph.exported import Exported, exported
from sagehen.export.graph.linking import linked
from sagehen.export.graph.node import Node
from sagehen.export.graph.rights import wanted_by_aws, with_used_rights
from sagehen.export.graph.used_policies import documents
from sagehen.export.graph.values import Key, PolicyDocument
from sagehen.export.writing.cloudformation.written import cloudformation
from sagehen.export.writing.script.written import script
from sagehen.export.writing.terraform.written import terraform
from tests.unit.export.scene import ACCOUNT, ENDPOINT_ARN, REGION, ROLE, policy, role, scene

USED = {"ask": [("sagemaker:InvokeEndpoint", [ENDPOINT_ARN]), ("sagehen:ListRefusals", ["*"])]}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def statements(nodes: list[Any]) -> dict[str, Any]:
    [found] = [node for node in nodes if node.key == ROLE]
    [policy] = found.properties["Policies"]
    assert "ManagedPolicyArns" not in found.properties
    told: dict[str, Any] = {}
    for one in policy["PolicyDocument"]["Statement"]:
        for action in [one["Action"]] if isinstance(one["Action"], str) else one["Action"]:
            told[action] = one["Resource"]
    return told


def test_a_role_gets_what_it_used_and_what_aws_does_with_it() -> None:
    found, remarks = with_used_rights(scene(), USED, REGION, ACCOUNT)
    told = statements(found)
    assert remarks == []
    assert told["sagemaker:InvokeEndpoint"] == ENDPOINT_ARN
    # It is the function's and the model's.
    logs = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:"
    assert told["logs:PutLogEvents"] == [
        f"{logs}/aws/lambda/ask",
        f"{logs}/aws/lambda/ask:*",
        f"{logs}/aws/sagemaker/Endpoints/*",
    ]
    assert told["s3:GetObject"] == "arn:aws:s3:::dogs/jobs/1/model.tar.gz"
    assert told["ecr:BatchGetImage"] == f"arn:aws:ecr:{REGION}:763104351884:repository/pytorch-inference"
    assert not any(action.startswith("sagehen:") for action in told)


def test_who_did_nothing_keeps_what_it_has() -> None:
    nodes = [role(EVERYTHING)]
    found, [remark] = with_used_rights(nodes, {"ask": [("sagehen:ListRefusals", ["*"])]}, REGION, ACCOUNT)
    assert found == nodes and remark == "less rights for the role ask: it has not called anything"


def test_actions_on_the_same_resources_are_one_statement() -> None:
    uses = [("s3:GetObject", ["a", "b"]), ("s3:PutObject", ["b", "a"]), ("s3:ListBucket", ["c", "*"])]
    [document] = documents(uses)
    assert document["Statement"] == [
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["a", "b"]},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"},
    ]


def test_what_is_no_concern_of_aws_wants_nothing() -> None:
    assert wanted_by_aws(role(), REGION, ACCOUNT) == []


def length(document: Any) -> int:
    return len("".join(json.dumps(document).split()))


def pairs(every: list[PolicyDocument]) -> set[tuple[str, str]]:
    def listed(value: Any) -> list[str]:
        return value if isinstance(value, list) else [value]

    return {
        (action, resource)
        for document in every
        for one in document["Statement"]
        for action in listed(one["Action"])
        for resource in listed(one["Resource"])
    }


def much(count: int, most: int = 16) -> list[tuple[str, list[str]]]:
    return [(f"s3:Do{n}", [f"arn:aws:s3:::bucket-{n}/key-{k}" for k in range(most)]) for n in range(count)]


def test_what_is_too_long_to_be_inline_is_several_policies() -> None:
    [inline] = documents(much(15))
    assert 6_144 < length(inline) <= 10_240
    many_actions = [(f"s3:DoSomethingWithALongName{number:04}", ["*"]) for number in range(400)]
    for uses in (much(40), much(1, 600), many_actions):
        every = documents(uses)
        assert len(every) > 1 and all(length(one) <= 6_144 for one in every)
        assert pairs(every) == {(action, one) for action, resources in uses for one in resources}


def given(uses: list[tuple[str, list[str]]]) -> Exported:
    found, remarks = with_used_rights(scene(), {"ask": uses}, REGION, ACCOUNT)
    return exported(linked(found, REGION, ACCOUNT), REGION, ACCOUNT, remarks)


def test_a_role_has_them_in_every_language() -> None:
    told = given(much(20))
    assert told.remarks == []
    template = cloudformation(told)["template.yaml"].decode()
    assert "AskUsed1Policy:" in template and "- !Ref AskUsed1Policy" in template
    assert "PolicyArn=ask_used2_policy['Policy']['Arn']" in script(told)["make.py"].decode()
    main = terraform(told)["main.tf"].decode()
    assert 'resource "aws_iam_policy" "ask_used1_policy"' in main
    assert "policy_arn = aws_iam_policy.ask_used1_policy.arn" in main
    [remark] = given(much(100)).remarks
    assert remark.startswith("a role ask that fits: what it used takes ")


def test_policies_that_a_role_gave_up_are_left_out_with_it() -> None:
    arns = [f"arn:aws:iam::{ACCOUNT}:policy/{name}" for name in ("given-up", "boundary", "nobodys")]
    every = [
        Node(Key("AWS::IAM::ManagedPolicy", arn), arn[-5:], {"PolicyDocument": policy()}, {arn: ""})
        for arn in arns
    ]
    mine = role(EVERYTHING)
    own = {**mine.properties, "ManagedPolicyArns": arns[:2], "PermissionsBoundary": arns[1]}
    nodes = [*every, Node(mine.key, mine.label, own, mine.mentions)]
    found, _ = with_used_rights(nodes, USED, REGION, ACCOUNT)
    assert [node.key.identity for node in found] == [*arns[1:], "ask"]
