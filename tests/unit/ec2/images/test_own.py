"""Images of one's own: of machines, of snapshots, of other images; what is launched of them, and by whom."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sagehen.domain.scope import Scope
from tests.unit.ec2.conftest import SCOPE
from tests.unit.ec2.instances.conftest import BASE, IMAGE, MachineHouse

OTHER = Scope("210987654321", SCOPE.region)
MORE = [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 3, "DeleteOnTermination": False}}]


async def image(machines: MachineHouse, identifier: str, **more: Any) -> Any:
    [found] = (await machines.call("DescribeImages", ImageIds=[identifier], **more))["Images"]
    return found


async def available(machines: MachineHouse, identifier: str, **more: Any) -> Any:
    async with asyncio.timeout(60):
        while (found := await image(machines, identifier, **more))["State"] == "pending":
            await asyncio.sleep(0.002)
    assert found["State"] == "available"
    return found


async def made(machines: MachineHouse, name: str = "mine", **more: Any) -> tuple[str, Any, str]:
    """Return a machine, an image of it, and the image's id."""
    machine, _ = await machines.running(BlockDeviceMappings=MORE)
    answer = await machines.call("CreateImage", InstanceId=machine, Name=name, **more)
    return machine, await available(machines, answer["ImageId"]), answer["ImageId"]


@pytest.mark.parametrize("reboots", [True, False])
async def test_a_machine_its_image_and_a_machine_of_that(machines: MachineHouse, reboots: bool) -> None:
    machine, host = await machines.running(BlockDeviceMappings=MORE)
    tags = [
        {"ResourceType": "image", "Tags": [{"Key": "of", "Value": "image"}]},
        {"ResourceType": "snapshot", "Tags": [{"Key": "of", "Value": "snapshot"}]},
    ]
    request = {"InstanceId": machine, "Name": "mine", "NoReboot": not reboots, "TagSpecifications": tags}
    machines.machines.gate.clear()
    identifier = (await machines.call("CreateImage", **request))["ImageId"]
    assert (await image(machines, identifier))["State"] == "pending"
    refused = await machines.refusal("RunInstances", **{**BASE, "ImageId": identifier})
    assert refused == "InvalidAMIID.Unavailable"
    public = {"Add": [{"Group": "all"}]}
    refused = await machines.refusal("ModifyImageAttribute", ImageId=identifier, LaunchPermission=public)
    assert refused == "InvalidAMIID.Unavailable"
    machines.machines.gate.set()
    found = await available(machines, identifier)
    assert host.reboots == (1 if reboots else 0)
    assert (found["Tags"], found["SourceInstanceId"]) == (tags[0]["Tags"], machine)
    assert [item["DeviceName"] for item in found["BlockDeviceMappings"]] == [IMAGE.family.root, "/dev/sdf"]
    assert [item["Ebs"]["DeleteOnTermination"] for item in found["BlockDeviceMappings"]] == [True, False]
    snapshots = [item["Ebs"]["SnapshotId"] for item in found["BlockDeviceMappings"]]
    for row in (await machines.call("DescribeSnapshots", SnapshotIds=snapshots))["Snapshots"]:
        assert row["Tags"] == tags[1]["Tags"]
        assert (
            await machines.refusal("DeleteSnapshot", SnapshotId=row["SnapshotId"]) == "InvalidSnapshot.InUse"
        )

    second, _ = await machines.running(ImageId=identifier)
    again = machines.machines.launches[-1]
    disks = (again.root, *again.volumes)
    assert [machines.machines.made_of[disk.volume_id] for disk in disks] == snapshots
    assert (again.default_user, again.image_name) == (
        host.wanted.default_user,
        host.wanted.image_name,
    )
    assert again.first_boot
    # Its disks are there: the image and its snapshots may go.
    await machines.call("DeregisterImage", ImageId=identifier)
    refused = await machines.refusal("RunInstances", **{**BASE, "ImageId": identifier})
    assert refused == "InvalidAMIID.NotFound"
    for snapshot in snapshots:
        await machines.call("DeleteSnapshot", SnapshotId=snapshot)
    async with asyncio.timeout(60):
        while machines.machines.snapshots:
            await asyncio.sleep(0.002)
    await machines.call("StopInstances", InstanceIds=[second])
    await machines.reaches(second, "stopped")
    await machines.call("StartInstances", InstanceIds=[second])
    await machines.reaches(second, "running")


