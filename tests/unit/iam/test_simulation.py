"""The simulator speaks with the evaluator's voice."""

from __future__ import annotations

import pytest
from tests.unit.iam.conftest import ACCOUNT, Caller, allow, deny, policy

from sagehen.services.iam.errors import InvalidInput, NoSuchEntity

BUCKET = "arn:aws:s3:::bucket/key"


async def test_a_principals_policies(root: Caller) -> None:
    bob = await root.user("bob", allow("s3:Get*", "arn:aws:s3:::bucket/*"), deny("s3:GetObjectAcl"))
    result = await root.call(
        "SimulatePrincipalPolicy",
        PolicySourceArn=bob.principal.arn,
        ActionNames=["s3:GetObject", "s3:PutObject", "s3:GetObjectAcl"],
        ResourceArns=[BUCKET],
    )
    verdicts = {each["EvalActionName"]: each for each in result["EvaluationResults"]}
    assert {name: each["EvalDecision"] for name, each in verdicts.items()} == {
        "s3:GetObject": "allowed",
        "s3:PutObject": "implicitDeny",
        "s3:GetObjectAcl": "explicitDeny",
    }
    allowed = verdicts["s3:GetObject"]
    assert allowed["ResourceSpecificResults"][0]["EvalResourceDecision"] == "allowed"
    [matched] = allowed["MatchedStatements"]
    assert (matched["SourcePolicyId"], matched["StartPosition"]["Line"]) == ("user_bob_own", 1)
    assert verdicts["s3:PutObject"]["MatchedStatements"] == []
    with pytest.raises(NoSuchEntity):
        await root.call(
            "SimulatePrincipalPolicy",
            PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:user/none",
            ActionNames=["s3:GetObject"],
        )


async def test_custom_policies_with_context(root: Caller) -> None:
    conditional = policy(allow("s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
    request = {"PolicyInputList": [conditional], "ActionNames": ["s3:GetObject"]}
    [without] = (await root.call("SimulateCustomPolicy", **request))["EvaluationResults"]
    assert (without["EvalDecision"], without["MissingContextValues"]) == ("implicitDeny", ["aws:SourceIp"])
    entry = {"ContextKeyName": "aws:SourceIp", "ContextKeyType": "ip", "ContextKeyValues": ["10.1.2.3"]}
    [given] = (await root.call("SimulateCustomPolicy", **request, ContextEntries=[entry]))[
        "EvaluationResults"
    ]
    assert (given["EvalDecision"], given["MissingContextValues"]) == ("allowed", [])
    keys = await root.call("GetContextKeysForCustomPolicy", PolicyInputList=[conditional])
    assert keys == {"ContextKeyNames": ["aws:SourceIp"]}
    with pytest.raises(InvalidInput):
        await root.call("SimulateCustomPolicy", PolicyInputList=["{}"], ActionNames=["s3:GetObject"])


async def test_a_boundary_is_reported(root: Caller) -> None:
    [result] = (
        await root.call(
            "SimulateCustomPolicy",
            PolicyInputList=[policy(allow("*"))],
            PermissionsBoundaryPolicyInputList=[policy(allow("ec2:*"))],
            ActionNames=["s3:GetObject"],
        )
    )["EvaluationResults"]
    assert result["EvalDecision"] == "implicitDeny"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
