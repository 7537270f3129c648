"""VPCs, subnets, gateways, route tables: what is refused, and what hangs on what."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.ec2.conftest import House


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        ("CreateVpc", {}, "MissingParameter"),
        ("CreateVpc", {"CidrBlock": "10.0.0.0/8"}, "InvalidVpc.Range"),
        ("CreateVpc", {"CidrBlock": "10.0.0.0/29"}, "InvalidVpc.Range"),
        ("CreateVpc", {"CidrBlock": "10.0.0.0"}, "InvalidParameterValue"),
        ("CreateVpc", {"CidrBlock": "x" * 100_000 + "/16"}, "InvalidParameterValue"),
        ("CreateVpc", {"CidrBlock": "10.0.0.0/16", "AmazonProvidedIpv6CidrBlock": True}, "NotImplemented"),
        ("DescribeVpcs", {"VpcIds": ["vpc-1"]}, "InvalidVpcID.Malformed"),
        ("DescribeVpcs", {"VpcIds": ["subnet-12345678"]}, "InvalidVpcID.Malformed"),
        ("DescribeVpcs", {"VpcIds": ["vpc-12345678"]}, "InvalidVpcID.NotFound"),
        ("DescribeVpcs", {"Filters": [{"Name": "nonsense", "Values": ["x"]}]}, "InvalidParameterValue"),
        ("DescribeVpcs", {"Filters": [{"Name": "state", "Values": ["x"] * 201}]}, "FilterLimitExceeded"),
        ("DescribeVpcs", {"MaxResults": 4}, "InvalidParameterValue"),
        ("DescribeVpcs", {"NextToken": "nonsense"}, "InvalidNextToken"),
        ("DescribeVpcs", {"VpcIds": ["vpc-12345678"], "MaxResults": 5}, "InvalidParameterCombination"),
        ("DeleteVpc", {"VpcId": "vpc-0123456789abcdef0"}, "InvalidVpcID.NotFound"),
        ("ModifyVpcAttribute", {"VpcId": "vpc-12345678"}, "InvalidParameterCombination"),
        ("CreateSubnet", {"VpcId": "vpc-12345678", "CidrBlock": "10.0.0.0/24"}, "InvalidVpcID.NotFound"),
        ("DeleteSubnet", {"SubnetId": "subnet-12345678"}, "InvalidSubnetID.NotFound"),
        ("DeleteInternetGateway", {"InternetGatewayId": "igw-12345678"}, "InvalidInternetGatewayID.NotFound"),
        ("DeleteRouteTable", {"RouteTableId": "rtb-12345678"}, "InvalidRouteTableID.NotFound"),
        ("DeleteRouteTable", {"RouteTableId": "x"}, "InvalidRouteTableId.Malformed"),
        ("DisassociateRouteTable", {"AssociationId": "rtbassoc-1"}, "InvalidAssociationID.NotFound"),
        ("DescribeNetworkAcls", {"NetworkAclIds": ["acl-12345678"]}, "InvalidNetworkAclID.NotFound"),
    ],
)
async def test_refused(house: House, operation: str, request_: dict[str, Any], code: str) -> None:
    assert await house.refusal(operation, **request_) == code


async def test_a_subnet_lies_in_its_vpc_and_over_no_other(house: House) -> None:
    vpc = await house.vpc()
    await house.subnet(vpc, "10.0.1.0/24", AvailabilityZone="us-east-1b")
    for cidr, code in (
        ("10.1.0.0/24", "InvalidSubnet.Range"),
        ("10.0.0.0/15", "InvalidSubnet.Range"),
        ("10.0.1.128/25", "InvalidSubnet.Conflict"),
    ):
        assert await house.refusal("CreateSubnet", VpcId=vpc, CidrBlock=cidr) == code
    where = {"VpcId": vpc, "CidrBlock": "10.0.2.0/24"}
    assert (
        await house.refusal("CreateSubnet", **where, AvailabilityZone="us-east-1z") == "InvalidParameterValue"
    )
    made = await house.call("CreateSubnet", **where, AvailabilityZoneId="use1-az3")
    assert made["Subnet"]["AvailabilityZone"] == "us-east-1c"
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "availability-zone", "Values": ["*b", "*d"]}]
    found = (await house.call("DescribeSubnets", Filters=filters))["Subnets"]
    assert [subnet["CidrBlock"] for subnet in found] == ["10.0.1.0/24"]


async def test_attributes(house: House) -> None:
    vpc = await house.vpc()
    asked = {"VpcId": vpc, "Attribute": "enableDnsHostnames"}
    assert (await house.call("DescribeVpcAttribute", **asked))["EnableDnsHostnames"] == {"Value": False}
    await house.call("ModifyVpcAttribute", VpcId=vpc, EnableDnsHostnames={"Value": True})
    assert (await house.call("DescribeVpcAttribute", **asked))["EnableDnsHostnames"] == {"Value": True}
    subnet = await house.subnet(vpc)
    await house.call("ModifySubnetAttribute", SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    change = {"SubnetId": subnet, "AssignIpv6AddressOnCreation": {"Value": True}}
    assert await house.refusal("ModifySubnetAttribute", **change) == "NotImplemented"
    [shown] = (await house.call("DescribeSubnets", SubnetIds=[subnet]))["Subnets"]
    assert shown["MapPublicIpOnLaunch"] is True


async def test_gateways_are_attached_once(house: House) -> None:
    vpc, other = await house.vpc(), await house.vpc("10.1.0.0/16")
    made = [
        (await house.call("CreateInternetGateway"))["InternetGateway"]["InternetGatewayId"] for _ in range(2)
    ]
    await house.call("AttachInternetGateway", InternetGatewayId=made[0], VpcId=vpc)
    again = {"InternetGatewayId": made[0], "VpcId": other}
    assert await house.refusal("AttachInternetGateway", **again) == "Resource.AlreadyAssociated"
    second = {"InternetGatewayId": made[1], "VpcId": vpc}
    assert await house.refusal("AttachInternetGateway", **second) == "InvalidParameterValue"
    assert await house.refusal("DetachInternetGateway", **second) == "Gateway.NotAttached"
    assert await house.refusal("DeleteInternetGateway", InternetGatewayId=made[0]) == "DependencyViolation"
    assert await house.refusal("DeleteVpc", VpcId=vpc) == "DependencyViolation"
    await house.call("DetachInternetGateway", InternetGatewayId=made[0], VpcId=vpc)
    await house.call("DeleteInternetGateway", InternetGatewayId=made[0])
    await house.call("DeleteVpc", VpcId=vpc)


async def test_routes_and_who_takes_them(house: House) -> None:
    vpc = await house.vpc()
    subnet = await house.subnet(vpc)
    table = (await house.call("CreateRouteTable", VpcId=vpc))["RouteTable"]["RouteTableId"]
    gateway = (await house.call("CreateInternetGateway"))["InternetGateway"]["InternetGatewayId"]
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    assert (
        await house.refusal("CreateRoute", **route, GatewayId="igw-12345678") == "InvalidGatewayID.NotFound"
    )
    assert await house.refusal("CreateRoute", **route, GatewayId=gateway) == "InvalidParameterValue"
    assert await house.refusal("CreateRoute", **route, NatGatewayId="nat-1") == "NotImplemented"
    assert await house.refusal("CreateRoute", **route) == "InvalidParameterCombination"
    await house.call("AttachInternetGateway", InternetGatewayId=gateway, VpcId=vpc)
    assert await house.refusal("ReplaceRoute", **route, GatewayId=gateway) == "InvalidParameterValue"
    await house.call("CreateRoute", **route, GatewayId=gateway)
    assert await house.refusal("CreateRoute", **route, GatewayId=gateway) == "RouteAlreadyExists"
    local = {"RouteTableId": table, "DestinationCidrBlock": "10.0.0.0/16"}
    assert await house.refusal("DeleteRoute", **local) == "InvalidParameterValue"
    association = (await house.call("AssociateRouteTable", RouteTableId=table, SubnetId=subnet))[
        "AssociationId"
    ]
    again = {"RouteTableId": table, "SubnetId": subnet}
    assert await house.refusal("AssociateRouteTable", **again) == "Resource.AlreadyAssociated"
    assert await house.refusal("DeleteRouteTable", RouteTableId=table) == "DependencyViolation"
    main = {"Name": "association.main", "Values": ["true"]}
    here = {"Name": "vpc-id", "Values": [vpc]}
    [former] = (await house.call("DescribeRouteTables", Filters=[main, here]))["RouteTables"]
    identifier = former["Associations"][0]["RouteTableAssociationId"]
    assert await house.refusal("DisassociateRouteTable", AssociationId=identifier) == "InvalidParameterValue"
    await house.call("ReplaceRouteTableAssociation", AssociationId=identifier, RouteTableId=table)
    [now] = (await house.call("DescribeRouteTables", Filters=[main, here]))["RouteTables"]
    assert now["RouteTableId"] == table
    await house.call("DisassociateRouteTable", AssociationId=association)
    await house.call("DeleteRoute", **route)
    assert await house.refusal("DeleteRoute", **route) == "InvalidRoute.NotFound"
