"""STS through boto3, and what its sessions may do."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def account(client: Any) -> str:
    return str(client("sts").get_caller_identity()["Account"])


@pytest.fixture
def role_arn(client: Any, account: str) -> Iterator[str]:
    iam, name = client("iam"), f"conformance-{uuid.uuid4().hex[:12]}"
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
            "Action": "sts:AssumeRole",
        },
    }
    policy = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"},
    }
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy))
    yield made["Role"]["Arn"]
    iam.delete_role_policy(RoleName=name, PolicyName="own")
    iam.delete_role(RoleName=name)


@pytest.fixture
def user(client: Any) -> Iterator[dict[str, str]]:
    """A user's keys; it may assume any role and list users."""
    iam, name = client("iam"), f"conformance-{uuid.uuid4().hex[:12]}"
    iam.create_user(UserName=name)
    policy = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": ["sts:AssumeRole", "iam:ListUsers"], "Resource": "*"},
    }
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    yield {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=name, PolicyName="own")
    iam.delete_user(UserName=name)


def test_caller_identity(client: Any, account: str) -> None:
    identity = client("sts").get_caller_identity()
    assert identity["Arn"].startswith(f"arn:aws:iam::{account}:")


def test_a_session_of_a_role(client: Any, account: str, role_arn: str, user: dict[str, str]) -> None:
    sts = client("sts", credentials=user)
    answer = sts.assume_role(RoleArn=role_arn, RoleSessionName="one")
    name = role_arn.rpartition("/")[2]
    arn = f"arn:aws:sts::{account}:assumed-role/{name}/one"
    assert answer["AssumedRoleUser"]["Arn"] == arn
    credentials = answer["Credentials"]
    assert credentials["AccessKeyId"].startswith("ASIA")
    assert 3500 < (credentials["Expiration"] - datetime.now(UTC)).total_seconds() <= 3600
    assert client("sts", credentials=credentials).get_caller_identity()["Arn"] == arn
    iam = client("iam", credentials=credentials)
    iam.list_users()
    with pytest.raises(ClientError) as caught:
        iam.get_role(RoleName=name)
    assert caught.value.response["Error"]["Message"] == (
        f"User: {arn} is not authorized to perform: iam:GetRole on resource: {role_arn}"
        " because no identity-based policy allows the iam:GetRole action"
    )


def test_a_wrong_token_is_no_session(client: Any, role_arn: str, user: dict[str, str]) -> None:
    sts = client("sts", credentials=user)
    credentials = sts.assume_role(RoleArn=role_arn, RoleSessionName="one")["Credentials"]
    forged = {**credentials, "SessionToken": credentials["SessionToken"][::-1]}
    with pytest.raises(ClientError) as caught:
        client("sts", credentials=forged).get_caller_identity()
    assert caught.value.response["Error"]["Code"] == "InvalidClientTokenId"


def test_a_session_policy_narrows(client: Any, role_arn: str, user: dict[str, str]) -> None:
    narrow = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"},
    }
    sts = client("sts", credentials=user)
    answer = sts.assume_role(RoleArn=role_arn, RoleSessionName="one", Policy=json.dumps(narrow))
    assert answer["PackedPolicySize"] > 0
    with pytest.raises(ClientError) as caught:
        client("iam", credentials=answer["Credentials"]).list_users()
    assert "because no session policy allows the iam:ListUsers action" in str(caught.value)


def test_a_role_that_does_not_trust(client: Any, account: str, user: dict[str, str]) -> None:
    arn = f"arn:aws:iam::{account}:role/none-of-that-name"
    with pytest.raises(ClientError) as caught:
        client("sts", credentials=user).assume_role(RoleArn=arn, RoleSessionName="one")
    error = caught.value.response["Error"]
    assert error["Code"] == "AccessDenied"
    assert error["Message"].endswith(f"is not authorized to perform: sts:AssumeRole on resource: {arn}")


def test_session_token(client: Any, user: dict[str, str]) -> None:
    credentials = client("sts", credentials=user).get_session_token()["Credentials"]
    identity = client("sts", credentials=credentials).get_caller_identity()
    assert identity["Arn"] == client("sts", credentials=user).get_caller_identity()["Arn"]
    with pytest.raises(ClientError):
        client("iam", credentials=credentials).list_users()


def test_a_code_of_no_device_opens_nothing(client: Any, user: dict[str, str], role_arn: str) -> None:
    sts = client("sts", credentials=user)
    code = {"SerialNumber": "arn:aws:iam::123456789012:mfa/none", "TokenCode": "123456"}
    for call in (
        lambda: sts.assume_role(RoleArn=role_arn, RoleSessionName="with-code", **code),
        lambda: sts.get_session_token(**code),
    ):
        with pytest.raises(ClientError, match="unable to validate MFA code") as error:
            call()
        assert error.value.response["Error"]["Code"] == "AccessDenied"
    with pytest.raises(ClientError, match="must provide both MFA serial number and one time pass code"):
        sts.get_session_token(TokenCode="123456")
