"""What a region holds before anybody has made anything."""

from __future__ import annotations

from sagehen.domain.scope import Scope
from tests.unit.ec2.conftest import House


async def test_a_region_has_a_vpc_ready_for_machines(house: House) -> None:
    [vpc] = (await house.call("DescribeVpcs"))["Vpcs"]
    assert (vpc["CidrBlock"], vpc["IsDefault"], vpc["State"]) == ("172.31.0.0/16", True, "available")
    subnets = (await house.call("DescribeSubnets"))["Subnets"]
    assert [subnet["AvailabilityZone"][-1] for subnet in subnets] == list("abcdef")
    assert [subnet["CidrBlock"] for subnet in subnets[:2]] == ["172.31.0.0/20", "172.31.16.0/20"]
    assert all(subnet["DefaultForAz"] and subnet["MapPublicIpOnLaunch"] for subnet in subnets)
    assert subnets[0]["AvailableIpAddressCount"] == 4091
    [table] = (await house.call("DescribeRouteTables"))["RouteTables"]
    [gateway] = (await house.call("DescribeInternetGateways"))["InternetGateways"]
    assert [route["GatewayId"] for route in table["Routes"]] == ["local", gateway["InternetGatewayId"]]
    assert table["Associations"][0]["Main"] is True
    [group] = (await house.call("DescribeSecurityGroups"))["SecurityGroups"]
    assert group["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"] == group["GroupId"]
    assert group["IpPermissionsEgress"][0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]
    [acl] = (await house.call("DescribeNetworkAcls"))["NetworkAcls"]
    assert [item["SubnetId"] for item in acl["Associations"]] == [subnet["SubnetId"] for subnet in subnets]
    [options] = (await house.call("DescribeDhcpOptions"))["DhcpOptions"]
    assert options["DhcpOptionsId"] == vpc["DhcpOptionsId"]


async def test_every_account_has_one_of_its_own_in_every_region(house: House) -> None:
    scopes = [
        Scope(account, region) for account in ("1" * 12, "2" * 12) for region in ("eu-west-1", "us-west-1")
    ]
    found = [(await house.call("DescribeVpcs", scope=scope))["Vpcs"] for scope in scopes]
    assert len({vpc["VpcId"] for vpcs in found for vpc in vpcs}) == 4
    zones = (await house.call("DescribeSubnets", scope=scopes[1]))["Subnets"]
    assert [zone["AvailabilityZoneId"] for zone in zones] == ["usw1-az1", "usw1-az3"]


async def test_a_default_vpc_stays_deleted_until_it_is_asked_for(house: House) -> None:
    [vpc] = (await house.call("DescribeVpcs"))["Vpcs"]
    assert await house.refusal("CreateDefaultVpc") == "DefaultVpcAlreadyExists"
    assert await house.refusal("DeleteVpc", VpcId=vpc["VpcId"]) == "DependencyViolation"
    subnets = (await house.call("DescribeSubnets"))["Subnets"]
    for subnet in subnets:
        await house.call("DeleteSubnet", SubnetId=subnet["SubnetId"])
    again = await house.call("CreateDefaultSubnet", AvailabilityZone="us-east-1c")
    assert (again["Subnet"]["CidrBlock"], again["Subnet"]["DefaultForAz"]) == ("172.31.0.0/20", True)
    code = await house.refusal("CreateDefaultSubnet", AvailabilityZone="us-east-1c")
    assert code == "DefaultSubnetAlreadyExistsInAvailabilityZone"
    await house.call("DeleteSubnet", SubnetId=again["Subnet"]["SubnetId"])
    [gateway] = (await house.call("DescribeInternetGateways"))["InternetGateways"]
    detached = {"InternetGatewayId": gateway["InternetGatewayId"], "VpcId": vpc["VpcId"]}
    await house.call("DetachInternetGateway", **detached)
    [table] = (await house.call("DescribeRouteTables"))["RouteTables"]
    assert [route["State"] for route in table["Routes"]] == ["active", "blackhole"]
    await house.call("DeleteVpc", VpcId=vpc["VpcId"])
    assert (await house.call("DescribeSecurityGroups"))["SecurityGroups"] == []
    assert (await house.call("DescribeSecurityGroupRules"))["SecurityGroupRules"] == []
    await house.ec2.reset()  # memory forgets; the rows say that the region has had its VPC
    assert (await house.call("DescribeVpcs"))["Vpcs"] == []
    assert await house.refusal("CreateSecurityGroup", GroupName="g", Description="d") == "VPCIdNotSpecified"
    made = await house.call("CreateDefaultVpc")
    assert made["Vpc"]["IsDefault"] is True