async def test_what_is_asked_of_its_devices(machines: MachineHouse) -> None:
    changes = [
        {"DeviceName": IMAGE.family.root, "Ebs": {"VolumeType": "gp3", "DeleteOnTermination": False}},
        {"DeviceName": "/dev/sdf", "NoDevice": ""},
        {"DeviceName": "/dev/sdg", "Ebs": {"VolumeSize": 7}},
    ]
    _, found, identifier = await made(machines, BlockDeviceMappings=changes)
    root, new = found["BlockDeviceMappings"]
    assert (root["Ebs"]["VolumeType"], root["Ebs"]["DeleteOnTermination"]) == ("gp3", False)
    assert (new["DeviceName"], new["Ebs"]["VolumeSize"], "SnapshotId" in new["Ebs"]) == ("/dev/sdg", 7, False)
    least = {"DeviceName": IMAGE.family.root, "Ebs": {"VolumeSize": root["Ebs"]["VolumeSize"] - 1}}
    refused = await machines.refusal(
        "RunInstances", **{**BASE, "ImageId": identifier}, BlockDeviceMappings=[least]
    )
    assert refused == "InvalidBlockDeviceMapping"
    data = (await machines.call("DescribeSnapshots"))["Snapshots"]
    assert [row["VolumeSize"] for row in data] == [root["Ebs"]["VolumeSize"]]
    more = {"DeviceName": "/dev/sdh", "Ebs": {"SnapshotId": data[0]["SnapshotId"]}}
    await machines.running(BlockDeviceMappings=[more])
    [disk] = machines.machines.launches[-1].volumes
    assert (disk.snapshot_id, disk.gib) == (data[0]["SnapshotId"], data[0]["VolumeSize"])


async def test_an_image_of_snapshots_and_one_of_an_image(machines: MachineHouse) -> None:
    _, found, identifier = await made(machines)
    root = found["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    request = {
        "Name": "registered", "Architecture": "x86_64", "VirtualizationType": "hvm", "EnaSupport": True,
        "RootDeviceName": "/dev/xvda",
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": root}}],
    }  # fmt: skip
    registered = (await machines.call("RegisterImage", **request))["ImageId"]
    assert await machines.refusal("RegisterImage", **request) == "InvalidAMIName.Duplicate"
    assert await machines.refusal("RegisterImage", **{**request, "Architecture": "i386"}) == "NotImplemented"
    _, host = await machines.running(ImageId=registered)
    assert machines.machines.made_of[host.wanted.root.volume_id] == root
    assert host.wanted.default_user == "ec2-user"

    there = Scope(SCOPE.account_id, "eu-west-1")
    copy = {"SourceImageId": identifier, "SourceRegion": SCOPE.region, "Name": "copied", "ClientToken": "t"}
    copied = (await machines.call("CopyImage", scope=there, **copy))["ImageId"]
    assert (await machines.call("CopyImage", scope=there, **copy))["ImageId"] == copied
    shown = await available(machines, copied, scope=there)
    ids = {item["Ebs"]["SnapshotId"] for item in shown["BlockDeviceMappings"]}
    assert ids <= machines.machines.snapshots and root not in ids
    gone = await machines.call("DeregisterImage", scope=there, ImageId=copied, DeleteAssociatedSnapshots=True)
    assert {item["ReturnCode"] for item in gone["DeleteSnapshotResults"]} == {"success"}
    kept = await machines.call("DeregisterImage", ImageId=identifier, DeleteAssociatedSnapshots=True)
    assert sorted(item["ReturnCode"] for item in kept["DeleteSnapshotResults"]) == ["skipped", "success"]
    copy["SourceImageId"] = IMAGE.id
    public = (await machines.call("CopyImage", **{**copy, "ClientToken": "u"}))["ImageId"]
    _, host = await machines.running(ImageId=public)
    assert machines.machines.made_of[host.wanted.root.volume_id] == ""


