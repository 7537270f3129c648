"""Images by the names, owners and parameters that people search for."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.domain.scope import Scope
from tests.unit.ec2.conftest import SCOPE, House


async def found(house: House, owner: str, name: str, architecture: str = "x86_64") -> list[dict[str, Any]]:
    filters = [{"Name": "name", "Values": [name]}, {"Name": "architecture", "Values": [architecture]}]
    images = (await house.call("DescribeImages", Owners=[owner], Filters=filters))["Images"]
    return sorted(images, key=lambda image: str(image["CreationDate"]))


@pytest.mark.parametrize(
    ("owner", "name", "architecture"),
    [
        ("amazon", "al2023-ami-2023.*-kernel-6.1-x86_64", "x86_64"),
        ("137112412989", "al2023-ami-2023*", "arm64"),
        ("amazon", "amzn2-ami-hvm-*-x86_64-gp2", "x86_64"),
        ("amazon", "amzn2-ami-kernel-5.10-hvm-*", "x86_64"),
        ("099720109477", "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*", "x86_64"),
        ("099720109477", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-*", "arm64"),
        ("099720109477", "ubuntu/images/hvm-ssd/ubuntu-focal-20.04-amd64-server-*", "x86_64"),
        ("136693071363", "debian-12-amd64-*", "x86_64"),
        ("amazon", "Deep Learning OSS Nvidia Driver AMI GPU PyTorch ?.? (Ubuntu 22.04) *", "x86_64"),
        ("amazon", "Deep Learning Base OSS Nvidia Driver GPU AMI (Amazon Linux 2023) *", "x86_64"),
        ("898082745236", "Deep Learning AMI Neuron (Ubuntu 22.04) ????????", "x86_64"),
    ],
)
async def test_what_people_search_for(house: House, owner: str, name: str, architecture: str) -> None:
    images = await found(house, owner, name, architecture)
    assert images and images[-1]["State"] == "available" and images[-1]["RootDeviceType"] == "ebs"
    [again] = (await house.call("DescribeImages", ImageIds=[images[-1]["ImageId"]]))["Images"]
    assert again == images[-1]


async def test_ids_are_of_a_region_and_stay(house: House) -> None:
    elsewhere = Scope(SCOPE.account_id, "eu-west-1")
    here = (await house.call("DescribeImages"))["Images"]
    there = (await house.call("DescribeImages", scope=elsewhere))["Images"]
    assert [image["Name"] for image in here] == [image["Name"] for image in there]
    ids = {image["ImageId"] for image in (*here, *there)}
    assert len(ids) == 2 * len(here)
    # Written down by scripts: another release of ours must not change it.
    [noble] = [image for image in here if image["Name"].endswith("noble-24.04-amd64-server-20250610")]
    assert noble["ImageId"] == "ami-452eabe591ece82d5"
    refused = await house.refusal("DescribeImages", ImageIds=[there[0]["ImageId"]])
    assert refused == "InvalidAMIID.NotFound"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"ImageIds": ["ami-12345678"]}, "InvalidAMIID.NotFound"),
        ({"ImageIds": ["nonsense"]}, "InvalidAMIID.Malformed"),
        ({"Owners": ["nobody"]}, "InvalidUserID.Malformed"),
        ({"Filters": [{"Name": "colour", "Values": ["red"]}]}, "InvalidParameterValue"),
    ],
)
async def test_refused(house: House, request_: dict[str, Any], code: str) -> None:
    assert await house.refusal("DescribeImages", **request_) == code


async def test_nobody_has_images_of_his_own_yet(house: House) -> None:
    assert (await house.call("DescribeImages", Owners=["self"]))["Images"] == []
    assert (await house.call("DescribeImages", ExecutableUsers=["self"]))["Images"] == []


async def test_parameters_name_the_latest(house: House) -> None:
    parameters = house.ec2.public_parameters.all("us-east-1")
    assert list(parameters) == sorted(parameters)
    images = await found(house, "amazon", "al2023-ami-2023.*-kernel-6.1-arm64", "arm64")
    latest = parameters["/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"]
    assert (latest.value, latest.data_type) == (images[-1]["ImageId"], "aws:ec2:image")
    base = "/aws/service/canonical/ubuntu/server"
    noble = await found(house, "099720109477", "*ubuntu-noble-24.04-amd64-server-*")
    for name in ("24.04/stable/current", "noble/stable/current", "24.04/stable/20250610"):
        assert parameters[f"{base}/{name}/amd64/hvm/ebs-gp3/ami-id"].value == noble[-1]["ImageId"]
    assert parameters[f"{base}/24.04/stable/20250204/amd64/hvm/ebs-gp3/ami-id"].value == noble[0]["ImageId"]
    learning = (
        "/aws/service/deeplearning/ami/x86_64/oss-nvidia-driver-gpu-pytorch-2.7-ubuntu-22.04/latest/ami-id"
    )
    assert parameters[learning].value.startswith("ami-")
