"""Parameters: put, versions, labels, secrets, paths, filters."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.unit.ssm.conftest import House

ARN = "arn:aws:ssm:us-east-1:123456789012:parameter"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"Name": "/aws/service/mine"}, "AccessDeniedException"),
        ({"Name": "aws-mine"}, "ValidationException"),
        ({"Name": "/ssm/mine"}, "ValidationException"),
        ({"Name": "a b"}, "ValidationException"),
        ({"Name": "a/b"}, "ValidationException"),
        ({"Name": "/a//b"}, "ValidationException"),
        ({"Name": "/a/"}, "ValidationException"),
        ({"Name": "/a\0"}, "ValidationException"),
        ({"Name": "/" + "/".join("x" * 16)}, "HierarchyLevelLimitExceededException"),
        ({"Type": None}, "ValidationException"),
        ({"Value": ""}, "ValidationException"),
        ({"Value": "x" * 4097}, "ValidationException"),
        ({"Value": "x" * 8193, "Tier": "Advanced"}, "ValidationException"),
        ({"KeyId": "alias/aws/ssm"}, "ValidationException"),
        ({"Type": "SecureString", "KeyId": "alias/nobody"}, "InvalidKeyId"),
        ({"AllowedPattern": "^\\d+$"}, "ParameterPatternMismatchException"),
        ({"AllowedPattern": "("}, "InvalidAllowedPatternException"),
        ({"AllowedPattern": "(a+)+$", "Value": "a" * 40 + "!"}, "ParameterPatternMismatchException"),
        ({"Policies": '[{"Type":"Expiration"}]'}, "NotImplemented"),
        ({"DataType": "colour"}, "ValidationException"),
        ({"Tags": [{"Key": "aws:x", "Value": ""}]}, "ValidationException"),
        ({"Tags": [{"Key": str(n), "Value": ""} for n in range(51)]}, "TooManyTagsError"),
        ({"Overwrite": True, "Tags": [{"Key": "a", "Value": "b"}]}, "ValidationException"),
    ],
)
async def test_not_put(house: House, request_: dict[str, Any], code: str) -> None:
    request = {"Name": "/n", "Value": "v", "Type": "String", **request_}
    assert await house.refusal("PutParameter", **request) == code
    assert (await house.call("DescribeParameters"))["Parameters"] == []


async def test_versions_and_labels(house: House) -> None:
    assert await house.put("/db/host", "one", Description="where") == {"Version": 1, "Tier": "Standard"}
    assert await house.refusal("PutParameter", Name="/db/host", Value="x") == "ParameterAlreadyExists"
    again = {"Name": "/db/host", "Value": "x", "Overwrite": True}
    assert await house.refusal("PutParameter", **again, Type="StringList") == "HierarchyTypeMismatchException"
    assert (await house.call("PutParameter", Name="/db/host", Value="two", Overwrite=True))["Version"] == 2
    labelled = await house.call(
        "LabelParameterVersion", Name="/db/host", ParameterVersion=1, Labels=["prod", "1st"]
    )
    assert labelled == {"InvalidLabels": ["1st"], "ParameterVersion": 1}
    for name, value in (
        ("/db/host", "two"),
        ("/db/host:1", "one"),
        ("/db/host:prod", "one"),
        (f"{ARN}/db/host", "two"),
        (f"{ARN}/db/host:2", "two"),
    ):
        assert await house.value(name) == value
    assert await house.refusal("GetParameter", Name="/db/host:3") == "ParameterVersionNotFound"
    assert await house.refusal("GetParameter", Name="/db/host:dev") == "ParameterVersionNotFound"
    await house.call("LabelParameterVersion", Name="/db/host", Labels=["prod"])  # it moves
    history = (await house.call("GetParameterHistory", Name="/db/host"))["Parameters"]
    assert [(item["Version"], item["Value"], item["Labels"]) for item in history] == [
        (1, "one", []),
        (2, "two", ["prod"]),
    ]
    assert history[1]["Description"] == "where"
    gone = await house.call(
        "UnlabelParameterVersion", Name="/db/host", ParameterVersion=2, Labels=["prod", "x"]
    )
    assert gone == {"RemovedLabels": ["prod"], "InvalidLabels": ["x"]}
    await house.call("DeleteParameter", Name="/db/host")
    assert await house.refusal("GetParameter", Name="/db/host") == "ParameterNotFound"
    assert await house.refusal("DeleteParameter", Name="/db/host") == "ParameterNotFound"
    assert (await house.put("/db/host"))["Version"] == 1


async def test_a_hundred_versions_are_kept(house: House) -> None:
    for number in range(101):
        await house.put("n", str(number), Overwrite=True)
    history = (await house.call("GetParameterHistory", Name="n"))["Parameters"]
    assert (len(history), history[0]["Version"]) == (50, 2)
    await house.call("LabelParameterVersion", Name="n", ParameterVersion=2, Labels=["keep"])
    over = {"Name": "n", "Value": "x", "Overwrite": True}
    assert await house.refusal("PutParameter", **over) == "ParameterMaxVersionLimitExceeded"


async def test_tiers(house: House) -> None:
    large = "x" * 5000
    assert (await house.put("/a", large, Tier="Intelligent-Tiering"))["Tier"] == "Advanced"
    assert (await house.put("/a", "small", Overwrite=True))["Tier"] == "Advanced"
    assert await house.refusal("PutParameter", Name="/a", Value="x", Overwrite=True, Tier="Standard") == (
        "ValidationException"
    )
    assert (await house.put("/b", Tier="Intelligent-Tiering"))["Tier"] == "Standard"


async def test_secrets(house: House) -> None:
    await house.put("/pass", "s3cret", Type="SecureString")
    sealed = await house.value("/pass")
    assert "s3cret" not in sealed and await house.value("/pass", WithDecryption=True) == "s3cret"
    [shown] = (await house.call("DescribeParameters"))["Parameters"]
    assert (shown["Type"], shown["KeyId"]) == ("SecureString", "alias/aws/ssm")
    key = (await house.call("CreateKey"))["KeyMetadata"]["KeyId"]
    await house.put("/large", "y" * 8000, Type="SecureString", KeyId=key, Tier="Advanced")
    assert await house.value("/large", WithDecryption=True) == "y" * 8000
    await house.call("DisableKey", KeyId=key)
    assert await house.refusal("GetParameter", Name="/large", WithDecryption=True) == "InvalidKeyId"
    assert await house.value("/large") != ""  # as it is kept, nobody needs the key


async def test_of_many_who_put_at_once_each_has_a_version(house: House) -> None:
    puts = (house.put("/race", str(n), Type="SecureString", Overwrite=True) for n in range(8))
    assert sorted(answer["Version"] for answer in await asyncio.gather(*puts)) == list(range(1, 9))


async def test_paths(house: House) -> None:
    for name in ("/app/a", "/app/b", "/app/deep/c", "/apple", "app"):
        await house.put(name)

    async def under(path: str, **request: Any) -> list[str]:
        answer = await house.call("GetParametersByPath", Path=path, **request)
        return [item["Name"] for item in answer["Parameters"]]

    assert await under("/app") == ["/app/a", "/app/b"]
    assert await under("/app/", Recursive=True) == ["/app/a", "/app/b", "/app/deep/c"]
    assert await under("/", Recursive=True) == ["/app/a", "/app/b", "/app/deep/c", "/apple"]
    first = await house.call("GetParametersByPath", Path="/app", Recursive=True, MaxResults=2)
    await house.call("DeleteParameter", Name="/app/b")
    rest = {"Path": "/app", "Recursive": True, "MaxResults": 2, "NextToken": first["NextToken"]}
    second = await house.call("GetParametersByPath", **rest)
    assert [item["Name"] for item in second["Parameters"]] == ["/app/deep/c"] and second["NextToken"] is None
    assert await house.refusal("GetParametersByPath", **{**rest, "Path": "/other"}) == "InvalidNextToken"
    assert await house.refusal("GetParametersByPath", Path="app") == "ValidationException"


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ([{"Key": "Name", "Values": ["/x/one"]}], ["/x/one"]),
        ([{"Key": "Name", "Option": "BeginsWith", "Values": ["/x"]}], ["/x/one", "/x/two"]),
        ([{"Key": "Name", "Option": "Contains", "Values": ["tw"]}], ["/x/two"]),
        ([{"Key": "Path", "Values": ["/x"]}], ["/x/one", "/x/two"]),
        ([{"Key": "Type", "Values": ["StringList"]}], ["/x/two"]),
        ([{"Key": "tag:team", "Values": ["red"]}], ["three"]),
        ([{"Key": "tag:team"}], ["three"]),
        ([{"Key": "Tier", "Values": ["Standard"]}, {"Key": "Name", "Values": ["three"]}], ["three"]),
    ],
)
async def test_filters(house: House, filters: list[dict[str, Any]], names: list[str]) -> None:
    await house.put("/x/one")
    await house.put("/x/two", "a,b", Type="StringList")
    await house.put("three", Tags=[{"Key": "team", "Value": "red"}])
    found = (await house.call("DescribeParameters", ParameterFilters=filters))["Parameters"]
    assert [item["Name"] for item in found] == names


@pytest.mark.parametrize(
    ("filter_", "code"),
    [
        ({"Key": "Label", "Values": ["x"]}, "InvalidFilterKey"),
        ({"Key": "Name", "Option": "Recursive", "Values": ["x"]}, "InvalidFilterOption"),
        ({"Key": "Path", "Values": ["x"]}, "InvalidFilterValue"),
        ({"Key": "Name", "Values": []}, "InvalidFilterValue"),
    ],
)
async def test_no_filter(house: House, filter_: dict[str, Any], code: str) -> None:
    assert await house.refusal("DescribeParameters", ParameterFilters=[filter_]) == code


async def test_several_names(house: House) -> None:
    await house.put("/a")
    answer = await house.call("GetParameters", Names=["/a", "/b", "/a:7"])
    assert [item["Name"] for item in answer["Parameters"]] == ["/a"]
    assert answer["InvalidParameters"] == ["/b", "/a:7"]
    gone = await house.call("DeleteParameters", Names=["/a", "/b"])
    assert gone == {"DeletedParameters": ["/a"], "InvalidParameters": ["/b"]}


async def test_what_aws_publishes(house: House) -> None:
    shown = (await house.call("GetParameter", Name="/aws/service/images/linux/id"))["Parameter"]
    assert (shown["Value"], shown["DataType"], shown["Version"]) == ("ami-us-east-1", "aws:ec2:image", 1)
    assert shown["ARN"] == "arn:aws:ssm:us-east-1::parameter/aws/service/images/linux/id"
    assert await house.value(shown["ARN"]) == "ami-us-east-1"
    found = (await house.call("GetParametersByPath", Path="/aws/service/images", Recursive=True))[
        "Parameters"
    ]
    assert len(found) == 2
    assert await house.refusal("GetParameter", Name="/aws/service/nothing") == "ParameterNotFound"
    assert await house.refusal("DeleteParameter", Name="/aws/service/images/linux/id") == "ParameterNotFound"


async def test_tags(house: House) -> None:
    await house.put("/a", Tags=[{"Key": "team", "Value": "red"}])
    of = {"ResourceType": "Parameter", "ResourceId": "/a"}
    await house.call("AddTagsToResource", **of, Tags=[{"Key": "x", "Value": "y"}])
    await house.put("/a", "w", Overwrite=True)  # a version more, the same tags
    await house.call("RemoveTagsFromResource", **of, TagKeys=["team", "nothing"])
    assert (await house.call("ListTagsForResource", **of))["TagList"] == [{"Key": "x", "Value": "y"}]
    assert house.ssm.resource_tags(f"{ARN}/a") == {"x": "y"}
    nothing = {"ResourceType": "Parameter", "ResourceId": "/b"}
    assert await house.refusal("ListTagsForResource", **nothing) == "InvalidResourceId"
    document = {"ResourceType": "Document", "ResourceId": "/b"}
    assert await house.refusal("ListTagsForResource", **document) == "NotImplemented"


@pytest.mark.parametrize(
    "name", ["arn:aws:ssm:eu-west-1:123456789012:parameter/a", "arn:aws:s3:::a", "arn:x", "arn:aws:ssm:::a"]
)
async def test_arns_of_elsewhere(house: House, name: str) -> None:
    assert await house.refusal("GetParameter", Name=name) == "ValidationException"


async def test_a_parameter_of_an_image_names_one_that_is_there(house: House) -> None:
    image = {"Name": "base", "Type": "String", "DataType": "aws:ec2:image"}
    assert await house.refusal("PutParameter", **image, Value="ami-nowhere") == "ValidationException"
    await house.call("PutParameter", **image, Value="ami-us-east-1")
    shown = (await house.call("GetParameter", Name="base"))["Parameter"]
    assert (shown["Value"], shown["DataType"]) == ("ami-us-east-1", "aws:ec2:image")
