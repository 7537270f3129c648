"""IAM through boto3."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


TRUST = document(
    {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
)


def code_and_message(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture
def iam(client: Any) -> Any:
    return client("iam")


@pytest.fixture
def name() -> str:
    return f"conformance-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def user(iam: Any, name: str) -> Iterator[str]:
    iam.create_user(UserName=name, Path="/conformance/")
    yield name
    for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=policy)
    for policy in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]:
        iam.detach_user_policy(UserName=name, PolicyArn=policy["PolicyArn"])
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)


@pytest.fixture
def role(iam: Any, name: str) -> Iterator[str]:
    iam.create_role(RoleName=name, Path="/conformance/", AssumeRolePolicyDocument=TRUST)
    yield name
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName=name)


def test_user(iam: Any, user: str) -> None:
    found = iam.get_user(UserName=user)["User"]
    assert found["Path"] == "/conformance/"
    assert found["Arn"].endswith(f":user/conformance/{user}")
    assert found["CreateDate"].tzinfo is not None
    with pytest.raises(ClientError) as caught:
        iam.create_user(UserName=user)
    assert code_and_message(caught) == ("EntityAlreadyExists", f"User with name {user} already exists.")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    names = [
        each["UserName"]
        for page in iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 1})
        for each in page["Users"]
    ]
    assert names.count(user) == 1


def test_nobody(iam: Any, name: str) -> None:
    with pytest.raises(iam.exceptions.NoSuchEntityException) as caught:
        iam.get_role(RoleName=name)
    assert code_and_message(caught) == ("NoSuchEntity", f"The role with name {name} cannot be found.")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_role_documents_come_back_as_they_went(iam: Any, role: str) -> None:
    found = iam.get_role(RoleName=role)["Role"]
    assert found["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert found["MaxSessionDuration"] == 3600
    iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=document(allow("s3:*")))
    shown = iam.get_role_policy(RoleName=role, PolicyName="own")
    assert shown["PolicyDocument"]["Statement"][0]["Action"] == "s3:*"
    with pytest.raises(ClientError) as caught:
        iam.delete_role(RoleName=role)
    assert code_and_message(caught) == ("DeleteConflict", "Cannot delete entity, must delete policies first.")


def test_lists_of_what_nothing_takes_are_empty(iam: Any, user: str) -> None:
    assert iam.list_signing_certificates(UserName=user)["Certificates"] == []
    assert iam.list_ssh_public_keys(UserName=user)["SSHPublicKeys"] == []
    assert iam.list_server_certificates()["ServerCertificateMetadataList"] == []
    with pytest.raises(ClientError) as caught:
        iam.upload_ssh_public_key(UserName=user, SSHPublicKeyBody="ssh-rsa AAAA")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_waiters(iam: Any, role: str, user: str) -> None:
    iam.get_waiter("role_exists").wait(RoleName=role)
    iam.get_waiter("user_exists").wait(UserName=user)
    with pytest.raises(WaiterError):
        iam.get_waiter("user_exists").wait(UserName=f"{user}-2", WaiterConfig={"MaxAttempts": 1})


def test_managed_policies(iam: Any, role: str, name: str) -> None:
    policy = iam.create_policy(PolicyName=name, PolicyDocument=document(allow("s3:ListBucket")))["Policy"]
    arn = policy["Arn"]
    try:
        assert policy["DefaultVersionId"] == "v1"
        iam.create_policy_version(
            PolicyArn=arn, PolicyDocument=document(allow("s3:GetObject")), SetAsDefault=True
        )
        versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
        assert [(each["VersionId"], each["IsDefaultVersion"]) for each in versions] == [
            ("v2", True),
            ("v1", False),
        ]
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
        iam.attach_role_policy(RoleName=role, PolicyArn=READ_ONLY)
        attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        assert {each["PolicyArn"] for each in attached} == {arn, READ_ONLY}
        assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
        with pytest.raises(ClientError) as caught:
            iam.delete_policy(PolicyArn=arn)
        assert code_and_message(caught) == ("DeleteConflict", "Cannot delete a policy attached to entities.")
    finally:
        iam.detach_role_policy(RoleName=role, PolicyArn=arn)
        iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
        iam.delete_policy(PolicyArn=arn)


def test_malformed_policy(iam: Any, user: str) -> None:
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException) as caught:
        iam.put_user_policy(
            UserName=user, PolicyName="p", PolicyDocument=document({"Effect": "Allow", "Resource": "*"})
        )
    assert code_and_message(caught)[1] == "Policy statement must contain actions."


def test_a_user_has_its_policies_rights_and_awss_refusal(client: Any, iam: Any, user: str) -> None:
    key = iam.create_access_key(UserName=user)["AccessKey"]
    credentials = {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}
    theirs = client("iam", credentials=credentials)
    with pytest.raises(ClientError) as caught:
        theirs.list_roles()
    arn = iam.get_user(UserName=user)["User"]["Arn"]
    account = arn.split(":")[4]
    assert code_and_message(caught) == (
        "AccessDenied",
        f"User: {arn} is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::{account}:role/"
        " because no identity-based policy allows the iam:ListRoles action",
    )
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    iam.put_user_policy(UserName=user, PolicyName="own", PolicyDocument=document(allow("iam:ListRoles")))
    theirs.list_roles()
    iam.update_access_key(UserName=user, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    with pytest.raises(ClientError) as inactive:
        theirs.list_roles()
    assert code_and_message(inactive)[0] == "InvalidClientTokenId"


def test_simulation(iam: Any, role: str) -> None:
    iam.put_role_policy(
        RoleName=role, PolicyName="own", PolicyDocument=document(allow("s3:GetObject", "arn:aws:s3:::b/*"))
    )
    arn = iam.get_role(RoleName=role)["Role"]["Arn"]
    results = iam.simulate_principal_policy(
        PolicySourceArn=arn,
        ActionNames=["s3:GetObject", "s3:PutObject"],
        ResourceArns=["arn:aws:s3:::b/k"],
    )["EvaluationResults"]
    assert [each["EvalDecision"] for each in results] == ["allowed", "implicitDeny"]


def test_a_context_entry_without_a_name_is_refused(iam: Any) -> None:
    with pytest.raises(ClientError) as error:
        iam.simulate_custom_policy(
            PolicyInputList=[document(allow("s3:*", "*"))],
            ActionNames=["s3:GetObject"],
            ContextEntries=[{"ContextKeyValues": ["a"]}],
        )
    assert error.value.response["Error"]["Code"] == "InvalidInput"


def test_a_scenario_of_ec2_is_not_simulated(iam: Any) -> None:
    with pytest.raises(ClientError) as error:
        iam.simulate_custom_policy(
            PolicyInputList=[document(allow("ec2:*", "*"))],
            ActionNames=["ec2:RunInstances"],
            ResourceHandlingOption="EC2-VPC-InstanceStore",
        )
    assert error.value.response["Error"]["Code"] == "NotImplemented"