async def test_others_launch_it_as_long_as_they_may(machines: MachineHouse) -> None:
    _, _, identifier = await made(machines)
    named = {"ImageId": identifier, "Attribute": "launchPermission"}
    assert (await machines.call("DescribeImages", scope=OTHER, ExecutableUsers=["self"]))["Images"] == []
    share = {"Add": [{"UserId": OTHER.account_id}]}
    assert not machines.ec2.public_parameters.has_image(OTHER, identifier)
    await machines.call("ModifyImageAttribute", ImageId=identifier, LaunchPermission=share)
    assert machines.ec2.public_parameters.has_image(OTHER, identifier)
    [seen] = (await machines.call("DescribeImages", scope=OTHER, ExecutableUsers=["self"]))["Images"]
    assert (seen["ImageId"], seen["Public"]) == (identifier, False)
    launched = await machines.call("RunInstances", scope=OTHER, **{**BASE, "ImageId": identifier})
    assert launched["Instances"][0]["ImageId"] == identifier
    shown = await machines.call("DescribeImageAttribute", **named)
    assert shown["LaunchPermissions"] == [{"UserId": OTHER.account_id}]
    with pytest.raises(Exception, match="Not authorized"):
        await machines.call("DeregisterImage", scope=OTHER, ImageId=identifier)
    await machines.call("ResetImageAttribute", **named)
    with pytest.raises(Exception, match="does not exist"):
        await machines.call("RunInstances", scope=OTHER, **{**BASE, "ImageId": identifier})
    text = {"Description": {"Value": "better"}}
    await machines.call("ModifyImageAttribute", ImageId=identifier, **text)
    assert (await image(machines, identifier))["Description"] == "better"


async def test_a_copy_that_fails_makes_the_image_fail(machines: MachineHouse) -> None:
    machine, _ = await machines.running()
    machines.machines.refusal = "no room"
    identifier = (await machines.call("CreateImage", InstanceId=machine, Name="mine"))["ImageId"]
    async with asyncio.timeout(60):
        while (found := await image(machines, identifier))["State"] == "pending":
            await asyncio.sleep(0.002)
    assert (found["State"], found["StateReason"]["Message"]) == ("failed", "no room")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Name": "ab"}, "InvalidAMIName.Malformed"),
        ({"Name": "a&b"}, "InvalidAMIName.Malformed"),
        ({"Name": "mine"}, "InvalidAMIName.Duplicate"),
        ({"InstanceId": "i-0123456789abcdef0"}, "InvalidInstanceID.NotFound"),
        ({"Description": "d" * 256}, "InvalidParameterValue"),
        ({"Description": "a\x00b"}, "InvalidParameterValue"),
        (
            {"BlockDeviceMappings": [{"DeviceName": IMAGE.family.root, "NoDevice": ""}]},
            "InvalidBlockDeviceMapping",
        ),
        (
            {"BlockDeviceMappings": [{"DeviceName": IMAGE.family.root, "Ebs": {"VolumeSize": 999}}]},
            "InvalidParameterCombination",
        ),
        (
            {"BlockDeviceMappings": [{"DeviceName": "/dev/sdz", "Ebs": {"Encrypted": True}}]},
            "NotImplemented",
        ),
        (
            {"BlockDeviceMappings": [{"DeviceName": "/dev/sdz", "VirtualName": "ephemeral0"}]},
            "NotImplemented",
        ),
        ({"BootModeOverride": "uefi"}, "NotImplemented"),
        ({"DryRun": True}, "DryRunOperation"),
    ],
)
async def test_what_is_refused_leaves_nothing(
    machines: MachineHouse, change: dict[str, Any], code: str
) -> None:
    machine, _, _ = await made(machines)
    before = await machines.call("DescribeSnapshots")
    assert await machines.refusal("CreateImage", **{"InstanceId": machine, "Name": "other", **change}) == code
    assert await machines.call("DescribeSnapshots") == before
    assert len((await machines.call("DescribeImages", Owners=["self"]))["Images"]) == 1
