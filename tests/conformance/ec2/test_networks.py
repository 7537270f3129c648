"""A network for machines, as scripts and Terraform make it; and who may not."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory


@pytest.fixture(scope="module")
def ec2(client: ClientFactory) -> Any:
    return client("ec2")


def refused(call: Any, **request: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as raised:
        call(**request)
    response = raised.value.response
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    return response["Error"]["Code"], status, response["Error"]["Message"]


def test_a_network_from_nothing_to_nothing(ec2: Any) -> None:
    name = [{"Key": "Name", "Value": uuid.uuid4().hex}]
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": name}])[
        "Vpc"
    ]
    vpc_id = vpc["VpcId"]
    ec2.get_waiter("vpc_available").wait(VpcIds=[vpc_id])
    ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
    attribute = ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute="enableDnsHostnames")
    assert attribute["EnableDnsHostnames"] == {"Value": True}
    subnet = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.7.1.0/24")["Subnet"]
    ec2.get_waiter("subnet_available").wait(SubnetIds=[subnet["SubnetId"]])
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
    table = ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet["SubnetId"])["AssociationId"]
    group = ec2.create_security_group(GroupName="ssh", Description="ssh", VpcId=vpc_id)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
        ],
    )
    found = ec2.describe_security_groups(Filters=[{"Name": "ip-permission.from-port", "Values": ["22"]}])
    assert group in [item["GroupId"] for item in found["SecurityGroups"]]
    tagged = [{"Name": "tag:Name", "Values": [name[0]["Value"]]}]
    assert [item["VpcId"] for item in ec2.describe_vpcs(Filters=tagged)["Vpcs"]] == [vpc_id]
    pages = ec2.get_paginator("describe_subnets").paginate(PaginationConfig={"PageSize": 5})
    assert subnet["SubnetId"] in [item["SubnetId"] for page in pages for item in page["Subnets"]]
    assert refused(ec2.delete_vpc, VpcId=vpc_id)[:2] == ("DependencyViolation", 400)

    ec2.delete_security_group(GroupId=group)
    ec2.disassociate_route_table(AssociationId=association)
    ec2.delete_route_table(RouteTableId=table)
    ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    assert refused(ec2.delete_vpc, VpcId=vpc_id, DryRun=True)[:2] == ("DryRunOperation", 412)
    ec2.delete_vpc(VpcId=vpc_id)
    assert refused(ec2.delete_vpc, VpcId=vpc_id)[0] == "InvalidVpcID.NotFound"


def test_what_is_not_built_says_so(ec2: Any) -> None:
    code, status, message = refused(ec2.describe_nat_gateways)
    assert (code, status) == ("NotImplemented", 501) and "DescribeNatGateways" in message


def test_rights(client: ClientFactory, ec2: Any) -> None:
    iam, name = client("iam"), f"ec2-{uuid.uuid4().hex[:8]}"
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    allowed = {
        "Effect": "Allow",
        "Action": "ec2:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}},
    }
    tag_once = {
        "Effect": "Allow",
        "Action": ["ec2:CreateVpc", "ec2:CreateTags"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestTag/team": "red"}},
    }
    statements = [allowed, tag_once, {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    user = client("ec2", credentials={**key, "SessionToken": None})
    code, status, message = refused(user.create_vpc, CidrBlock="10.8.0.0/16")
    assert (code, status) == ("UnauthorizedOperation", 403)
    assert message.startswith(
        f"You are not authorized to perform this operation. User: {arn} is not authorized"
    )
    encoded = message.rpartition(": ")[2]
    decoded = json.loads(client("sts").decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert decoded["context"]["action"] == "ec2:CreateVpc"
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "team", "Value": "red"}]}]
    vpc = user.create_vpc(CidrBlock="10.8.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    foreign = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    assert {vpc, foreign} <= {item["VpcId"] for item in user.describe_vpcs()["Vpcs"]}
    assert refused(user.delete_vpc, VpcId=foreign)[0] == "UnauthorizedOperation"
    assert refused(user.delete_vpc, VpcId=foreign, DryRun=True)[0] == "UnauthorizedOperation"
    user.delete_vpc(VpcId=vpc)
    ec2.delete_vpc(VpcId=foreign)
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=name, PolicyName="p")
    iam.delete_user(UserName=name)
