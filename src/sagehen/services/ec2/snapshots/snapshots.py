"""A snapshot's row. Its states are pending, completed and error (documented); the copy is the host's."""

from __future__ import annotations

from datetime import datetime

from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.resources.kinds import SNAPSHOT
from sagehen.services.ec2.resources.resource import Body, Resource, stamp
from sagehen.services.ec2.resources.view import View

# Ours: AWS's quota is 100,000 for a region. Each is a copy on this machine's disk.
_MOST_SNAPSHOTS = 500
# What a snapshot hands on to images that are made of it: whom people log in as, and what it was once.
INHERITED = ("login", "imageName", "architecture")
# Recorded of CopySnapshot: a copy is of no volume.
NO_VOLUME = "vol-ffffffff"


def new_snapshot(
    view: View,
    *,
    volume_id: str,
    gib: int,
    at: datetime,
    description: str,
    tags: dict[str, str],
    inherits: Body,
) -> Resource:
    """Make the row of a snapshot that is to be taken.

    Args:
        gib: Of the volume.
        inherits: Members of `INHERITED`.

    Raises:
        Ec2Error: `SnapshotLimitExceeded`, `InvalidParameterValue`.
    """
    if len(description) > 255:
        raise Ec2Error("InvalidParameterValue", "The description is limited to 255 characters.")
    if view.count(SNAPSHOT) >= _MOST_SNAPSHOTS:
        raise Ec2Error("SnapshotLimitExceeded", "The maximum number of snapshots has been reached.")
    body: Body = {
        "VolumeId": volume_id,
        "VolumeSize": gib,
        "State": "pending",
        "Progress": "0%",
        "StartTime": stamp(at),
        "OwnerId": view.scope.account_id,
        "Description": description,
        "Encrypted": False,
        "StorageTier": "standard",
        **inherits,
    }
    return view.new(SNAPSHOT, body, tags=tags, parent=volume_id, id_member="SnapshotId")


def completed(body: Body, size_bytes: int, at: datetime) -> None:
    """It is taken."""
    body |= {
        "State": "completed",
        "Progress": "100%",
        "CompletionTime": stamp(at),
        "FullSnapshotSizeInBytes": size_bytes,
    }


def failed(body: Body, why: str) -> None:
    """It could not be taken."""
    body |= {"State": "error", "StateMessage": why[:500]}


def inherited(body: Body) -> Body:
    """Return what of a row is handed on."""
    return {name: body[name] for name in INHERITED if name in body}
