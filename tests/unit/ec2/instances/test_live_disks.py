"""Volumes that come to machines while they run, go, and grow."""

from __future__ import annotations

import pytest

from sagehen.services.ec2.errors import Ec2Error, InvalidParameterValue
from sagehen.services.ec2.hosts.host import DiskInUse, DiskPlaceUnfit, DiskUnavailable
from sagehen.services.ec2.volumes.devices import require_place
from tests.unit.ec2.instances.conftest import MachineHouse


async def _volume(house: MachineHouse, identifier: str) -> str:
    zone = (await house.instance(identifier))["Placement"]["AvailabilityZone"]
    return str((await house.call("CreateVolume", AvailabilityZone=zone, Size=5))["VolumeId"])


async def _state(house: MachineHouse, volume: str) -> str:
    [found] = (await house.call("DescribeVolumes", VolumeIds=[volume]))["Volumes"]
    return str(found["State"])


async def test_a_machine_that_runs_gets_a_volume_and_gives_it_back(house: MachineHouse) -> None:
    identifier, host = await house.running()
    volume = await _volume(house, identifier)
    attached = {"VolumeId": volume, "InstanceId": identifier, "Device": "/dev/sdf"}
    assert (await house.call("AttachVolume", **attached))["State"] == "attached"
    [disk] = host.attached
    assert (disk.volume_id, disk.device, disk.gib) == (volume, "/dev/sdf", 5)
    other = {**attached, "VolumeId": await _volume(house, identifier)}
    assert await house.refusal("AttachVolume", **{**other, "Device": "sdf"}) == "InvalidParameterValue"
    for device in ("/dev/../sdg", "/dev/sd", "sd\0g", "/mnt/sdg", "-o", ""):
        assert await house.refusal("AttachVolume", **{**other, "Device": device}) == "InvalidParameterValue"

    changed = await house.call("ModifyVolume", VolumeId=volume, Size=6)
    assert (changed["VolumeModification"]["TargetSize"], host.grown) == (6, {volume: 6})

    host.disk_refusal = DiskInUse("a program of the machine uses it")
    assert await house.refusal("DetachVolume", VolumeId=volume) == "IncorrectState"
    assert await _state(house, volume) == "in-use"
    await house.call("DetachVolume", VolumeId=volume, Force=True)
    assert (host.attached, await _state(house, volume)) == ([], "available")


async def test_what_a_machine_refuses_has_not_happened(house: MachineHouse) -> None:
    identifier, host = await house.running()
    volume = await _volume(house, identifier)
    attached = {"VolumeId": volume, "InstanceId": identifier, "Device": "/dev/sdf"}
    assert await house.refusal("AttachVolume", **attached, DryRun=True) == "DryRunOperation"
    assert not host.attached
    host.disk_refusal = DiskUnavailable("no loop devices")
    assert await house.refusal("AttachVolume", **attached) == "InternalError"
    assert await _state(house, volume) == "available"
    host.disk_refusal = DiskPlaceUnfit("a link in the way of /mnt/sdf")
    assert await house.refusal("AttachVolume", **attached) == "IncorrectState"
    assert await _state(house, volume) == "available"
    host.disk_refusal = None
    await house.call("AttachVolume", **attached)
    host.disk_refusal = DiskUnavailable("no space")
    assert await house.refusal("ModifyVolume", VolumeId=volume, Size=9) == "InsufficientVolumeCapacity"
    [found] = (await house.call("DescribeVolumes", VolumeIds=[volume]))["Volumes"]
    assert found["Size"] == 5
    await house.call("ModifyVolume", VolumeId=volume, Iops=4000, VolumeType="gp3")


async def test_the_root_stays_and_who_is_no_root_stops_the_machine_first(house: MachineHouse) -> None:
    identifier, _ = await house.running()
    [root] = (await house.instance(identifier))["BlockDeviceMappings"]
    assert await house.refusal("DetachVolume", VolumeId=root["Ebs"]["VolumeId"]) == "OperationNotPermitted"
    volume = await _volume(house, identifier)
    attached = {"VolumeId": volume, "InstanceId": identifier, "Device": "/dev/sdf"}
    house.machines.changes_running = False
    assert await house.refusal("AttachVolume", **attached) == "NotImplemented"
    await house.call("TerminateInstances", InstanceIds=[identifier])
    await house.reaches(identifier, "terminated")
    assert await house.refusal("AttachVolume", **attached) == "IncorrectState"


@pytest.mark.parametrize(
    ("device", "others", "error"),
    [
        ("/dev/sdf", ["/dev/xvda", "/dev/sdg"], None),
        ("sdf", ["/dev/sdf"], InvalidParameterValue),
        ("/dev/sd.f", [], InvalidParameterValue),
        ("/dev/", [], InvalidParameterValue),
        ("/dev/sdf", [f"/dev/xvd{a}{b}" for a in "bcd" for b in "abcdefghi"], Ec2Error),
    ],
)
def test_a_name_is_one_volumes_and_there_are_so_many(
    device: str, others: list[str], error: type[Exception] | None
) -> None:
    if error is None:
        require_place(device, others)
        return
    with pytest.raises(error):
        require_place(device, others)
