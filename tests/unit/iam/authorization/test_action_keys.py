"""Keys that an action does not have are not seen by policies; tags of resources are."""

from __future__ import annotations

import pytest

from sagehen.domain.access import Access
from tests.unit.iam.conftest import Caller, allow, deny

JOB = "arn:aws:sagemaker:us-east-1:123456789012:training-job/a"


@pytest.mark.parametrize(("action", "seen"), [("s3:GetObject", True), ("s3:DeleteObject", False)])
async def test_an_objects_tags_are_keys_of_some_actions_only(root: Caller, action: str, seen: bool) -> None:
    condition = {"StringEquals": {"s3:ExistingObjectTag/team": "red"}}
    bob = await root.user("bob", allow("s3:*", Condition=condition))
    access = Access(action, "arn:aws:s3:::b/k", {"s3:ExistingObjectTag/team": "red"})
    assert root.iam.authorizer.is_allowed(bob.principal, access, {}) is seen


async def test_tags_of_resources(root: Caller) -> None:
    asked = []

    def tags(arn: str) -> dict[str, str]:
        asked.append(arn)
        return {"team": "red"}

    root.iam.authorizer.resource_tags["sagemaker"] = tags
    for name, value, allowed in (("aws", "red", True), ("sagemaker", "red", True), ("aws", "blue", False)):
        condition = {"StringEquals": {f"{name}:ResourceTag/team": value}}
        user = await root.user(f"{name}-{value}", allow("sagemaker:*", Condition=condition))
        access = Access("sagemaker:StopTrainingJob", JOB)
        assert root.iam.authorizer.is_allowed(user.principal, access, {}) is allowed
        # ListTrainingJobs is about no resource, and has no such key.
        assert not root.iam.authorizer.is_allowed(user.principal, Access("sagemaker:ListTrainingJobs"), {})
    assert set(asked) == {JOB}


async def test_nobody_looks_tags_up_where_no_condition_asks(root: Caller) -> None:
    def never(arn: str) -> dict[str, str]:
        raise AssertionError(arn)

    root.iam.authorizer.resource_tags["sagemaker"] = never
    bob = await root.user("bob", allow("sagemaker:*"), deny("sagemaker:StopTrainingJob", "*"))
    assert root.iam.authorizer.is_allowed(bob.principal, Access("sagemaker:DescribeTrainingJob", JOB), {})


async def test_the_tags_of_a_role_that_is_passed_or_assumed(root: Caller) -> None:
    trust = '{"Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}}'
    tags = [{"Key": "team", "Value": "red"}]
    for name, given in (("red", tags), ("grey", [])):
        await root.call("CreateRole", RoleName=name, AssumeRolePolicyDocument=trust, Tags=given)
    condition = {"StringEquals": {"iam:ResourceTag/team": "red"}}
    bob = await root.user("bob", allow(["iam:PassRole", "sts:AssumeRole"], Condition=condition))
    for action in ("iam:PassRole", "sts:AssumeRole"):
        for name in ("red", "grey"):
            access = Access(action, f"arn:aws:iam::123456789012:role/{name}")
            assert root.iam.authorizer.is_allowed(bob.principal, access, {}) is (name == "red")
