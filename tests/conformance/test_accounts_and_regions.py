"""Every account and every region has state of its own."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory

MINE, THEIRS = "123456789012", "210987654321"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def test_each_account_has_a_root_of_its_own(client: ClientFactory) -> None:
    for account in (MINE, THEIRS):
        who = client("sts", account=account).get_caller_identity()
        assert who["Account"] == account and who["Arn"] == f"arn:aws:iam::{account}:root"


def test_a_name_may_stand_in_both_accounts(client: ClientFactory) -> None:
    for account in (MINE, THEIRS):
        role = client("iam", account=account).create_role(RoleName="both", AssumeRolePolicyDocument=TRUST)
        assert role["Role"]["Arn"] == f"arn:aws:iam::{account}:role/both"
    client("iam", account=MINE).delete_role(RoleName="both")
    assert client("iam", account=THEIRS).get_role(RoleName="both")["Role"]["RoleName"] == "both"
    client("iam", account=THEIRS).delete_role(RoleName="both")


def test_buckets_are_the_world_s_but_their_content_is_not(client: ClientFactory) -> None:
    mine, theirs = client("s3", account=MINE), client("s3", account=THEIRS)
    mine.create_bucket(Bucket="one-world")
    mine.put_object(Bucket="one-world", Key="secret", Body=b"x")
    with pytest.raises(ClientError, match="BucketAlreadyExists"):
        theirs.create_bucket(Bucket="one-world")
    with pytest.raises(ClientError, match="AccessDenied"):
        theirs.get_object(Bucket="one-world", Key="secret")
    assert "one-world" not in [bucket["Name"] for bucket in theirs.list_buckets()["Buckets"]]
    mine.delete_object(Bucket="one-world", Key="secret")
    mine.delete_bucket(Bucket="one-world")


def test_regions_do_not_see_each_other(client: ClientFactory) -> None:
    east, west = client("logs", region="us-east-1"), client("logs", region="eu-west-1")
    west.create_log_group(logGroupName="/only/west")
    assert [g["arn"] for g in west.describe_log_groups(logGroupNamePrefix="/only")["logGroups"]] == [
        f"arn:aws:logs:eu-west-1:{MINE}:log-group:/only/west:*"
    ]
    assert east.describe_log_groups(logGroupNamePrefix="/only")["logGroups"] == []
    other = client("logs", region="eu-west-1", account=THEIRS)
    assert other.describe_log_groups(logGroupNamePrefix="/only")["logGroups"] == []
    west.delete_log_group(logGroupName="/only/west")


def test_a_policy_s_region_is_the_region_of_the_signature(client: ClientFactory) -> None:
    iam = client("iam")
    iam.create_user(UserName="westerner")
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sagemaker:ListEndpoints",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
            }
        ],
    }
    iam.put_user_policy(UserName="westerner", PolicyName="west", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName="westerner")["AccessKey"]
    keys = {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}
    assert client("sagemaker", region="eu-west-1", credentials=keys).list_endpoints()["Endpoints"] == []
    with pytest.raises(ClientError) as refused:
        client("sagemaker", region="us-east-1", credentials=keys).list_endpoints()
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert refused.value.response["Error"]["Message"] == (
        f"User: arn:aws:iam::{MINE}:user/westerner is not authorized to perform: sagemaker:ListEndpoints"
        " on resource: * because no identity-based policy allows the sagemaker:ListEndpoints action"
    )
    iam.delete_access_key(UserName="westerner", AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName="westerner", PolicyName="west")
    iam.delete_user(UserName="westerner")
