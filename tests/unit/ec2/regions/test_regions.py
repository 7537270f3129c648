"""Regions, zones, attributes of the account."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.ec2.conftest import House


async def test_regions(house: House) -> None:
    enabled = (await house.call("DescribeRegions"))["Regions"]
    assert len(enabled) == 17 and {item["OptInStatus"] for item in enabled} == {"opt-in-not-required"}
    assert len((await house.call("DescribeRegions", AllRegions=True))["Regions"]) > 30
    [one] = (await house.call("DescribeRegions", RegionNames=["eu-west-1"]))["Regions"]
    assert one["Endpoint"] == "ec2.eu-west-1.amazonaws.com"
    filters = [{"Name": "region-name", "Values": ["us-*"]}]
    assert len((await house.call("DescribeRegions", Filters=filters))["Regions"]) == 4


async def test_zones(house: House) -> None:
    zones = (await house.call("DescribeAvailabilityZones", ZoneNames=["us-east-1b"]))["AvailabilityZones"]
    assert [(zone["ZoneId"], zone["ZoneType"]) for zone in zones] == [("use1-az2", "availability-zone")]


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        ("DescribeRegions", {"RegionNames": ["mars-1"]}, "InvalidParameterValue"),
        ("DescribeAvailabilityZones", {"ZoneNames": ["eu-west-1a"]}, "InvalidParameterValue"),
        ("DescribeAccountAttributes", {"AttributeNames": ["x"]}, "InvalidParameterValue"),
    ],
)
async def test_refused(house: House, operation: str, request_: dict[str, Any], code: str) -> None:
    assert await house.refusal(operation, **request_) == code


async def test_the_account_knows_its_default_vpc(house: House) -> None:
    [vpc] = (await house.call("DescribeVpcs"))["Vpcs"]
    answer = await house.call("DescribeAccountAttributes", AttributeNames=["default-vpc"])
    assert answer["AccountAttributes"][0]["AttributeValues"] == [{"AttributeValue": vpc["VpcId"]}]
