"""Volumes as they are kept.

A volume's states are creating, available, in-use, deleting (documented); here a disk is made at once, so that
`creating` is never seen.
"""

from __future__ import annotations

from datetime import datetime

from sagehen.services.ec2.errors import Ec2Error, InvalidParameterValue
from sagehen.services.ec2.resources.kinds import SNAPSHOT, VOLUME
from sagehen.services.ec2.resources.resource import Body, Resource, stamp
from sagehen.services.ec2.resources.view import View

# Documented: GiB, least and most, and the IOPS and MiB/s that a type has by default.
TYPES: dict[str, tuple[int, int]] = {
    "gp3": (1, 65536),
    "gp2": (1, 16384),
    "io1": (4, 16384),
    "io2": (4, 65536),
    "st1": (125, 16384),
    "sc1": (125, 16384),
    "standard": (1, 1024),
}
# The member of a volume's row with the snapshot that its disk is yet to be made of.
FROM_SNAPSHOT = "fromSnapshot"
# Ours: AWS's quotas are in TiB of each type.
MOST_VOLUMES = 500


def check_size(gib: int, kind: str) -> None:
    """Check a volume's size in GiB against its type.

    Raises:
        InvalidParameterValue.
    """
    if kind not in TYPES:
        raise InvalidParameterValue(f"Value ({kind[:64]}) for parameter volumeType is invalid.")
    least, most = TYPES[kind]
    if not least <= gib <= most:
        raise InvalidParameterValue(
            f"Volume of {gib}GiB is too {'small' if gib < least else 'large'} for volume type {kind}; "
            f"{'minimum' if gib < least else 'maximum'} is {least if gib < least else most}GiB."
        )


def new_volume(
    view: View,
    *,
    gib: int,
    kind: str,
    zone: str,
    at: datetime,
    snapshot: str = "",
    iops: int | None = None,
    throughput: int | None = None,
    tags: dict[str, str] | None = None,
) -> Resource:
    """Make a volume that nothing has.

    Args:
        iops, throughput: As asked for; shown, and without effect on a disk of this machine.

    Raises:
        InvalidParameterValue: The size does not go with the type.
        Ec2Error: `VolumeLimitExceeded`.
    """
    check_size(gib, kind)
    if view.count(VOLUME) >= MOST_VOLUMES:
        raise Ec2Error("VolumeLimitExceeded", "The maximum number of volumes has been reached.")
    body: Body = {
        "Size": gib,
        "VolumeType": kind,
        "SnapshotId": snapshot,
        "AvailabilityZone": zone,
        "State": "available",
        "CreateTime": stamp(at),
        "Attachments": [],
        "Encrypted": False,
        "MultiAttachEnabled": False,
    }
    if kind == "gp3":
        body |= {"Iops": iops or 3000, "Throughput": throughput or 125}
    elif kind == "gp2":
        body["Iops"] = max(100, min(16000, 3 * gib))
    elif iops:
        body["Iops"] = iops
    # The snapshots of public images hold nothing: a machine's disk is filled as it first comes up.
    if snapshot and view.anywhere(SNAPSHOT, snapshot) is not None:
        body[FROM_SNAPSHOT] = snapshot
    return view.new(VOLUME, body, tags=tags, id_member="VolumeId")


def made(view: View, volume: Resource) -> None:
    """Its disk is there: the snapshot may go."""
    if volume.body.pop(FROM_SNAPSHOT, None):
        view.save(volume)


def attach(
    view: View, volume: Resource, instance_id: str, device: str, at: datetime, *, ends_with_it: bool
) -> None:
    """Let an instance have a volume."""
    volume.body["State"] = "in-use"
    volume.body["Attachments"] = [
        {
            "VolumeId": volume.id,
            "InstanceId": instance_id,
            "Device": device,
            "State": "attached",
            "AttachTime": stamp(at),
            "DeleteOnTermination": ends_with_it,
        }
    ]
    volume.parent = instance_id
    view.save(volume)


def detach(view: View, volume: Resource) -> None:
    """Let no instance have a volume."""
    volume.body["State"], volume.body["Attachments"] = "available", []
    volume.parent = ""
    view.save(volume)


def volumes_of(view: View, instance_id: str) -> list[Resource]:
    """Return the volumes of an instance, in the order in which they were made."""
    return view.of(VOLUME, instance_id)


def mappings(view: View, instance_id: str) -> list[Body]:
    """Return an instance's volumes as it shows them."""
    return [
        {
            "DeviceName": attachment["Device"],
            "Ebs": {
                "AttachTime": attachment["AttachTime"],
                "DeleteOnTermination": attachment["DeleteOnTermination"],
                "Status": "attached",
                "VolumeId": volume.id,
            },
        }
        for volume in volumes_of(view, instance_id)
        for attachment in volume.body["Attachments"]
    ]
