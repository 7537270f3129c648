"""Answers of IAM and STS as public recordings of AWS have them."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.domain.access import AccessDenied
from sagehen.services.iam.errors import (
    InvalidInput,
    InvalidParameterValue,
    NoSuchEntity,
    ValidationError,
)
from sagehen.services.iam.identities.service_linked_role_table import LINKED_ROLES, LinkedRole
from tests.unit.iam.conftest import ACCOUNT, Caller, allow, policy, trust

EC2 = trust({"Service": "ec2.amazonaws.com"})


async def test_what_a_created_role_leaves_out(root: Caller) -> None:
    made = await root.call(
        "CreateRole", RoleName="r", AssumeRolePolicyDocument=EC2, Description="d", MaxSessionDuration=7200
    )
    basics = {"Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"}
    assert set(made["Role"]) == basics
    got = (await root.call("GetRole", RoleName="r"))["Role"]
    assert set(got) == basics | {"Description", "MaxSessionDuration", "RoleLastUsed"}
    described = await root.call("UpdateRoleDescription", RoleName="r", Description="e")
    assert set(described["Role"]) == basics | {"Description"}
    await root.call("CreateInstanceProfile", InstanceProfileName="p")
    await root.call("AddRoleToInstanceProfile", InstanceProfileName="p", RoleName="r")
    profile = (await root.call("GetInstanceProfile", InstanceProfileName="p"))["InstanceProfile"]
    assert set(profile["Roles"][0]) == basics
    assert profile["Tags"] == []


async def test_policies(root: Caller) -> None:
    document = policy(allow("s3:GetObject"))
    tags = [{"Key": "a", "Value": "lower"}, {"Key": "A", "Value": "upper"}]
    made = await root.call(
        "CreatePolicy", PolicyName="p", PolicyDocument=document, Description="d", Tags=tags
    )
    assert "Description" not in made["Policy"]
    assert made["Policy"]["Tags"] == tags
    arn = made["Policy"]["Arn"]
    assert (await root.call("ListPolicyTags", PolicyArn=arn))["Tags"] == tags[::-1]
    await root.call("UntagPolicy", PolicyArn=arn, TagKeys=["a", "A"])
    assert (await root.call("GetPolicy", PolicyArn=arn))["Policy"]["Tags"] == []
    with pytest.raises(InvalidInput) as caught:
        await root.call("TagPolicy", PolicyArn=arn, Tags=[tags[0], tags[0]])
    assert caught.value.message == "Duplicate tag keys found."
    await root.call("CreateUser", UserName="bob")
    with pytest.raises(InvalidInput) as caught:
        await root.call("TagUser", UserName="bob", Tags=tags)
    assert caught.value.message == (
        "Duplicate tag keys found. Please note that Tag keys are case insensitive."
    )


async def test_arns_of_policies(root: Caller) -> None:
    await root.call("CreateUser", UserName="bob")
    for name in ("AttachUserPolicy",):
        with pytest.raises(ValidationError, match="Invalid ARN:  Could not be parsed!"):
            await root.call(name, UserName="bob", PolicyArn="longpolicynamebutnoarn")
        missing = f"arn:aws:iam::{ACCOUNT}:policy/missing"
        with pytest.raises(NoSuchEntity, match=f"Policy {missing} does not exist or is not attachable."):
            await root.call(name, UserName="bob", PolicyArn=missing)
    wrong = f"arn:aws:iam::{ACCOUNT}:not_a_policy/invalid"
    with pytest.raises(InvalidInput, match=f"ARN {wrong} is not valid."):
        await root.call("PutUserPermissionsBoundary", UserName="bob", PermissionsBoundary=wrong)
    with pytest.raises(NoSuchEntity, match=f"Scope ARN: {missing} does not exist or is not attachable."):
        await root.call("PutUserPermissionsBoundary", UserName="bob", PermissionsBoundary=missing)


async def test_an_unknown_key_is_denied(root: Caller) -> None:
    with pytest.raises(AccessDenied) as caught:
        await root.call("GetAccessKeyLastUsed", AccessKeyId="AKIAIOSFODNN7EXAMPLE")
    assert caught.value.message == (
        f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform iam:GetAccessKeyLastUsed on"
        " resource: access key AKIAIOSFODNN7EXAMPLE"
    )


@pytest.mark.parametrize(("service", "linked"), LINKED_ROLES.items())
async def test_linked_roles(root: Caller, service: str, linked: LinkedRole) -> None:
    name = (await root.call("CreateServiceLinkedRole", AWSServiceName=service))["Role"]["RoleName"]
    assert name == linked.name
    role = (await root.call("GetRole", RoleName=name))["Role"]
    assert role["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{service}/{name}"
    attached = (await root.call("ListAttachedRolePolicies", RoleName=name))["AttachedPolicies"]
    assert [each["PolicyArn"] for each in attached] == [linked.policy_arn]
    with pytest.raises(InvalidInput) as caught:
        await root.call("CreateServiceLinkedRole", AWSServiceName=service)
    assert caught.value.message == (
        f"Service role name {name} has been taken in this account, please try a different suffix."
    )
    if linked.takes_suffix:
        other = await root.call("CreateServiceLinkedRole", AWSServiceName=service, CustomSuffix="two")
        assert other["Role"]["RoleName"] == f"{name}_two"
        return
    with pytest.raises(InvalidInput, match=f"Custom suffix is not allowed for {service}"):
        await root.call("CreateServiceLinkedRole", AWSServiceName=service, CustomSuffix="two")


@pytest.mark.parametrize(
    "arn",
    [
        "nothing-valid-in-here",
        "arn::b:::something/test-role",
        "arn:a::::something/test-role",
        "arn:a:::something/test-role",
        "arn:a:a::aaaaaaaaaa:",
    ],
)
async def test_what_is_no_arn_of_a_role(root: Caller, arn: str) -> None:
    with pytest.raises(ValidationError) as caught:
        await root.sts("AssumeRole", RoleArn=arn, RoleSessionName="one")
    assert caught.value.message == f"{arn} is invalid"


async def test_session_tags(root: Caller) -> None:
    document = policy(
        {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    )
    for name in ("first", "second"):
        await root.call("CreateRole", RoleName=name, AssumeRolePolicyDocument=document)
        await root.call("PutRolePolicy", RoleName=name, PolicyName="p", PolicyDocument=policy(allow("sts:*")))
    tags = [{"Key": "team", "Value": "red"}]

    async def assume(caller: Caller, name: str, **request: Any) -> Caller:
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        result = await caller.sts("AssumeRole", RoleArn=arn, RoleSessionName="one", **request)
        return caller.signing(result["Credentials"]["AccessKeyId"])

    with pytest.raises(InvalidParameterValue) as caught:
        await assume(root, "first", Tags=tags, TransitiveTagKeys=["other"])
    assert caught.value.message == "The specified transitive tag key must be included in the requested tags."
    with pytest.raises(InvalidParameterValue, match="Duplicate tag keys found"):
        await assume(root, "first", Tags=[*tags, {"Key": "TEAM", "Value": "x"}])
    first = await assume(root, "first", Tags=tags, TransitiveTagKeys=["Team"])
    for key in ("team", "TEAM"):
        with pytest.raises(InvalidParameterValue) as caught:
            await assume(first, "second", Tags=[{"Key": key, "Value": "blue"}])
        assert caught.value.message == (
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag"
            " key from the calling session."
        )


async def test_a_federation_token_without_anything_to_pack(root: Caller) -> None:
    bob = await root.user("bob", allow("sts:GetFederationToken"))
    assert (await bob.sts("GetFederationToken", Name="guest"))["PackedPolicySize"] == 0
