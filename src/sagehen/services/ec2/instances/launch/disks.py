"""Disks of an order: the image's, with what a request changes of them."""

from __future__ import annotations

from typing import Any

from sagehen.services.ec2.errors import (
    Ec2Error,
    InvalidParameterValue,
    MissingParameter,
)
from sagehen.services.ec2.instances.launch.order import Disk
from sagehen.services.ec2.network.vpcs import refuse_unbuilt
from sagehen.services.ec2.resources.resource import Body
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.volumes.devices import last_part, require_place
from sagehen.services.ec2.volumes.source import source
from sagehen.services.ec2.volumes.volumes import check_size


def disks_in(view: View, image: Body, given: Any) -> list[Disk]:
    """Return the image's volumes with what the request changes of them, and those that it adds."""
    wanted: dict[str, Body] = {}
    for mapping in (*image.get("BlockDeviceMappings", ()), *given):
        device = mapping.get("DeviceName") or ""
        last_part(device)
        if mapping.get("NoDevice") is not None:
            wanted.pop(device, None)
            continue
        refuse_unbuilt(mapping, ("VirtualName",))
        ebs = mapping.get("Ebs") or {}
        if mapping in given:
            refuse_unbuilt(ebs, ("Encrypted", "KmsKeyId", "OutpostArn", "VolumeInitializationRate"))
            snapshot = ebs.get("SnapshotId")
            before = wanted.get(device, {})
            if snapshot and snapshot != before.get("SnapshotId"):
                least = source(view, snapshot).body["VolumeSize"]
                wanted[device] = {**before, "VolumeSize": least, "least": least}
        else:
            wanted[device] = {"least": ebs.get("VolumeSize") if ebs.get("SnapshotId") else None}
        wanted[device] = {**wanted.get(device, {}), **{k: v for k, v in ebs.items() if v is not None}}
    root = image["RootDeviceName"]
    if root not in wanted:
        raise InvalidParameterValue(f"The root device {root} cannot be left out.")
    names = list(wanted)
    for number, device in enumerate(names):
        require_place(device, names[:number])
    disks = [_disk(device, ebs) for device, ebs in wanted.items()]
    for ebs in wanted.values():
        least = ebs.get("least") or 0
        if ebs["VolumeSize"] < least:
            raise Ec2Error(
                "InvalidBlockDeviceMapping",
                f"Volume of size {ebs['VolumeSize']}GB is smaller than snapshot "
                f"'{ebs.get('SnapshotId', '')}', expect size >= {least}GB",
            )
    return sorted(disks, key=lambda disk: disk.device != root)


def _disk(device: str, ebs: Body) -> Disk:
    size, kind = ebs.get("VolumeSize"), ebs.get("VolumeType") or "gp2"
    if size is None:
        raise MissingParameter("size/snapshot")
    check_size(size, kind)
    delete = ebs.get("DeleteOnTermination")
    return Disk(
        device,
        size,
        kind,
        True if delete is None else delete,
        ebs.get("SnapshotId") or "",
        ebs.get("Iops"),
        ebs.get("Throughput"),
    )
