"""Filters, pages, tags and dry runs: the same for every kind."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.ec2.resources.filters import select
from sagehen.services.ec2.resources.wildcards import matcher
from tests.unit.ec2.conftest import House


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("web", "web", True),
        ("web", "Web", False),
        ("w*b", "web-db", True),
        ("*", "", True),
        ("?", "", False),
        ("a?c", "abc", True),
        ("*a*b", "xxaxxbx", False),
        ("*a*b", "xxaxxb", True),
        (r"\*", "*", True),
        (r"\*", "x", False),
        ("back\\", "back\\", True),
        ("**", "anything", True),
    ],
)
def test_wildcards(pattern: str, text: str, matches: bool) -> None:
    assert matcher(pattern)(text) is matches


def test_a_hostile_pattern_takes_no_longer_than_its_length_allows() -> None:
    # Backtracking would not come back from this.
    assert not matcher("a*" * 100 + "b")("a" * 255)


THINGS: list[dict[str, Any]] = [
    {
        "Id": "1",
        "On": True,
        "Parts": [{"Name": "a"}, {"Name": "b"}],
        "Tags": [{"Key": "team", "Value": "red"}],
    },
    {"Id": "2", "On": False, "Parts": [], "Tags": []},
]


@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        ("id", ["1", "2"], ["1", "2"]),
        ("on", ["true"], ["1"]),
        ("part", ["b"], ["1"]),
        ("tag:team", ["r*"], ["1"]),
        ("tag:team", ["blue"], []),
        ("tag-key", ["team"], ["1"]),
    ],
)
def test_filters(name: str, values: list[str], found: list[str]) -> None:
    table = {"id": "Id", "on": "On", "part": "Parts.Name"}
    assert [item["Id"] for item in select(THINGS, [{"Name": name, "Values": values}], table)] == found


async def test_pages(house: House) -> None:
    made = [await house.subnet(await house.vpc(), f"10.0.{n}.0/24") for n in range(7)]
    filters = [{"Name": "cidr-block", "Values": ["10.*"]}]
    first = await house.call("DescribeSubnets", Filters=filters, MaxResults=5)
    await house.call("DeleteSubnet", SubnetId=made[4])  # the last one that was shown: nothing is shown twice
    second = await house.call("DescribeSubnets", Filters=filters, MaxResults=5, NextToken=first["NextToken"])
    assert [item["SubnetId"] for answer in (first, second) for item in answer["Subnets"]] == made
    assert second["NextToken"] is None


async def test_tags(house: House) -> None:
    tags = [{"Key": "team", "Value": "red"}, {"Key": "Name", "Value": ""}]
    vpc = await house.vpc(TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}])
    subnet = await house.subnet(vpc)
    await house.call("CreateTags", Resources=[vpc, subnet], Tags=[{"Key": "team", "Value": "blue"}])
    found = (await house.call("DescribeTags"))["Tags"]
    assert [(tag["ResourceType"], tag["Key"], tag["Value"]) for tag in found] == [
        ("vpc", "Name", ""),
        ("vpc", "team", "blue"),
        ("subnet", "team", "blue"),
    ]
    only = [{"Name": "resource-type", "Values": ["subnet"]}, {"Name": "tag:team", "Values": ["blue"]}]
    assert len((await house.call("DescribeTags", Filters=only))["Tags"]) == 1
    await house.call("DeleteTags", Resources=[vpc], Tags=[{"Key": "team", "Value": "red"}])
    await house.call("DeleteTags", Resources=[subnet], Tags=[{"Key": "team"}])
    found = (await house.call("DescribeTags"))["Tags"]
    assert [(tag["ResourceId"], tag["Key"]) for tag in found] == [(vpc, "Name"), (vpc, "team")]
    assert house.ec2.resource_tags(f"arn:aws:ec2:us-east-1:123456789012:vpc/{vpc}")["team"] == "blue"


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([{"Key": "aws:mine", "Value": ""}], "InvalidParameterValue"),
        ([{"Key": "k" * 129, "Value": ""}], "InvalidParameterValue"),
        ([{"Key": "", "Value": ""}], "InvalidParameterValue"),
        ([{"Key": "k", "Value": "v" * 257}], "InvalidParameterValue"),
        ([{"Key": "k"}, {"Key": "k"}], "InvalidParameterValue"),
        ([{"Key": str(n)} for n in range(51)], "TagLimitExceeded"),
        ([], "MissingParameter"),
    ],
)
async def test_no_tags(house: House, tags: list[dict[str, str]], code: str) -> None:
    [vpc] = (await house.call("DescribeVpcs"))["Vpcs"]
    assert await house.refusal("CreateTags", Resources=[vpc["VpcId"]], Tags=tags) == code


async def test_what_cannot_be_tagged(house: House) -> None:
    tags = [{"Key": "a", "Value": "b"}]
    assert await house.refusal("CreateTags", Resources=["nonsense"], Tags=tags) == "InvalidID"
    [vpc] = (await house.call("DescribeVpcs"))["Vpcs"]
    pair = [vpc["VpcId"], "subnet-12345678"]
    assert await house.refusal("CreateTags", Resources=pair, Tags=tags) == "InvalidSubnetID.NotFound"
    assert (await house.call("DescribeTags"))["Tags"] == []
    wrong = [{"ResourceType": "subnet", "Tags": tags}]
    refused = await house.refusal("CreateVpc", CidrBlock="10.0.0.0/16", TagSpecifications=wrong)
    assert refused == "InvalidParameterValue"


async def test_a_dry_run_leaves_nothing_behind(house: House) -> None:
    assert await house.refusal("DescribeVpcs", DryRun=True) == "DryRunOperation"
    assert await house.refusal("CreateVpc", CidrBlock="10.0.0.0/16", DryRun=True) == "DryRunOperation"
    assert await house.refusal("CreateVpc", CidrBlock="10.0.0.0/8", DryRun=True) == "InvalidVpc.Range"
    assert await house.refusal("DeleteVpc", VpcId="vpc-12345678", DryRun=True) == "InvalidVpcID.NotFound"
    [vpc] = (await house.call("DescribeVpcs"))["Vpcs"]
    tags = {"Resources": [vpc["VpcId"]], "Tags": [{"Key": "a", "Value": "b"}]}
    assert await house.refusal("CreateTags", DryRun=True, **tags) == "DryRunOperation"
    [after] = (await house.call("DescribeVpcs"))["Vpcs"]
    assert after == vpc
