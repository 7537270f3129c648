"""Launch templates: versions, which of them is meant, what is warned of, what is refused."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.ec2.conftest import House

DATA = {"InstanceType": "m5.large"}


async def made(house: House, name: str = "web", **request: Any) -> dict[str, Any]:
    wanted = {"LaunchTemplateName": name, "LaunchTemplateData": DATA, **request}
    answer: dict[str, Any] = await house.call("CreateLaunchTemplate", **wanted)
    return answer


async def versions(house: House, **request: Any) -> list[int]:
    asked = {"LaunchTemplateName": "web", **request}
    answer = await house.call("DescribeLaunchTemplateVersions", **asked)
    return [item["VersionNumber"] for item in answer["LaunchTemplateVersions"]]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"LaunchTemplateName": "ab"}, "InvalidLaunchTemplateName.MalformedException"),
        ({"LaunchTemplateName": "a b c"}, "InvalidLaunchTemplateName.MalformedException"),
        ({"LaunchTemplateName": "taken"}, "InvalidLaunchTemplateName.AlreadyExistsException"),
        ({"LaunchTemplateData": {"UserData": "%%%"}}, "InvalidUserData.Malformed"),
        (
            {"LaunchTemplateData": {"UserData": base64.b64encode(b"x" * 16385).decode()}},
            "InvalidParameterValue",
        ),
        (
            {"LaunchTemplateData": {**DATA, "InstanceRequirements": {"VCpuCount": {"Min": 1}}}},
            "InvalidParameterCombination",
        ),
        (
            {"LaunchTemplateData": {"NetworkInterfaces": [{"DeviceIndex": 0}], "SecurityGroupIds": ["sg-1"]}},
            "InvalidParameterCombination",
        ),
        ({"VersionDescription": "d" * 256}, "InvalidParameterValue"),
        ({"Operator": {"Principal": "x"}}, "NotImplemented"),
    ],
)
async def test_not_made(house: House, change: dict[str, Any], code: str) -> None:
    await made(house, "taken")
    request = {"LaunchTemplateName": "web", "LaunchTemplateData": DATA, **change}
    assert await house.refusal("CreateLaunchTemplate", **request) == code


async def test_versions(house: House) -> None:
    template = (await made(house))["LaunchTemplate"]
    assert (template["DefaultVersionNumber"], template["LatestVersionNumber"]) == (1, 1)
    of = {"LaunchTemplateId": template["LaunchTemplateId"]}
    data = {
        "KeyName": "mine",
        "InstanceMarketOptions": {"SpotOptions": {"ValidUntil": datetime(2027, 1, 1, tzinfo=UTC)}},
    }
    second = await house.call("CreateLaunchTemplateVersion", **of, SourceVersion="1", LaunchTemplateData=data)
    shown = second["LaunchTemplateVersion"]
    assert (shown["VersionNumber"], shown["DefaultVersion"]) == (2, False)
    assert shown["LaunchTemplateData"]["InstanceType"] == "m5.large"  # of the first version
    valid = shown["LaunchTemplateData"]["InstanceMarketOptions"]["SpotOptions"]["ValidUntil"]
    assert valid == "2027-01-01T00:00:00.000Z"
    assert [item["Code"] for item in second["Warning"]["Errors"]] == ["InvalidKeyPair.NotFound"]
    await house.call("CreateLaunchTemplateVersion", **of, LaunchTemplateData={"InstanceType": "m5.xlarge"})
    assert await versions(house) == [3, 2, 1]
    assert await versions(house, Versions=["$Latest", "$Default"]) == [3, 1]
    assert await versions(house, MinVersion="2", MaxVersion="2") == [2]
    filters = [{"Name": "instance-type", "Values": ["m5.large"]}]
    assert await versions(house, Filters=filters) == [2, 1]
    first = await house.call("DescribeLaunchTemplateVersions", **of, MaxResults=2)
    assert await versions(house, MaxResults=2, NextToken=first["NextToken"]) == [1]
    await house.call("ModifyLaunchTemplate", **of, DefaultVersion="2")
    gone = await house.call("DeleteLaunchTemplateVersions", **of, Versions=["1", "2", "3", "9"])
    assert [item["VersionNumber"] for item in gone["SuccessfullyDeletedLaunchTemplateVersions"]] == [1, 3]
    kept = gone["UnsuccessfullyDeletedLaunchTemplateVersions"]
    assert [(item["VersionNumber"], item["ResponseError"]["Code"]) for item in kept] == [
        (2, "unexpectedError"),
        (9, "launchTemplateVersionDoesNotExist"),
    ]
    assert await versions(house, Versions=["$Latest"]) == [2]
    more = await house.call("CreateLaunchTemplateVersion", **of, LaunchTemplateData=DATA)
    assert more["LaunchTemplateVersion"]["VersionNumber"] == 4  # numbers are not given twice
    await house.call("DeleteLaunchTemplate", **of)
    assert (await house.call("DescribeLaunchTemplates"))["LaunchTemplates"] == []
    assert await house.refusal("DeleteLaunchTemplate", **of) == "InvalidLaunchTemplateId.NotFound"


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        ({"InstanceType": "z9.huge"}, ["InvalidParameterValue"]),
        ({"ImageId": "ami-12345678"}, ["InvalidAMIID.NotFound"]),
        ({"ImageId": "resolve:ssm:/aws/service/x"}, []),
        ({"SecurityGroupIds": ["sg-12345678"]}, ["InvalidGroup.NotFound"]),
        ({"NetworkInterfaces": [{"SubnetId": "subnet-12345678"}]}, ["InvalidSubnetID.NotFound"]),
        (DATA, []),
    ],
)
async def test_what_would_not_start_is_warned_of(
    house: House, data: dict[str, Any], codes: list[str]
) -> None:
    answer = await made(house, LaunchTemplateData=data)
    assert [item["Code"] for item in answer.get("Warning", {}).get("Errors", [])] == codes


async def test_a_client_token_makes_one_template(house: House) -> None:
    first = await made(house, ClientToken="t")
    assert (await made(house, ClientToken="t"))["LaunchTemplate"] == first["LaunchTemplate"]
    other = {"LaunchTemplateName": "web", "LaunchTemplateData": {"KeyName": "k"}, "ClientToken": "t"}
    assert await house.refusal("CreateLaunchTemplate", **other) == "IdempotentParameterMismatch"


async def test_all_templates(house: House) -> None:
    tags = [{"ResourceType": "launch-template", "Tags": [{"Key": "team", "Value": "red"}]}]
    await made(house, "one", TagSpecifications=tags)
    await made(house, "two")
    filters = [{"Name": "tag:team", "Values": ["red"]}]
    [found] = (await house.call("DescribeLaunchTemplates", Filters=filters))["LaunchTemplates"]
    assert (found["LaunchTemplateName"], found["Tags"]) == ("one", [{"Key": "team", "Value": "red"}])
    assert "clientToken" not in found
    every = await house.call("DescribeLaunchTemplateVersions", Versions=["$Default"])
    assert {item["LaunchTemplateName"] for item in every["LaunchTemplateVersions"]} == {"one", "two"}
    assert await house.refusal("DescribeLaunchTemplates", LaunchTemplateNames=["six"]) == (
        "InvalidLaunchTemplateName.NotFoundException"
    )


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({}, "MissingParameter"),
        ({"Versions": ["1"]}, "InvalidParameterValue"),
        ({"LaunchTemplateId": "lt-12345678"}, "InvalidLaunchTemplateId.NotFound"),
        ({"LaunchTemplateId": "x"}, "InvalidLaunchTemplateId.Malformed"),
        ({"LaunchTemplateId": "lt-12345678", "LaunchTemplateName": "x"}, "InvalidParameterCombination"),
        ({"LaunchTemplateName": "web", "Versions": ["7"]}, "InvalidLaunchTemplateId.VersionNotFound"),
        ({"LaunchTemplateName": "web", "MinVersion": "x"}, "InvalidParameterValue"),
    ],
)
async def test_not_described(house: House, request_: dict[str, Any], code: str) -> None:
    await made(house)
    assert await house.refusal("DescribeLaunchTemplateVersions", **request_) == code
