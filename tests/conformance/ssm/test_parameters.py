"""Parameters over the wire: a secret under a key that only some may use, and the image that AWS publishes."""

from __future__ import annotations

import json
import uuid

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory


def test_a_secret_takes_the_right_to_its_key(client: ClientFactory) -> None:
    ssm, iam, name = client("ssm"), client("iam"), f"/test/{uuid.uuid4().hex[:8]}"
    assert ssm.put_parameter(Name=name, Value="s3cret", Type="SecureString")["Version"] == 1
    assert ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"] == "s3cret"
    with pytest.raises(ssm.exceptions.ParameterAlreadyExists):
        ssm.put_parameter(Name=name, Value="x", Type="SecureString")
    user = f"ssm-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=user)
    allow = {"Effect": "Allow", "Action": "ssm:*", "Resource": f"arn:aws:ssm:*:*:parameter{name}"}
    deny = {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow, deny]})
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    theirs = client("ssm", credentials={**key, "SessionToken": None})
    assert theirs.get_parameter(Name=name)["Parameter"]["Type"] == "SecureString"
    for request in ({"Name": name, "WithDecryption": True}, {"Name": "/elsewhere"}):
        with pytest.raises(ClientError) as raised:
            theirs.get_parameter(**request)
        assert raised.value.response["Error"]["Code"] == "AccessDeniedException"
    iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=user, PolicyName="p")
    iam.delete_user(UserName=user)
    ssm.delete_parameter(Name=name)
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name=name)


def test_the_latest_image_is_one_that_ec2_describes(client: ClientFactory) -> None:
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    found = client("ssm").get_parameter(Name=name)["Parameter"]
    assert found["DataType"] == "aws:ec2:image"
    [image] = client("ec2").describe_images(ImageIds=[found["Value"]])["Images"]
    assert image["Name"].startswith("al2023-ami-2023.") and image["OwnerId"] == "137112412989"
    pages = client("ssm").get_paginator("get_parameters_by_path")
    path = "/aws/service/ami-amazon-linux-latest"
    names = [item["Name"] for page in pages.paginate(Path=path) for item in page["Parameters"]]
    assert name in names and len(names) == len(set(names)) > 10
