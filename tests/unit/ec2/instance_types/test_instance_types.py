"""Instance types: described, filtered, found by what they must have."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.executors.hardware.instance_types import all_types
from sagehen.services.ec2.instance_types.description import described
from tests.unit.ec2.conftest import House

ANY: dict[str, Any] = {"VCpuCount": {"Min": 0}, "MemoryMiB": {"Min": 0}}


async def names(house: House, requirements: dict[str, Any], architecture: str = "x86_64") -> list[str]:
    answer = await house.call(
        "GetInstanceTypesFromInstanceRequirements",
        ArchitectureTypes=[architecture],
        VirtualizationTypes=["hvm"],
        InstanceRequirements=requirements,
    )
    return [item["InstanceType"] for item in answer["InstanceTypes"]]


def test_every_type_can_be_described() -> None:
    for kind in all_types():
        if not kind.name.startswith("ml."):
            shown = described(kind)
            assert ("GpuInfo" in shown or "NeuronInfo" in shown) == bool(kind.gpu), kind.name


@pytest.mark.parametrize(
    ("name", "architecture", "maker", "cores", "gpus"),
    [
        ("t3.micro", "x86_64", "Intel", 1, None),
        ("m6g.large", "arm64", "AWS", 2, None),
        ("c7a.xlarge", "x86_64", "AMD", 4, None),
        ("g6.xlarge", "x86_64", "AMD", 2, ("L4", 1, 24576)),
        ("p4de.24xlarge", "x86_64", "Intel", 48, ("A100", 8, 655360)),
        ("g4ad.8xlarge", "x86_64", "AMD", 16, ("Radeon Pro V520", 2, 16384)),
    ],
)
async def test_types(
    house: House, name: str, architecture: str, maker: str, cores: int, gpus: tuple[str, int, int] | None
) -> None:
    [shown] = (await house.call("DescribeInstanceTypes", InstanceTypes=[name]))["InstanceTypes"]
    assert shown["ProcessorInfo"] == {"SupportedArchitectures": [architecture], "Manufacturer": maker}
    assert shown["VCpuInfo"]["DefaultCores"] == cores
    info = shown.get("GpuInfo")
    found = info and (info["Gpus"][0]["Name"], info["Gpus"][0]["Count"], info["TotalGpuMemoryInMiB"])
    assert found == gpus


async def test_filters_and_pages(house: House) -> None:
    filters = [
        {"Name": "vcpu-info.default-vcpus", "Values": ["4"]},
        {"Name": "instance-type", "Values": ["g6*"]},
    ]
    found = (await house.call("DescribeInstanceTypes", Filters=filters))["InstanceTypes"]
    assert [item["InstanceType"] for item in found] == ["g6.xlarge", "g6e.xlarge"]
    seen, token = [], None
    while token or not seen:
        page = await house.call("DescribeInstanceTypes", NextToken=token)
        assert len(page["InstanceTypes"]) <= 100
        seen += [item["InstanceType"] for item in page["InstanceTypes"]]
        token = page["NextToken"]
    assert len(seen) == len(set(seen)) > 300


async def test_offerings(house: House) -> None:
    filters = [{"Name": "instance-type", "Values": ["g6.xlarge"]}]
    asked = {"LocationType": "availability-zone", "Filters": filters}
    found = (await house.call("DescribeInstanceTypeOfferings", **asked))["InstanceTypeOfferings"]
    assert [item["Location"] for item in found] == [f"us-east-1{letter}" for letter in "abcdef"]


@pytest.mark.parametrize(
    ("change", "some", "none"),
    [
        ({}, "m5.large", "t3.large"),
        ({"BurstablePerformance": "required"}, "t3.large", "m5.large"),
        ({"VCpuCount": {"Min": 4, "Max": 8}}, "m5.xlarge", "m5.large"),
        ({"MemoryMiB": {"Min": 16384}}, "m5.xlarge", "c5.xlarge"),
        ({"AcceleratorCount": {"Min": 1}}, "g4dn.xlarge", "m5.xlarge"),
        ({"AcceleratorCount": {"Max": 0}}, "m5.xlarge", "g4dn.xlarge"),
        ({"AcceleratorManufacturers": ["nvidia"]}, "g4dn.xlarge", "g4ad.xlarge"),
        ({"AcceleratorNames": ["l4"]}, "g6.xlarge", "g5.xlarge"),
        ({"AcceleratorTypes": ["inference"]}, "inf2.xlarge", "g5.xlarge"),
        ({"AcceleratorTotalMemoryMiB": {"Min": 40000}}, "g6e.xlarge", "g6.xlarge"),
        ({"CpuManufacturers": ["amd"]}, "m6a.large", "m6i.large"),
        ({"InstanceGenerations": ["previous"]}, "m4.large", "m5.large"),
        ({"ExcludedInstanceTypes": ["m5*"]}, "m6i.large", "m5.large"),
        ({"AllowedInstanceTypes": ["m5.*"]}, "m5.large", "m5d.large"),
        ({"MemoryGiBPerVCpu": {"Min": 8}}, "r5.large", "m5.large"),
    ],
)
async def test_requirements(house: House, change: dict[str, Any], some: str, none: str) -> None:
    found = await names(house, {**ANY, **change})
    assert some in found and none not in found


async def test_spot_prices_are_a_share_of_the_list(house: House) -> None:
    asked = {"InstanceTypes": ["g6.xlarge"], "ProductDescriptions": ["Linux/UNIX (Amazon VPC)"]}
    found = (await house.call("DescribeSpotPriceHistory", **asked))["SpotPriceHistory"]
    assert {item["SpotPrice"] for item in found} == {"0.241440"} and len(found) == 6
    asked["ProductDescriptions"] = ["Windows"]
    assert (await house.call("DescribeSpotPriceHistory", **asked))["SpotPriceHistory"] == []


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        ("DescribeInstanceTypes", {"InstanceTypes": ["z9.huge"]}, "InvalidInstanceType"),
        ("DescribeInstanceTypes", {"InstanceTypes": ["ml.m5.large"]}, "InvalidInstanceType"),
        ("DescribeInstanceTypes", {"MaxResults": 101}, "InvalidParameterValue"),
        ("DescribeInstanceTypeOfferings", {"LocationType": "outpost"}, "InvalidParameterValue"),
        ("DescribeSpotPriceHistory", {"InstanceTypes": ["z9.huge"]}, "InvalidInstanceType"),
    ],
)
async def test_refused(house: House, operation: str, request_: dict[str, Any], code: str) -> None:
    assert await house.refusal(operation, **request_) == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"VCpuCount": {"Min": 8, "Max": 4}}, "InvalidParameterValue"),
        ({"MemoryMiB": {}}, "InvalidParameterValue"),
        ({"NetworkBandwidthGbps": {"Min": 10}}, "NotImplemented"),
        ({"AllowedInstanceTypes": ["m5.*"], "ExcludedInstanceTypes": ["m5.large"]}, "InvalidParameterValue"),
    ],
)
async def test_no_requirements(house: House, change: dict[str, Any], code: str) -> None:
    refused = await house.refusal(
        "GetInstanceTypesFromInstanceRequirements",
        ArchitectureTypes=["x86_64"],
        VirtualizationTypes=["hvm"],
        InstanceRequirements={**ANY, **change},
    )
    assert refused == code
