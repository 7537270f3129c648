"""Requests of EC2 that work: on a machine that is stopped, its disk, and what is made of that."""

from __future__ import annotations

import itertools
import time
from typing import Any

from tests.members.networks import ZONE, Request, network_requests

_numbers = itertools.count(1)


def machine_requests(ec2: Any) -> dict[str, Request]:
    """Make what they need, and return them by operation."""
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    wanted = {"ImageId": image["ImageId"], "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    instance = ec2.run_instances(**wanted)["Instances"][0]["InstanceId"]
    _waited(ec2, instance, "running")
    ec2.stop_instances(InstanceIds=[instance], SkipOsShutdown=True)
    _waited(ec2, instance, "stopped")
    return {
        **network_requests(ec2),
        **_of_instance(ec2, instance),
        **_of_its_interfaces(ec2, instance),
        **_of_disks(ec2, instance, image["ImageId"]),
        **_of_spot(ec2, {name: wanted[name] for name in ("ImageId", "InstanceType")}),
    }


def _of_instance(ec2: Any, instance: str) -> dict[str, Request]:
    named = {"InstanceId": instance}
    return {
        "CreateImage": {**named, "Name": "image"},
        "CreateSnapshots": {"InstanceSpecification": named},
        "DescribeInstanceAttribute": {**named, "Attribute": "instanceType"},
        "GetConsoleOutput": named,
        "ModifyInstanceAttribute": {**named, "DisableApiStop": {"Value": False}},
        "ModifyInstanceMetadataOptions": named,
        "MonitorInstances": {"InstanceIds": [instance]},
        "StopInstances": {"InstanceIds": [instance]},
        "TerminateInstances": {"InstanceIds": [instance]},
        "UnmonitorInstances": {"InstanceIds": [instance]},
    }


def _of_its_interfaces(ec2: Any, instance: str) -> dict[str, Request]:
    place = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["SubnetId"]
    free, held = (
        ec2.create_network_interface(SubnetId=place)["NetworkInterface"]["NetworkInterfaceId"]
        for _ in range(2)
    )
    attachment = ec2.attach_network_interface(InstanceId=instance, NetworkInterfaceId=held, DeviceIndex=2)
    return {
        "AttachNetworkInterface": {"InstanceId": instance, "NetworkInterfaceId": free, "DeviceIndex": 1},
        "DetachNetworkInterface": {"AttachmentId": attachment["AttachmentId"]},
    }


def _of_disks(ec2: Any, instance: str, image: str) -> dict[str, Request]:
    volume, deleted, held = (ec2.create_volume(**ZONE, Size=1)["VolumeId"] for _ in range(3))
    ec2.attach_volume(InstanceId=instance, VolumeId=held, Device="/dev/sdh")
    snapshot, unused = (ec2.create_snapshot(VolumeId=volume)["SnapshotId"] for _ in range(2))
    while ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"][0]["State"] == "pending":
        time.sleep(0.02)
    return {
        **_of_images(ec2, snapshot, image),
        "AttachVolume": {"InstanceId": instance, "VolumeId": volume, "Device": "/dev/sdf"},
        "CopySnapshot": {"SourceSnapshotId": snapshot, "SourceRegion": "us-east-1"},
        "CreateSnapshot": {"VolumeId": volume},
        "CreateVolume": {**ZONE, "Size": 1},
        "DeleteSnapshot": {"SnapshotId": unused},
        "DeleteVolume": {"VolumeId": deleted},
        "DescribeSnapshotAttribute": {"SnapshotId": snapshot, "Attribute": "createVolumePermission"},
        "DetachVolume": {"VolumeId": held},
        "ModifySnapshotAttribute": {
            "SnapshotId": snapshot,
            "CreateVolumePermission": {"Add": [{"Group": "all"}]},
        },
        "ModifyVolume": {"VolumeId": volume, "Size": 1},
        "ResetSnapshotAttribute": {"SnapshotId": snapshot, "Attribute": "createVolumePermission"},
    }


def _of_images(ec2: Any, snapshot: str, image: str) -> dict[str, Request]:
    root = {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot}}
    registered = {
        "Architecture": "x86_64", "VirtualizationType": "hvm", "RootDeviceName": "/dev/xvda",
        "BlockDeviceMappings": [root],
    }  # fmt: skip
    own = ec2.register_image(Name="members", **registered)["ImageId"]
    return {
        "CopyImage": {"SourceImageId": image, "SourceRegion": "us-east-1", "Name": "copy"},
        "DeregisterImage": {"ImageId": own},
        "DescribeImageAttribute": {"ImageId": own, "Attribute": "description"},
        "ModifyImageAttribute": {"ImageId": own, "Description": {"Value": "d"}},
        "RegisterImage": {"Name": "registered", **registered},
        "ResetImageAttribute": {"ImageId": own, "Attribute": "launchPermission"},
    }


def _of_spot(ec2: Any, launch: Request) -> dict[str, Request]:
    """So cheap that no machine is started for them."""
    wanted = {"LaunchSpecification": launch, "SpotPrice": "0.002"}
    [made] = ec2.request_spot_instances(**wanted)["SpotInstanceRequests"]
    return {
        "RequestSpotInstances": wanted,
        "CancelSpotInstanceRequests": {"SpotInstanceRequestIds": [made["SpotInstanceRequestId"]]},
    }


def _waited(ec2: Any, instance: str, state: str) -> None:
    shown = {"Name": "pending"}
    while shown["Name"] not in (state, "terminated"):
        time.sleep(0.02)
        [found] = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"]
        shown = found["State"]
    assert shown["Name"] == state, found["StateReason"]


def renewed(operation: str, request: Request) -> Request:
    """Return a request with what only one may have."""
    number = next(_numbers)
    if operation in ("AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress"):
        permission = {**request["IpPermissions"][0], "FromPort": number, "ToPort": 20000 + number}
        return {**request, "IpPermissions": [permission]}
    block = f"10.9.{5 + number // 16}.{number % 16 * 16}/28"
    if operation == "CreateSubnet":
        return {**request, "CidrBlock": block}
    if operation == "CreateRoute":
        return {**request, "DestinationCidrBlock": block.replace("10.9", "11.9")}
    if operation in ("CopyImage", "CreateImage", "RegisterImage"):
        return {**request, "Name": f"fresh{number}"}
    return request
