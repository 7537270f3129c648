"""The simulator speaks with the evaluator's voice."""

from __future__ import annotations

import pytest

from sagehen.api.bounded import budget
from sagehen.api.pagination import encode_token
from sagehen.services.iam.errors import InvalidInput, NoSuchEntity, ValidationError
from tests.unit.iam.conftest import ACCOUNT, Caller, allow, deny, policy

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


async def test_each_action_with_each_resource_a_page_at_a_time(root: Caller) -> None:
    """32 MB of a request hold some 100,000 of each: all pairs of them fit into no memory."""
    actions = [f"s3:A{number}" for number in range(100_000)]
    resources = [f"arn:aws:s3:::b/{number}" for number in range(100_000)]
    request = {
        "PolicyInputList": [policy(allow("s3:A1", "arn:aws:s3:::b/2"))],
        "ActionNames": actions,
        "ResourceArns": resources,
        "MaxItems": 3,
    }
    first = await root.call("SimulateCustomPolicy", **request)
    assert first["IsTruncated"]
    second = await root.call("SimulateCustomPolicy", **request, Marker=first["Marker"])
    seen = [
        (each["EvalActionName"], each["EvalResourceName"])
        for page in (first, second)
        for each in page["EvaluationResults"]
    ]
    assert seen == [("s3:A0", f"arn:aws:s3:::b/{number}") for number in range(6)]
    request |= {"ActionNames": actions[:2], "ResourceArns": resources[:3], "MaxItems": 4}
    first = await root.call("SimulateCustomPolicy", **request)
    last = await root.call("SimulateCustomPolicy", **request, Marker=first["Marker"])
    assert [each["EvalDecision"] for each in last["EvaluationResults"]] == ["implicitDeny", "allowed"]
    assert not last["IsTruncated"]
    with pytest.raises(ValidationError, match=r"Invalid Marker\."):  # recorded
        await root.call("SimulateCustomPolicy", **request, Marker="nobody's")
    with pytest.raises(ValidationError, match=r"Invalid Marker\."):
        await root.call("SimulateCustomPolicy", **request, Marker=encode_token(-5, listing="simulation"))


async def test_policies_that_take_too_long(root: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "THREAD_S", 0)
    request = {"PolicyInputList": [policy(*[allow("s3:*")] * 40)], "ActionNames": ["s3:GetObject"]}
    with pytest.raises(InvalidInput, match="take too long"):
        await root.call("SimulateCustomPolicy", **request)
    with pytest.raises(InvalidInput, match="take too long"):
        await root.call("GetContextKeysForCustomPolicy", PolicyInputList=request["PolicyInputList"])
