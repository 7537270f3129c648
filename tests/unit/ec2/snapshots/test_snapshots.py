"""Snapshots: what is kept of volumes and made of it, who else may, what an end of the platform leaves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sagehen.domain.scope import Scope
from tests.unit.ec2.conftest import SCOPE
from tests.unit.ec2.instances.conftest import MachineHouse

OTHER = Scope("210987654321", SCOPE.region)
ZONE = {"AvailabilityZone": "us-east-1a"}


async def volume(house: MachineHouse, gib: int = 5) -> str:
    return str((await house.call("CreateVolume", **ZONE, Size=gib))["VolumeId"])


async def shown(house: MachineHouse, identifier: str, **more: Any) -> Any:
    [found] = (await house.call("DescribeSnapshots", SnapshotIds=[identifier], **more))["Snapshots"]
    return found


async def settled(house: MachineHouse, identifier: str, **more: Any) -> Any:
    async with asyncio.timeout(60):
        while (found := await shown(house, identifier, **more))["State"] == "pending":
            await asyncio.sleep(0.002)
    return found


async def taken(house: MachineHouse, **request: Any) -> str:
    made = await house.call("CreateSnapshot", **request)
    identifier = str(made["SnapshotId"])
    assert (await settled(house, identifier))["State"] == "completed"
    return identifier


async def test_from_a_volume_to_another(house: MachineHouse) -> None:
    disk = await volume(house)
    house.machines.gate.clear()
    tags = [{"ResourceType": "snapshot", "Tags": [{"Key": "of", "Value": "disk"}]}]
    made = await house.call("CreateSnapshot", VolumeId=disk, Description="d", TagSpecifications=tags)
    assert (made["State"], made["Progress"], made["VolumeSize"]) == ("pending", "0%", 5)
    refused = await house.refusal("CreateVolume", **ZONE, SnapshotId=made["SnapshotId"])
    assert refused == "IncorrectState"
    house.machines.gate.set()
    found = await settled(house, made["SnapshotId"])
    assert (found["State"], found["Progress"], found["FullSnapshotSizeInBytes"]) == (
        "completed",
        "100%",
        4096,
    )
    assert found["Tags"] == tags[0]["Tags"] and found["OwnerId"] == SCOPE.account_id
    for filters in ({"volume-id": disk}, {"tag:of": "d*"}, {"status": "completed"}, {"volume-size": "5"}):
        asked = [{"Name": name, "Values": [value]} for name, value in filters.items()]
        assert (
            len((await house.call("DescribeSnapshots", Filters=asked, OwnerIds=["self"]))["Snapshots"]) == 1
        )
    assert (await house.call("DescribeSnapshots", OwnerIds=["amazon"]))["Snapshots"] == []
    snapshot = {**ZONE, "SnapshotId": made["SnapshotId"]}
    assert await house.refusal("CreateVolume", **snapshot, Size=4) == "InvalidParameterValue"
    copy = await house.call("CreateVolume", **snapshot, Size=6, ClientToken="t")
    again = await house.call("CreateVolume", **snapshot, Size=6, ClientToken="t")
    assert again["VolumeId"] == copy["VolumeId"]
    assert (copy["SnapshotId"], copy["Size"]) == (made["SnapshotId"], 6)
    assert house.machines.made_of[copy["VolumeId"]] == made["SnapshotId"]
    assert (await house.call("CreateVolume", **snapshot))["Size"] == 5
    await house.call("DeleteSnapshot", SnapshotId=made["SnapshotId"])
    async with asyncio.timeout(60):
        while house.machines.snapshots:
            await asyncio.sleep(0.002)
    assert await house.refusal("DeleteSnapshot", SnapshotId=made["SnapshotId"]) == "InvalidSnapshot.NotFound"


async def test_a_deleted_one_stays_until_what_is_made_of_it_is_there(house: MachineHouse) -> None:
    snapshot = await taken(house, VolumeId=await volume(house))
    house.machines.gate.clear()
    making = asyncio.create_task(house.call("CreateVolume", **ZONE, SnapshotId=snapshot))
    async with asyncio.timeout(60):
        while len((await house.call("DescribeVolumes"))["Volumes"]) < 2:
            await asyncio.sleep(0.002)
    await house.call("DeleteSnapshot", SnapshotId=snapshot)
    sweep = house.ec2.instances._loops._making._sweep  # type: ignore[union-attr]
    await sweep()
    assert house.machines.snapshots == {snapshot}
    house.machines.gate.set()
    await making
    await sweep()
    assert not house.machines.snapshots


async def test_one_that_cannot_be_taken_says_why(house: MachineHouse) -> None:
    disk = await volume(house)
    house.machines.refusal = "this machine's disk has 3 MiB left"
    made = await house.call("CreateSnapshot", VolumeId=disk)
    found = await settled(house, made["SnapshotId"])
    assert (found["State"], found["StateMessage"]) == ("error", house.machines.refusal)


async def test_all_of_a_machine_at_once(house: MachineHouse) -> None:
    more = [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 3}}]
    tags = [{"ResourceType": "volume", "Tags": [{"Key": "v", "Value": "1"}]}]
    machine, _ = await house.running(BlockDeviceMappings=more, TagSpecifications=tags)
    volumes = (await house.call("DescribeVolumes"))["Volumes"]
    asked = {"InstanceSpecification": {"InstanceId": machine}, "CopyTagsFromSource": "volume"}
    both = (await house.call("CreateSnapshots", **asked))["Snapshots"]
    assert sorted(item["VolumeId"] for item in both) == sorted(item["VolumeId"] for item in volumes)
    assert all(item["Tags"] == [{"Key": "v", "Value": "1"}] for item in both)
    data = next(item["VolumeId"] for item in volumes if item["Size"] == 3)
    for specification, left in (
        ({"ExcludeBootVolume": True}, 1),
        ({"ExcludeDataVolumeIds": [data]}, 1),
        ({"ExcludeDataVolumeIds": [data], "ExcludeBootVolume": True}, 0),
        ({"ExcludeDataVolumeIds": ["vol-0123456789abcdef0"]}, 0),
    ):
        request = {"InstanceSpecification": {"InstanceId": machine, **specification}}
        if left:
            assert len((await house.call("CreateSnapshots", **request))["Snapshots"]) == left
        else:
            assert await house.refusal("CreateSnapshots", **request) == "InvalidParameterValue"


async def test_others_use_it_as_long_as_they_may(house: MachineHouse) -> None:
    snapshot = await taken(house, VolumeId=await volume(house))
    named = {"SnapshotId": snapshot, "Attribute": "createVolumePermission"}
    assert (await house.call("DescribeSnapshots", scope=OTHER))["Snapshots"] == []
    share = {"CreateVolumePermission": {"Add": [{"UserId": OTHER.account_id}]}}
    await house.call("ModifySnapshotAttribute", SnapshotId=snapshot, **share)
    assert (await house.call("DescribeSnapshotAttribute", **named))["CreateVolumePermissions"] == [
        {"UserId": OTHER.account_id}
    ]
    assert (await shown(house, snapshot, scope=OTHER))["OwnerId"] == SCOPE.account_id
    made = await house.call("CreateVolume", scope=OTHER, **ZONE, SnapshotId=snapshot)
    assert house.machines.made_of[made["VolumeId"]] == snapshot
    public = {"OperationType": "add", "GroupNames": ["all"], "Attribute": "createVolumePermission"}
    await house.call("ModifySnapshotAttribute", SnapshotId=snapshot, **public)
    for asked, found in (({"RestorableByUserIds": ["all"]}, 1), ({"OwnerIds": ["self"]}, 0), ({}, 1)):
        answer = await house.call("DescribeSnapshots", scope=OTHER, **asked)
        assert len(answer["Snapshots"]) == found
    await house.call("ResetSnapshotAttribute", **named)
    with pytest.raises(Exception, match="does not exist"):
        await house.call("CreateVolume", scope=OTHER, **ZONE, SnapshotId=snapshot)
    with pytest.raises(Exception, match="does not exist"):
        await house.call("DeleteSnapshot", scope=OTHER, SnapshotId=snapshot)


async def test_a_copy_from_another_region(house: MachineHouse) -> None:
    snapshot = await taken(house, VolumeId=await volume(house))
    there = Scope(SCOPE.account_id, "eu-west-1")
    request = {"SourceRegion": SCOPE.region, "SourceSnapshotId": snapshot, "Description": "moved"}
    made = await house.call("CopySnapshot", scope=there, **request)
    copied = await settled(house, made["SnapshotId"], scope=there)
    assert (copied["State"], copied["Description"], copied["VolumeSize"]) == ("completed", "moved", 5)
    assert house.machines.snapshots == {snapshot, made["SnapshotId"]}
    with pytest.raises(Exception, match="does not exist"):
        await house.call("CopySnapshot", scope=there, **{**request, "SourceRegion": "eu-west-1"})


async def test_after_the_platforms_end_what_was_pending_is_settled(house: MachineHouse) -> None:
    disk = await volume(house)
    house.machines.gate.clear()
    whole = (await house.call("CreateSnapshot", VolumeId=disk))["SnapshotId"]
    half = (await house.call("CreateSnapshot", VolumeId=disk))["SnapshotId"]
    await house.ec2.stop()
    house.machines.snapshots = {whole, "snap-of-nobody"}  # its copy was there when the platform ended
    house.build()
    await house.ec2.start()
    assert [(await shown(house, each))["State"] for each in (whole, half)] == ["completed", "error"]
    assert house.machines.snapshots == {whole}


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        ("CreateSnapshot", {"VolumeId": "vol-0123456789abcdef0"}, "InvalidVolume.NotFound"),
        ("CreateSnapshot", {"VolumeId": "nonsense"}, "InvalidVolumeID.Malformed"),
        (
            "CopySnapshot",
            {"SourceRegion": "../x", "SourceSnapshotId": "snap-01234567"},
            "InvalidSnapshot.NotFound",
        ),
        ("CreateSnapshot", {"VolumeId": "vol-1", "OutpostArn": "arn"}, "NotImplemented"),
        (
            "CreateSnapshots",
            {"InstanceSpecification": {"InstanceId": "i-01234567"}},
            "InvalidInstanceID.NotFound",
        ),
        ("CreateVolume", {**ZONE, "SnapshotId": "snap-01234567"}, "InvalidSnapshot.NotFound"),
        ("CreateVolume", {**ZONE, "SnapshotId": "snap"}, "InvalidSnapshotID.Malformed"),
        ("DescribeSnapshots", {"SnapshotIds": ["snap-01234567"]}, "InvalidSnapshot.NotFound"),
        ("DescribeSnapshots", {"OwnerIds": ["nobody"]}, "InvalidUserID.Malformed"),
        (
            "CopySnapshot",
            {"SourceRegion": "us-east-1", "SourceSnapshotId": "snap-1", "Encrypted": True},
            "NotImplemented",
        ),
    ],
)  # fmt: skip
async def test_refused(house: MachineHouse, operation: str, request_: dict[str, Any], code: str) -> None:
    assert await house.refusal(operation, **request_) == code
