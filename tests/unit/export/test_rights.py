"""Roles may do what they did, and what AWS wants of them."""

from __future__ import annotations

from typing import Any

from sagehen.export.graph.rights import document, wanted_by_aws, with_used_rights
from tests.unit.export.scene import ACCOUNT, ENDPOINT_ARN, REGION, ROLE, role, scene

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
    found, idle = with_used_rights(scene(), USED, REGION, ACCOUNT)
    told = statements(found)
    assert idle == []
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
    found, idle = with_used_rights(nodes, {"ask": [("sagehen:ListRefusals", ["*"])]}, REGION, ACCOUNT)
    assert (found, idle) == (nodes, ["ask"])


def test_actions_on_the_same_resources_are_one_statement() -> None:
    uses = [("s3:GetObject", ["a", "b"]), ("s3:PutObject", ["b", "a"]), ("s3:ListBucket", ["c", "*"])]
    assert document(uses)["Statement"] == [
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["a", "b"]},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"},
    ]


def test_what_is_no_concern_of_aws_wants_nothing() -> None:
    assert wanted_by_aws(role(), REGION, ACCOUNT) == []
