"""Functions' states, updates under way, and what is kept of a configuration."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.unit.lambda_.conftest import ROLE, SCOPE, FakeEnvironments, Lambda, package

from sagehen.api.errors import NotImplementedOperation
from sagehen.concurrency.limits import Limits
from sagehen.domain.access import AccessDenied
from sagehen.services.lambda_.errors import (
    CodeStorageExceededException,
    InvalidParameterValueException,
    PreconditionFailedException,
    ResourceConflictException,
)
from sagehen.services.lambda_.layers.records import LayerRecords
from sagehen.services.lambda_.storage.quota import CodeQuota
from sagehen.services.lambda_.storage.tables import Tables
from sagehen.store.database import Database

REQUEST: dict[str, Any] = {
    "FunctionName": "f",
    "Runtime": "python3.11",
    "Role": ROLE,
    "Handler": "code.handler",
    "Code": {"ZipFile": package()},
}


async def test_one_update_at_a_time(lambda_: Lambda) -> None:
    await lambda_.create()
    updated = await lambda_("UpdateFunctionConfiguration", FunctionName="f", Timeout=5)
    assert (updated["State"], updated["LastUpdateStatus"]) == ("Active", "InProgress")
    with pytest.raises(ResourceConflictException, match="An update is in progress for resource: arn"):
        await lambda_("UpdateFunctionConfiguration", FunctionName="f", Timeout=6)
    assert (await lambda_.settled())["Timeout"] == 5


async def test_nothing_but_waiting_while_it_is_created(lambda_: Lambda) -> None:
    created = await lambda_("CreateFunction", **REQUEST)
    assert (created["State"], "LastUpdateStatus" in created) == ("Pending", False)
    with pytest.raises(ResourceConflictException, match="currently in the following state: Pending"):
        await lambda_("UpdateFunctionConfiguration", FunctionName="f", Timeout=6)
    # An invocation waits those milliseconds.
    assert await lambda_.invoke(event=1) == 1


async def test_revision_ids(lambda_: Lambda) -> None:
    before = await lambda_.create()
    after = await lambda_(
        "UpdateFunctionConfiguration", FunctionName="f", Timeout=5, RevisionId=before["RevisionId"]
    )
    assert after["RevisionId"] != before["RevisionId"]
    await lambda_.settled()
    for name, change in (
        ("UpdateFunctionConfiguration", {"Timeout": 5}),
        ("UpdateFunctionCode", {"ZipFile": package()}),
        ("PublishVersion", {}),
    ):
        with pytest.raises(PreconditionFailedException, match="does not match the latest Revision Id"):
            await lambda_(name, FunctionName="f", RevisionId=before["RevisionId"], **change)


async def test_an_update_replaces_only_what_it_names(lambda_: Lambda) -> None:
    await lambda_.create(Environment={"Variables": {"A": "1"}}, Description="one", MemorySize=256)
    await lambda_("UpdateFunctionConfiguration", FunctionName="f", Description="")
    found = await lambda_.settled()
    assert (found["Description"], found["MemorySize"]) == ("", 256)
    assert found["Environment"] == {"Variables": {"A": "1"}}
    await lambda_("UpdateFunctionConfiguration", FunctionName="f", Environment={"Variables": {}})
    # Recorded: what was given is shown, also where it is empty.
    assert (await lambda_.settled())["Environment"] == {"Variables": {}}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"Role": f"{ROLE}-distrusted"}, InvalidParameterValueException),
        ({"Role": "arn:aws:iam::123456789012:role/forbidden"}, AccessDenied),
        ({"PackageType": "Image"}, InvalidParameterValueException),
        ({"Code": {"ImageUri": "x"}}, InvalidParameterValueException),
        ({"Code": {}}, InvalidParameterValueException),
        ({"Handler": None}, InvalidParameterValueException),
        ({"TracingConfig": {"Mode": "Active"}}, NotImplementedOperation),
        ({"KMSKeyArn": "arn:aws:kms:us-east-1:111122223333:key/k"}, NotImplementedOperation),
        ({"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}, NotImplementedOperation),
        ({"VpcConfig": {"SubnetIds": ["subnet-1"]}}, InvalidParameterValueException),
        ({"FileSystemConfigs": [{"Arn": "a", "LocalMountPath": "/mnt/a"}]}, NotImplementedOperation),
        ({"ImageConfig": {"Command": ["a"]}}, InvalidParameterValueException),
        (
            {"Code": {"ZipFile": package(), "SourceKMSKeyArn": "arn:aws:kms:a:1:key/k"}},
            NotImplementedOperation,
        ),
        ({"SnapStart": {"ApplyOn": "PublishedVersions"}}, NotImplementedOperation),
        ({"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:1:q"}}, NotImplementedOperation),
        ({"LoggingConfig": {"SystemLogLevel": "DEBUG"}}, InvalidParameterValueException),
        ({"Architectures": ["arm64", "x86_64"]}, NotImplementedOperation),
        ({"Environment": {"Variables": {"A": "x" * 4096}}}, InvalidParameterValueException),
        ({"FunctionName": "f:1"}, InvalidParameterValueException),
    ],
)
async def test_refused(lambda_: Lambda, change: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        await lambda_("CreateFunction", **{**REQUEST, **change})
    assert (await lambda_("ListFunctions"))["Functions"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"KMSKeyArn": "arn:aws:kms:us-east-1:111122223333:key/k"},
        {"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
        {"FileSystemConfigs": [{"Arn": "a", "LocalMountPath": "/mnt/a"}]},
        {"TracingConfig": {"Mode": "Active"}},
        {"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:1:q"}},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_what_is_not_built_is_refused_in_updates_too(lambda_: Lambda, change: dict[str, Any]) -> None:
    before = await lambda_.create()
    with pytest.raises(NotImplementedOperation):
        await lambda_("UpdateFunctionConfiguration", FunctionName="f", Timeout=9, **change)
    assert await lambda_("GetFunctionConfiguration", FunctionName="f") == before


async def test_what_asks_for_nothing_is_not_refused(lambda_: Lambda) -> None:
    made = await lambda_.create(
        KMSKeyArn="",
        VpcConfig={"SubnetIds": [], "SecurityGroupIds": []},
        FileSystemConfigs=[],
        TracingConfig={"Mode": "PassThrough"},
        DeadLetterConfig={"TargetArn": ""},
        SnapStart={"ApplyOn": "None"},
    )
    assert made["TracingConfig"] == {"Mode": "PassThrough"}
    assert made["SnapStart"] == {"ApplyOn": "None", "OptimizationStatus": "Off"}
    assert made.keys().isdisjoint(("KMSKeyArn", "FileSystemConfigs", "DeadLetterConfig"))


async def test_tags_that_are_set_at_the_same_time_are_all_kept(lambda_: Lambda) -> None:
    await lambda_.create(Tags={"gone": "x"})
    arn = SCOPE.arn("lambda", "function:f")
    await asyncio.gather(
        *(lambda_("TagResource", Resource=arn, Tags={str(n): "x"}) for n in range(5)),
        lambda_("UntagResource", Resource=arn, TagKeys=["gone"]),
    )
    assert (await lambda_("ListTags", Resource=arn))["Tags"].keys() == set("01234")


class TestCodeStorage:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(code_bytes=2 * len(package()))

    @pytest.fixture
    async def full(self, lambda_: Lambda) -> Lambda:
        await lambda_.create()
        await lambda_("PublishVersion", FunctionName="f")
        settings = await lambda_("GetAccountSettings")
        assert settings["AccountLimit"]["TotalCodeSize"] == settings["AccountUsage"]["TotalCodeSize"]
        return lambda_

    async def test_each_version_counts(self, full: Lambda) -> None:
        larger = package(**{"code.py": "pass  # more"})
        more: tuple[tuple[str, dict[str, Any]], ...] = (
            ("CreateFunction", {**REQUEST, "FunctionName": "g"}),
            ("UpdateFunctionCode", {"FunctionName": "f", "ZipFile": larger}),
            ("PublishLayerVersion", {"LayerName": "l", "Content": {"ZipFile": package()}}),
        )
        before = await full("ListVersionsByFunction", FunctionName="f")
        for name, request in more:
            with pytest.raises(CodeStorageExceededException):
                await full(name, **request)
        assert await full("ListVersionsByFunction", FunctionName="f") == before
        assert (await full("ListLayers"))["Layers"] == []

    async def test_what_adds_nothing_fits(self, full: Lambda) -> None:
        assert (await full("PublishVersion", FunctionName="f"))["Version"] == "1"
        await full("UpdateFunctionCode", FunctionName="f", ZipFile=package())
        await full.settled()
        await full("UpdateFunctionConfiguration", FunctionName="f", Timeout=9)
        await full.settled()
        with pytest.raises(CodeStorageExceededException):
            await full("PublishVersion", FunctionName="f")
        await full("DeleteFunction", FunctionName="f", Qualifier="1")
        await full("PublishVersion", FunctionName="f")


async def test_listing_pages_and_versions(lambda_: Lambda, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("c", "a", "b"):
        await lambda_.create(name, Publish=name == "b")
    first = await lambda_("ListFunctions", MaxItems=2)
    assert [one["FunctionName"] for one in first["Functions"]] == ["a", "b"]
    second = await lambda_("ListFunctions", MaxItems=2, Marker=first["NextMarker"])
    assert [one["FunctionName"] for one in second["Functions"]] == ["c"]
    assert second["NextMarker"] is None
    # Documented: no more than 50 at a time, whatever is asked for; 50 is brought down to 2 here.
    monkeypatch.setattr("sagehen.services.lambda_.functions.operations._PAGE", 2)
    monkeypatch.setattr("sagehen.services.lambda_.functions.versions.operations._PAGE", 1)
    for more in ({}, {"MaxItems": 10_000}):
        page = await lambda_("ListFunctions", **more)
        assert len(page["Functions"]) == 2
        assert page["NextMarker"] is not None
    versions = await lambda_("ListVersionsByFunction", FunctionName="b", MaxItems=10_000)
    assert [one["Version"] for one in versions["Versions"]] == ["$LATEST"]
    monkeypatch.undo()
    every = await lambda_("ListFunctions", FunctionVersion="ALL")
    assert [(one["FunctionName"], one["Version"]) for one in every["Functions"]] == [
        ("a", "$LATEST"),
        ("b", "$LATEST"),
        ("b", "1"),
        ("c", "$LATEST"),
    ]


async def test_alias_weights_share_out_the_invocations(
    lambda_: Lambda, environments: FakeEnvironments
) -> None:
    environments.code = lambda function, event: function.version
    await lambda_.create(Publish=True)
    await lambda_("UpdateFunctionConfiguration", FunctionName="f", Timeout=5)
    await lambda_.settled()
    await lambda_("PublishVersion", FunctionName="f")
    await lambda_(
        "CreateAlias",
        FunctionName="f",
        Name="live",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.25}},
    )
    ran = [await lambda_.invoke(Qualifier="live") for _ in range(400)]
    assert 60 <= ran.count("2") <= 140
    assert ran.count("1") + ran.count("2") == 400
    for weights, version in (({"3": 0.5, "2": 0.1}, "1"), ({"1": 0.5}, "1"), ({"2": 0.5}, "$LATEST")):
        with pytest.raises(InvalidParameterValueException):
            await lambda_(
                "UpdateAlias",
                FunctionName="f",
                Name="live",
                FunctionVersion=version,
                RoutingConfig={"AdditionalVersionWeights": weights},
            )


async def test_reset_forgets(lambda_: Lambda, environments: FakeEnvironments, database: Any) -> None:
    await lambda_.create()
    await lambda_.invoke()
    await database.clear()
    await lambda_.service.reset()
    assert environments.alive == []
    with pytest.raises(Exception, match="Function not found"):
        await lambda_.invoke()
    await lambda_.create()
    assert await lambda_.invoke(event=1) == 1


async def test_a_deleted_layer_is_forgotten_once_no_function_uses_it(
    lambda_: Lambda, database: Database
) -> None:
    layer = await lambda_(
        "PublishLayerVersion", LayerName="l", Content={"ZipFile": package(**{"python/a.py": "a = 1"})}
    )
    await lambda_.create("f", Layers=[layer["LayerVersionArn"]])
    await lambda_.reply("DeleteLayerVersion", LayerName="l", VersionNumber=1)
    tables = Tables(database)
    quota = CodeQuota(tables, 0)
    layers = LayerRecords(tables, quota)
    assert [await layers.sweep(), await layers.sweep(), await layers.sweep()] == [0, 0, 0]
    [row] = database.all("SELECT code_sha FROM lambda_layer_versions")
    assert row["code_sha"] in quota.needed()
    await lambda_("UpdateFunctionConfiguration", FunctionName="f", Layers=[])
    assert await layers.sweep() == 0, "a function that is just being created may still use it"
    assert await layers.sweep() == 1
    assert row["code_sha"] not in quota.needed()
    again = await lambda_(
        "PublishLayerVersion", LayerName="l", Content={"ZipFile": package(**{"python/a.py": "a = 2"})}
    )
    assert again["Version"] == 2, "numbers are given out once"


async def test_pages_of_functions_are_bounded_in_bytes(
    lambda_: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        await lambda_.create(f"f{number}", Environment={"Variables": {"A": "x" * 3000}})
    monkeypatch.setattr("sagehen.services.lambda_.functions.records._PAGE_BYTES", 8_000)
    first = await lambda_("ListFunctions")
    assert [one["FunctionName"] for one in first["Functions"]] == ["f0", "f1"]
    second = await lambda_("ListFunctions", Marker=first["NextMarker"])
    assert [one["FunctionName"] for one in second["Functions"]] == ["f2", "f3"]
    assert second.get("NextMarker") is None
    with pytest.raises(InvalidParameterValueException):
        await lambda_("ListFunctions", FunctionVersion="ALL", Marker=first["NextMarker"])


async def test_pages_of_versions_and_layers(lambda_: Lambda) -> None:
    async def listed(operation: str, member: str, name: str, **request: Any) -> list[Any]:
        found, marker = [], None
        while True:
            page = await lambda_(operation, MaxItems=2, Marker=marker, **request)
            assert len(page[member]) <= 2
            found += [one[name] for one in page[member]]
            if (marker := page["NextMarker"]) is None:
                return found

    await lambda_.create("g", Publish=True)
    await lambda_.create("f", Publish=True)
    for number in range(2, 12):
        await lambda_("UpdateFunctionConfiguration", FunctionName="f", Timeout=number)
        await lambda_.settled()
        await lambda_("PublishVersion", FunctionName="f")
    versions = await listed("ListVersionsByFunction", "Versions", "Version", FunctionName="f")
    assert versions == ["$LATEST", *(str(number) for number in range(1, 12))]
    for name, count in (("m", 3), ("l", 5), ("n", 1)):
        for number in range(count):
            await lambda_(
                "PublishLayerVersion",
                LayerName=name,
                Content={"ZipFile": package(**{"python/a.py": f"a = {number}"})},
                CompatibleRuntimes=["python3.11"] if number else ["python3.12"],
            )
    numbers = await listed("ListLayerVersions", "LayerVersions", "Version", LayerName="l")
    assert numbers == [5, 4, 3, 2, 1]
    old = await listed(
        "ListLayerVersions", "LayerVersions", "Version", LayerName="l", CompatibleRuntime="python3.12"
    )
    assert old == [1]
    assert await listed("ListLayers", "Layers", "LayerName") == ["l", "m", "n"]
    assert await listed("ListLayers", "Layers", "LayerName", CompatibleRuntime="python3.11") == ["l", "m"]
    with pytest.raises(InvalidParameterValueException):
        await lambda_("ListLayers", Marker="x")
