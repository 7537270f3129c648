"""Network interfaces and Elastic IP addresses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.ec2.conftest import House


async def interface(house: House, **request: Any) -> dict[str, Any]:
    made: dict[str, Any] = (await house.call("CreateNetworkInterface", **request))["NetworkInterface"]
    return made


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"PrivateIpAddress": "10.0.0.3"}, "InvalidParameterValue"),
        ({"PrivateIpAddress": "10.0.0.15"}, "InvalidParameterValue"),
        ({"PrivateIpAddress": "10.0.1.9"}, "InvalidParameterValue"),
        ({"PrivateIpAddress": "nonsense"}, "InvalidParameterValue"),
        ({"PrivateIpAddress": "10.0.0.4"}, "InvalidIPAddress.InUse"),
        ({"SecondaryPrivateIpAddressCount": 11}, "InsufficientFreeAddressesInSubnet"),
        ({"SecondaryPrivateIpAddressCount": -1}, "InvalidParameterValue"),
        ({"Groups": ["sg-12345678"]}, "InvalidGroup.NotFound"),
        ({"Ipv6AddressCount": 1}, "NotImplemented"),
        ({"SubnetId": "subnet-12345678"}, "InvalidSubnetID.NotFound"),
    ],
)
async def test_no_interface(house: House, change: dict[str, Any], code: str) -> None:
    subnet = await house.subnet(await house.vpc(), "10.0.0.0/28")
    await interface(house, SubnetId=subnet)
    assert await house.refusal("CreateNetworkInterface", **{"SubnetId": subnet, **change}) == code


async def test_interfaces_take_addresses_of_their_subnet(house: House) -> None:
    vpc = await house.vpc()
    subnet = await house.subnet(vpc, "10.0.0.0/28")
    made = [await interface(house, SubnetId=subnet, SecondaryPrivateIpAddressCount=n) for n in (0, 2)]
    assert [item["PrivateIpAddress"] for item in made] == ["10.0.0.4", "10.0.0.5"]
    assert made[1]["PrivateDnsName"] == "ip-10-0-0-5.ec2.internal"
    [shown] = (await house.call("DescribeSubnets", SubnetIds=[subnet]))["Subnets"]
    assert shown["AvailableIpAddressCount"] == 11 - 4
    assert await house.refusal("DeleteSubnet", SubnetId=subnet) == "DependencyViolation"
    identifier = made[0]["NetworkInterfaceId"]
    group = await house.group(vpc)
    await house.call("ModifyNetworkInterfaceAttribute", NetworkInterfaceId=identifier, Groups=[group])
    asked = {"NetworkInterfaceId": identifier, "Attribute": "groupSet"}
    answer = await house.call("DescribeNetworkInterfaceAttribute", **asked)
    assert answer["Groups"] == [{"GroupId": group, "GroupName": "web"}]
    await house.call("DeleteNetworkInterface", NetworkInterfaceId=identifier)
    assert (await interface(house, SubnetId=subnet))["PrivateIpAddress"] == "10.0.0.4"


async def test_addresses_lead_where_they_are_told(house: House) -> None:
    [subnet, *_] = (await house.call("DescribeSubnets"))["Subnets"]
    one, two = [await interface(house, SubnetId=subnet["SubnetId"]) for _ in range(2)]
    address = await house.call("AllocateAddress", Domain="vpc")
    assert address["PublicIp"].startswith("127.")
    here = {"AllocationId": address["AllocationId"], "NetworkInterfaceId": one["NetworkInterfaceId"]}
    there = {"AllocationId": address["AllocationId"], "NetworkInterfaceId": two["NetworkInterfaceId"]}
    await house.call("AssociateAddress", **here)
    assert await house.refusal("AssociateAddress", **there) == "Resource.AlreadyAssociated"
    assert (
        await house.refusal("ReleaseAddress", AllocationId=address["AllocationId"])
        == "InvalidIPAddress.InUse"
    )
    association = (await house.call("AssociateAddress", **there, AllowReassociation=True))["AssociationId"]
    filters = [{"Name": "association.public-ip", "Values": [address["PublicIp"]]}]
    [found] = (await house.call("DescribeNetworkInterfaces", Filters=filters))["NetworkInterfaces"]
    assert found["NetworkInterfaceId"] == two["NetworkInterfaceId"]
    await house.call("DisassociateAddress", AssociationId=association)
    assert (
        await house.refusal("DisassociateAddress", AssociationId=association)
        == "InvalidAssociationID.NotFound"
    )
    await house.call("ReleaseAddress", PublicIp=address["PublicIp"])
    assert (await house.call("DescribeAddresses"))["Addresses"] == []


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        ("AllocateAddress", {"Domain": "standard"}, "InvalidParameterValue"),
        ("DescribeAddresses", {"AllocationIds": ["eipalloc-12345678"]}, "InvalidAllocationID.NotFound"),
        ("DescribeAddresses", {"PublicIps": ["1.2.3.4"]}, "InvalidAddress.NotFound"),
        ("ReleaseAddress", {}, "MissingParameter"),
        ("AssociateAddress", {"AllocationId": "eipalloc-12345678"}, "MissingParameter"),
        ("AssociateAddress", {"InstanceId": "i-12345678", "PublicIp": "1.2.3.4"}, "InvalidAddress.NotFound"),
        ("DeleteNetworkInterface", {"NetworkInterfaceId": "x"}, "InvalidNetworkInterfaceId.Malformed"),
    ],
)
async def test_refused(house: House, operation: str, request_: dict[str, Any], code: str) -> None:
    assert await house.refusal(operation, **request_) == code
