"""A snapshot's row. Its states are pending, completed and error (documented); the copy is the host's."""

from __future__ import annotations

from datetime import datetime

from sagehen.services.ec2.errors import Ec2Error, InvalidParameterValue
from sagehen.services.ec2.resources.kinds import SNAPSHOT
from sagehen.services.ec2.resources.resource import Body, Resource, stamp
from sagehen.services.ec2.resources.view import View

# Ours: AWS's quota is 100,000 for a region. Each is a copy on this machine's disk.
MOST_SNAPSHOTS = 500
_MOST_DESCRIPTION = 255
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
        Ec2Error: `SnapshotLimitExceeded`. InvalidParameterValue: The description.
    """
    check_description(description)
    if view.count(SNAPSHOT) >= MOST_SNAPSHOTS:
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


def check_description(text: str) -> None:
    """Check a description, of an image too.

    Raises:
        InvalidParameterValue
    """
    if len(text) > _MOST_DESCRIPTION or not text.isprintable():
        raise InvalidParameterValue(
            f"A description has at most {_MOST_DESCRIPTION} characters, and no control characters."
        )


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
