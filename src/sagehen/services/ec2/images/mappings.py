"""Block device mappings of an image that is made: of a machine's volumes, or as they are asked for. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sagehen.services.ec2.errors import Ec2Error, InvalidParameterCombination, InvalidParameterValue
from sagehen.services.ec2.network.vpcs import refuse_unbuilt
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.volumes.volumes import check_size

_CHANGED = ("DeleteOnTermination", "VolumeType", "Iops", "Throughput")
_NOT_BUILT = (
    *("Encrypted", "KmsKeyId", "OutpostArn", "VolumeInitializationRate", "AvailabilityZone"),
    *("AvailabilityZoneId", "EbsCardIndex"),
)
_MOST = 27


def checked(given: Sequence[Body]) -> dict[str, Body]:
    """Return the mappings of a request by device.

    Raises:
        InvalidParameterValue, Ec2Error: `InvalidBlockDeviceMapping`.
        NotImplementedOperation: Encryption, disks of the host.
    """
    found: dict[str, Body] = {}
    if len(given) > _MOST:
        raise InvalidParameterValue(f"At most {_MOST} block devices can be given.")
    for mapping in given:
        device = mapping.get("DeviceName") or ""
        if not device or len(device) > 32 or not device.isascii() or not device.isprintable():
            raise InvalidParameterValue(f"Value ({device[:32]}) for parameter device is invalid.")
        if device in found:
            raise Ec2Error("InvalidBlockDeviceMapping", f"Duplicate device name '{device}'")
        refuse_unbuilt(mapping, ("VirtualName",))
        if mapping.get("NoDevice") is not None and mapping.get("Ebs"):
            raise Ec2Error("InvalidBlockDeviceMapping", f"The device {device} is left out, and described.")
        refuse_unbuilt(mapping.get("Ebs") or {}, _NOT_BUILT)
        found[device] = mapping
    return found


def kept(volumes: Sequence[Resource], given: Mapping[str, Body]) -> list[Resource]:
    """Return the volumes of a machine that an image of it is to have."""
    return [volume for volume in volumes if given.get(_device(volume), {}).get("NoDevice") is None]


def of_machine(
    snapshots: Mapping[str, str], volumes: Sequence[Resource], given: Mapping[str, Body]
) -> list[Body]:
    """Return the mappings of an image of a machine.

    Args:
        snapshots: Volume's id -> that of its snapshot.
        volumes: Those that are kept.
        given: What the request says of devices.

    Raises:
        InvalidParameterCombination: The size or the snapshot of a volume that is there is given (documented).
        InvalidParameterValue, Ec2Error: As `new`.
    """
    made: dict[str, Body] = {}
    for volume in volumes:
        wanted = (given.get(_device(volume)) or {}).get("Ebs") or {}
        if wanted.get("VolumeSize") not in (None, volume.body["Size"]) or wanted.get("SnapshotId"):
            raise InvalidParameterCombination(
                "The size and the snapshot of a volume that the instance has cannot be changed."
            )
        attachment = volume.body["Attachments"][0]
        made[_device(volume)] = {
            "SnapshotId": snapshots[volume.id],
            "VolumeSize": volume.body["Size"],
            "VolumeType": volume.body["VolumeType"],
            "DeleteOnTermination": attachment["DeleteOnTermination"],
            "Encrypted": False,
            **{name: volume.body[name] for name in ("Iops", "Throughput") if name in volume.body},
            **{name: wanted[name] for name in _CHANGED if wanted.get(name) is not None},
        }
        check_size(volume.body["Size"], made[_device(volume)]["VolumeType"])
    for device, mapping in given.items():
        if device not in made and mapping.get("NoDevice") is None:
            made[device] = new(mapping.get("Ebs") or {})
    return [{"DeviceName": device, "Ebs": ebs} for device, ebs in made.items()]


def new(ebs: Body, least: int | None = None) -> Body:
    """Return what an image says of a volume that instances of it get.

    Args:
        least: The size of its snapshot.

    Raises:
        InvalidParameterValue, Ec2Error: `InvalidBlockDeviceMapping`.
    """
    size, kind = ebs.get("VolumeSize") or least, ebs.get("VolumeType") or "gp2"
    if size is None:
        raise Ec2Error("InvalidBlockDeviceMapping", "A volume has a size, or a snapshot.")
    if least is not None and size < least:
        raise Ec2Error(
            "InvalidBlockDeviceMapping",
            f"Volume of size {size}GB is smaller than snapshot '{ebs.get('SnapshotId')}', expect size >= "
            f"{least}GB",
        )
    check_size(size, kind)
    delete = ebs.get("DeleteOnTermination")
    return {
        **({"SnapshotId": ebs["SnapshotId"]} if ebs.get("SnapshotId") else {}),
        "VolumeSize": size,
        "VolumeType": kind,
        "DeleteOnTermination": True if delete is None else delete,
        "Encrypted": False,
        **{name: ebs[name] for name in ("Iops", "Throughput") if ebs.get(name) is not None},
    }


def _device(volume: Resource) -> str:
    return str(volume.body["Attachments"][0]["Device"])
