"""Users, groups, roles, instance profiles, policies: what AWS answers, and when it refuses."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import ManualClock
from sagehen.services.iam.errors import InvalidInput
from sagehen.services.iam.identities import service_linked_roles
from tests.unit.iam.conftest import ACCOUNT, Caller, allow, deny, policy, trust

DOCUMENT = policy(allow("s3:GetObject"))
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
LAMBDA_TRUST = trust({"Service": "lambda.amazonaws.com"})


async def refusal(caller: Caller, name: str, /, **request: Any) -> tuple[str, str]:
    """Return (code, message) of the error that an operation answers."""
    with pytest.raises(ServiceError) as caught:
        await caller.call(name, **request)
    return caught.value.code, caught.value.message


async def test_a_user_from_creation_to_deletion(root: Caller) -> None:
    made = await root.call("CreateUser", UserName="bob", Path="/team/", Tags=[{"Key": "a", "Value": "b"}])
    user = made["User"]
    assert user["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/team/bob"
    assert user["UserId"].startswith("AIDA")
    assert user["Tags"] == [{"Key": "a", "Value": "b"}]
    assert "PermissionsBoundary" not in user
    assert await root.call("GetUser", UserName="bob") == made
    assert await refusal(root, "CreateUser", UserName="BOB") == (
        "EntityAlreadyExists",
        "User with name BOB already exists.",
    )
    await root.call("UpdateUser", UserName="bob", NewUserName="robert", NewPath="/")
    assert (await root.call("GetUser", UserName="robert"))["User"]["UserId"] == user["UserId"]
    assert await refusal(root, "GetUser", UserName="bob") == (
        "NoSuchEntity",
        "The user with name bob cannot be found.",
    )
    await root.call("DeleteUser", UserName="robert")
    assert (await root.call("ListUsers"))["Users"] == []


async def test_a_user_is_not_deleted_while_something_hangs_on_it(root: Caller) -> None:
    await root.call("CreateUser", UserName="bob")
    await root.call("CreateGroup", GroupName="staff")
    await root.call("AttachUserPolicy", UserName="bob", PolicyArn=READ_ONLY)
    await root.call("PutUserPolicy", UserName="bob", PolicyName="p", PolicyDocument=DOCUMENT)
    key = (await root.call("CreateAccessKey", UserName="bob"))["AccessKey"]["AccessKeyId"]
    await root.call("AddUserToGroup", GroupName="staff", UserName="bob")
    cures: list[tuple[str, str, dict[str, str]]] = [
        ("must detach all policies first.", "DetachUserPolicy", {"PolicyArn": READ_ONLY}),
        ("must delete policies first.", "DeleteUserPolicy", {"PolicyName": "p"}),
        ("must delete access keys first.", "DeleteAccessKey", {"AccessKeyId": key}),
        ("must remove users from group first.", "RemoveUserFromGroup", {"GroupName": "staff"}),
    ]
    for text, name, request in cures:
        assert await refusal(root, "DeleteUser", UserName="bob") == (
            "DeleteConflict",
            f"Cannot delete entity, {text}",
        )
        await root.call(name, UserName="bob", **request)
    await root.call("DeleteUser", UserName="bob")


async def test_access_keys(root: Caller) -> None:
    bob = await root.user("bob", allow("iam:*AccessKey*"))
    second = (await bob.call("CreateAccessKey"))["AccessKey"]["AccessKeyId"]
    assert await refusal(bob, "CreateAccessKey") == (
        "LimitExceeded",
        "Cannot exceed quota for AccessKeysPerUser: 2",
    )
    await bob.call("UpdateAccessKey", AccessKeyId=second, Status="Inactive")
    key = root.iam.identities.signing_key(second)
    assert key is not None
    assert not key.active
    listed = (await bob.call("ListAccessKeys"))["AccessKeyMetadata"]
    assert sorted(key["Status"] for key in listed) == ["Active", "Inactive"]
    await bob.call("DeleteAccessKey", AccessKeyId=second)
    assert root.iam.identities.signing_key(second) is None
    assert await refusal(bob, "DeleteAccessKey", AccessKeyId=second) == (
        "NoSuchEntity",
        f"The Access Key with id {second} cannot be found.",
    )
    used = await root.call("GetAccessKeyLastUsed", AccessKeyId=bob.principal.access_key_id)
    assert used["AccessKeyLastUsed"]["ServiceName"] == "iam"


async def test_groups_grant_to_their_members(root: Caller) -> None:
    bob = await root.user("bob")
    with pytest.raises(AccessDenied):
        await bob.call("ListUsers")
    await root.call("CreateGroup", GroupName="admins")
    await root.call(
        "AttachGroupPolicy", GroupName="admins", PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess"
    )
    await root.call("AddUserToGroup", GroupName="admins", UserName="bob")
    assert [user["UserName"] for user in (await bob.call("ListUsers"))["Users"]] == ["bob"]
    assert (await root.call("GetGroup", GroupName="admins"))["Users"][0]["UserName"] == "bob"
    await root.call("RemoveUserFromGroup", GroupName="admins", UserName="bob")
    with pytest.raises(AccessDenied):
        await bob.call("ListUsers")


async def test_a_role_is_answered_with_its_document_encoded(root: Caller) -> None:
    await root.call(
        "CreateRole",
        RoleName="worker",
        Path="/jobs/",
        AssumeRolePolicyDocument=LAMBDA_TRUST,
        Description="does it",
        MaxSessionDuration=7200,
    )
    role = (await root.call("GetRole", RoleName="worker"))["Role"]
    assert role["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/jobs/worker"
    assert role["RoleId"].startswith("AROA")
    assert "%22" in role["AssumeRolePolicyDocument"]
    assert json.loads(unquote(role["AssumeRolePolicyDocument"])) == json.loads(LAMBDA_TRUST)
    assert (role["Description"], role["MaxSessionDuration"]) == ("does it", 7200)
    assert role["RoleLastUsed"] == {}
    await root.call("UpdateRole", RoleName="worker", MaxSessionDuration=3600)
    assert (await root.call("GetRole", RoleName="worker"))["Role"]["MaxSessionDuration"] == 3600
    assert await refusal(root, "GetRole", RoleName="nobody") == (
        "NoSuchEntity",
        "The role with name nobody cannot be found.",
    )


async def test_instance_profiles(root: Caller) -> None:
    await root.call("CreateRole", RoleName="worker", AssumeRolePolicyDocument=LAMBDA_TRUST)
    made = await root.call("CreateInstanceProfile", InstanceProfileName="box")
    assert made["InstanceProfile"]["Roles"] == []
    await root.call("AddRoleToInstanceProfile", InstanceProfileName="box", RoleName="worker")
    shown = await root.call("GetInstanceProfile", InstanceProfileName="box")
    assert shown["InstanceProfile"]["Roles"][0]["RoleName"] == "worker"
    listed = await root.call("ListInstanceProfilesForRole", RoleName="worker")
    assert listed["InstanceProfiles"][0]["InstanceProfileName"] == "box"
    for name, request in (
        ("DeleteRole", {"RoleName": "worker"}),
        ("DeleteInstanceProfile", {"InstanceProfileName": "box"}),
    ):
        assert await refusal(root, name, **request) == (
            "DeleteConflict",
            "Cannot delete entity, must remove roles from instance profile first.",
        )
    code, _ = await refusal(root, "AddRoleToInstanceProfile", InstanceProfileName="box", RoleName="worker")
    assert code == "LimitExceeded"
    await root.call("RemoveRoleFromInstanceProfile", InstanceProfileName="box", RoleName="worker")
    await root.call("DeleteInstanceProfile", InstanceProfileName="box")


async def test_adding_a_role_to_a_profile_is_passing_it(root: Caller) -> None:
    await root.call("CreateRole", RoleName="worker", AssumeRolePolicyDocument=LAMBDA_TRUST)
    await root.call("CreateInstanceProfile", InstanceProfileName="box")
    bob = await root.user("bob", allow("iam:AddRoleToInstanceProfile"))
    with pytest.raises(AccessDenied, match=r"iam:PassRole on resource: arn:aws:iam::\d+:role/worker "):
        await bob.call("AddRoleToInstanceProfile", InstanceProfileName="box", RoleName="worker")


async def test_policy_versions(root: Caller) -> None:
    arn = (await root.call("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT))["Policy"]["Arn"]
    for number in range(2, 6):
        made = await root.call(
            "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=DOCUMENT, SetAsDefault=number == 3
        )
        assert made["PolicyVersion"]["VersionId"] == f"v{number}"
    assert await refusal(root, "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=DOCUMENT) == (
        "LimitExceeded",
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an"
        " existing version.",
    )
    assert (await root.call("GetPolicy", PolicyArn=arn))["Policy"]["DefaultVersionId"] == "v3"
    assert await refusal(root, "DeletePolicyVersion", PolicyArn=arn, VersionId="v3") == (
        "DeleteConflict",
        "Cannot delete the default version of a policy.",
    )
    assert (await refusal(root, "DeletePolicy", PolicyArn=arn))[0] == "DeleteConflict"
    for version in ("v1", "v2", "v4", "v5"):
        await root.call("DeletePolicyVersion", PolicyArn=arn, VersionId=version)
    assert (await refusal(root, "SetDefaultPolicyVersion", PolicyArn=arn, VersionId="v1"))[
        0
    ] == "NoSuchEntity"
    await root.call("DeletePolicy", PolicyArn=arn)
    assert await refusal(root, "GetPolicy", PolicyArn=arn) == ("NoSuchEntity", f"Policy {arn} was not found.")


async def test_the_version_in_force_decides(root: Caller) -> None:
    bob = await root.user("bob")
    arn = (await root.call("CreatePolicy", PolicyName="p", PolicyDocument=policy(allow("iam:List*"))))[
        "Policy"
    ]["Arn"]
    await root.call("AttachUserPolicy", UserName="bob", PolicyArn=arn)
    await bob.call("ListUsers")
    await root.call(
        "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=policy(deny("iam:*")), SetAsDefault=True
    )
    with pytest.raises(AccessDenied, match=r"with an explicit deny in an identity-based policy$"):
        await bob.call("ListUsers")
    await root.call("SetDefaultPolicyVersion", PolicyArn=arn, VersionId="v1")
    await bob.call("ListUsers")


async def test_attachments(root: Caller) -> None:
    await root.call("CreateRole", RoleName="worker", AssumeRolePolicyDocument=LAMBDA_TRUST)
    await root.call("AttachRolePolicy", RoleName="worker", PolicyArn=READ_ONLY)
    await root.call("AttachRolePolicy", RoleName="worker", PolicyArn=READ_ONLY)  # twice is once
    listed = await root.call("ListAttachedRolePolicies", RoleName="worker")
    assert listed["AttachedPolicies"] == [{"PolicyName": "AmazonS3ReadOnlyAccess", "PolicyArn": READ_ONLY}]
    entities = await root.call("ListEntitiesForPolicy", PolicyArn=READ_ONLY)
    assert [role["RoleName"] for role in entities["PolicyRoles"]] == ["worker"]
    missing = f"arn:aws:iam::{ACCOUNT}:policy/none"
    assert await refusal(root, "AttachRolePolicy", RoleName="worker", PolicyArn=missing) == (
        "NoSuchEntity",
        f"Policy {missing} does not exist or is not attachable.",
    )
    await root.call("DetachRolePolicy", RoleName="worker", PolicyArn=READ_ONLY)
    assert await refusal(root, "DetachRolePolicy", RoleName="worker", PolicyArn=READ_ONLY) == (
        "NoSuchEntity",
        f"Policy {READ_ONLY} was not found.",
    )


async def test_a_boundary_bounds(root: Caller) -> None:
    bob = await root.user("bob", allow("*"))
    await root.call("PutUserPermissionsBoundary", UserName="bob", PermissionsBoundary=READ_ONLY)
    shown = (await root.call("GetUser", UserName="bob"))["User"]["PermissionsBoundary"]
    assert shown == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": READ_ONLY}
    with pytest.raises(AccessDenied) as caught:
        await bob.call("ListUsers")
    assert caught.value.message == (
        f"User: arn:aws:iam::{ACCOUNT}:user/bob is not authorized to perform: iam:ListUsers on resource:"
        f" arn:aws:iam::{ACCOUNT}:user/ because no permissions boundary allows the iam:ListUsers action"
    )
    await root.call("DeleteUserPermissionsBoundary", UserName="bob")
    await bob.call("ListUsers")


async def test_inline_policies_have_a_size(root: Caller) -> None:
    await root.call("CreateUser", UserName="bob")
    big = policy(allow([f"s3:Action{number}" for number in range(200)]))
    assert await refusal(root, "PutUserPolicy", UserName="bob", PolicyName="p", PolicyDocument=big) == (
        "LimitExceeded",
        "Maximum policy size of 2048 bytes exceeded for user bob",
    )
    assert (await root.call("ListUserPolicies", UserName="bob"))["PolicyNames"] == []
    assert await refusal(root, "GetUserPolicy", UserName="bob", PolicyName="p") == (
        "NoSuchEntity",
        "The user policy with name p cannot be found.",
    )


async def test_pages(root: Caller) -> None:
    for number in range(5):
        await root.call("CreateUser", UserName=f"user-{number}")
    first = await root.call("ListUsers", MaxItems=2)
    assert first["IsTruncated"]
    await root.call("DeleteUser", UserName="user-0")
    second = await root.call("ListUsers", MaxItems=2, Marker=first["Marker"])
    last = await root.call("ListUsers", MaxItems=2, Marker=second["Marker"])
    names = [user["UserName"] for page in (first, second, last) for user in page["Users"]]
    assert names == [f"user-{number}" for number in range(5)]
    assert not last["IsTruncated"]
    assert "Marker" not in last


async def test_accounts_do_not_see_one_another(root: Caller, other_root: Caller) -> None:
    await root.call("CreateUser", UserName="bob")
    assert (await other_root.call("ListUsers"))["Users"] == []
    assert (await refusal(other_root, "GetUser", UserName="bob"))[0] == "NoSuchEntity"


async def test_tags_are_conditions(root: Caller) -> None:
    only_red = allow("iam:*User*", Condition={"StringEquals": {"aws:RequestTag/team": "red"}})
    bob = await root.user("bob", only_red)
    await bob.call("CreateUser", UserName="red", Tags=[{"Key": "team", "Value": "red"}])
    with pytest.raises(AccessDenied):
        await bob.call("CreateUser", UserName="blue", Tags=[{"Key": "team", "Value": "blue"}])
    await root.call("TagUser", UserName="red", Tags=[{"Key": "Team", "Value": "green"}])
    assert (await root.call("ListUserTags", UserName="red"))["Tags"] == [{"Key": "Team", "Value": "green"}]
    await root.call("UntagUser", UserName="red", TagKeys=["team"])
    assert (await root.call("ListUserTags", UserName="red"))["Tags"] == []


async def test_what_is_made_for_a_user_is_a_right_on_that_user(root: Caller) -> None:
    red = {"Key": "team", "Value": "red"}
    await root.call("CreateUser", UserName="ann", Path="/team/", Tags=[red])
    await root.call("CreateUser", UserName="eve")
    on_team = f"arn:aws:iam::{ACCOUNT}:user/team/*"
    tagged = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    bob = await root.user("bob", allow("iam:CreateAccessKey", on_team, Condition=tagged))
    await bob.call("CreateAccessKey", UserName="ann")
    for name in ("eve", "bob"):
        with pytest.raises(AccessDenied):
            await bob.call("CreateAccessKey", UserName=name)


async def test_who_renames_needs_the_right_on_both_names(root: Caller) -> None:
    """As AWS's page on UpdateUser says."""
    team, boss = (f"arn:aws:iam::{ACCOUNT}:{kind}/*" for kind in ("user/team", "group/team"))
    bob = await root.user("bob", allow("iam:UpdateUser", team), allow("iam:UpdateGroup", boss))
    await root.call("CreateUser", UserName="ann", Path="/team/")
    await root.call("CreateGroup", GroupName="red", Path="/team/")
    with pytest.raises(AccessDenied):
        await bob.call("UpdateUser", UserName="ann", NewPath="/boss/")
    with pytest.raises(AccessDenied):
        await bob.call("UpdateGroup", GroupName="red", NewPath="/boss/")
    await bob.call("UpdateUser", UserName="ann", NewUserName="anna", NewPath="/team/red/")
    await bob.call("UpdateGroup", GroupName="red", NewGroupName="blue")
    arn = (await root.call("GetUser", UserName="anna"))["User"]["Arn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:user/team/red/anna"


@pytest.mark.parametrize(
    ("create", "tag", "request_"),
    [
        ("CreateVirtualMFADevice", "TagMFADevice", {"VirtualMFADeviceName": "phone"}),
        ("CreateOpenIDConnectProvider", "TagOpenIDConnectProvider", {"Url": "https://example.com"}),
        ("CreateSAMLProvider", "TagSAMLProvider", {"Name": "s", "SAMLMetadataDocument": "<none/>"}),
        ("CreateUser", "TagUser", {"UserName": "ann"}),
        ("CreatePolicy", "TagPolicy", {"PolicyName": "p", "PolicyDocument": DOCUMENT}),
    ],
)
async def test_who_tags_what_he_makes_needs_the_right_to_tag(
    root: Caller, create: str, tag: str, request_: dict[str, Any]
) -> None:
    red = {"StringEquals": {"aws:RequestTag/team": "red"}}
    maker = await root.user("maker", allow(f"iam:{create}"))
    tagger = await root.user("tagger", allow(f"iam:{create}"), allow(f"iam:{tag}", Condition=red))
    for caller, team, may in ((maker, "red", False), (tagger, "blue", False), (tagger, "red", True)):
        call = caller.call(create, **request_, Tags=[{"Key": "team", "Value": team}])
        if not may:
            with pytest.raises(AccessDenied, match=f"iam:{tag} on resource"):
                await call
        elif create == "CreateSAMLProvider":
            with pytest.raises(InvalidInput, match="Could not parse metadata"):
                await call
        else:
            await call


async def test_service_linked_roles(root: Caller) -> None:
    service = "sagemaker.application-autoscaling.amazonaws.com"
    role = (await root.call("CreateServiceLinkedRole", AWSServiceName=service))["Role"]
    assert role["RoleName"] == "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    assert role["Path"] == f"/aws-service-role/{service}/"
    code, _ = await refusal(root, "CreateServiceLinkedRole", AWSServiceName=service)
    assert code == "InvalidInput"
    assert (await refusal(root, "DeleteRole", RoleName=role["RoleName"]))[0] == "UnmodifiableEntity"
    task = (await root.call("DeleteServiceLinkedRole", RoleName=role["RoleName"]))["DeletionTaskId"]
    status = await root.call("GetServiceLinkedRoleDeletionStatus", DeletionTaskId=task)
    assert status == {"Status": "SUCCEEDED"}
    # Made again under its name, it is not the one that was deleted.
    await root.call("CreateServiceLinkedRole", AWSServiceName=service)
    assert (await root.call("GetServiceLinkedRoleDeletionStatus", DeletionTaskId=task)) == status
    code, _ = await refusal(root, "GetServiceLinkedRoleDeletionStatus", DeletionTaskId=f"{task[:-1]}!")
    assert code == "NoSuchEntity"


async def test_deletion_tasks_have_a_bound(
    root: Caller, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_linked_roles, "_TASKS_KEPT", 2)
    service, tasks = "sagemaker.application-autoscaling.amazonaws.com", []
    for _ in range(4):
        role = (await root.call("CreateServiceLinkedRole", AWSServiceName=service))["Role"]["RoleName"]
        tasks.append((await root.call("DeleteServiceLinkedRole", RoleName=role))["DeletionTaskId"])
        await clock.advance(1)
    for task in tasks[:2]:
        code, _ = await refusal(root, "GetServiceLinkedRoleDeletionStatus", DeletionTaskId=task)
        assert code == "NoSuchEntity"
    for task in tasks[2:]:
        await root.call("GetServiceLinkedRoleDeletionStatus", DeletionTaskId=task)


async def test_account(root: Caller) -> None:
    await root.call("CreateAccountAlias", AccountAlias="sage")
    assert (await root.call("ListAccountAliases"))["AccountAliases"] == ["sage"]
    await root.user("bob", allow("*"))
    assert (await root.call("GetAccountSummary"))["SummaryMap"]["Users"] == 1
    details = await root.call("GetAccountAuthorizationDetails", Filter=["User"])
    assert details["UserDetailList"][0]["UserPolicyList"][0]["PolicyName"] == "own"
    policies = (await root.call("ListPolicies", Scope="AWS", MaxItems=1000))["Policies"]
    assert "AdministratorAccess" in {policy["PolicyName"] for policy in policies}
    assert (await root.call("ListPolicies", Scope="Local"))["Policies"] == []
