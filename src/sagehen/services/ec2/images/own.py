"""An image of one's own: its row, and its state, which follows from those of its snapshots."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.resources.kinds import IMAGE, SNAPSHOT
from sagehen.services.ec2.resources.resource import Body, Resource, stamp
from sagehen.services.ec2.resources.sharing import ALL
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.snapshots.snapshots import check_description

# Documented: 3 to 128 of these characters.
_NAME = re.compile(r"[A-Za-z0-9()\[\] ./\-'@_]{3,128}")
# Ours; AWS's quota is 50,000 for a region.
MOST_IMAGES = 500
DEFAULT_LOGIN = "ec2-user"


def new_image(
    view: View,
    *,
    name: str,
    description: str,
    architecture: str,
    root: str,
    mappings: Sequence[Body],
    at: datetime,
    tags: dict[str, str],
    more: Body,
) -> Resource:
    """Make the row of an image.

    Args:
        root: The device of the root volume.
        mappings: As the image shows them; the snapshots that they name are pending, or taken.
        more: Further members: where it comes from, and what is inherited.

    Raises:
        Ec2Error: `InvalidAMIName.Malformed`, `InvalidAMIName.Duplicate`, `ResourceLimitExceeded`.
        InvalidParameterValue: The description is too long.
    """
    check_name(view, name)
    check_description(description)
    if view.count(IMAGE) >= MOST_IMAGES:
        raise Ec2Error("ResourceLimitExceeded", "The maximum number of images has been reached.")
    body: Body = {
        "Name": name,
        "Description": description,
        "ImageLocation": f"{view.scope.account_id}/{name}",
        "ImageType": "machine",
        "OwnerId": view.scope.account_id,
        "Public": False,
        "State": "pending",
        "Architecture": architecture,
        "CreationDate": stamp(at),
        "PlatformDetails": "Linux/UNIX",
        "UsageOperation": "RunInstances",
        "Hypervisor": "xen",
        "VirtualizationType": "hvm",
        "EnaSupport": True,
        "SriovNetSupport": "simple",
        "RootDeviceName": root,
        "RootDeviceType": "ebs",
        "BlockDeviceMappings": list(mappings),
        "DeregistrationProtection": "disabled",
        **more,
    }
    return view.new(IMAGE, body, tags=tags, id_member="ImageId")


def check_name(view: View, name: str) -> None:
    """Check that an image may be called so.

    Raises:
        Ec2Error: `InvalidAMIName.Malformed`, `InvalidAMIName.Duplicate` (its sentence is recorded).
    """
    if not _NAME.fullmatch(name):
        raise Ec2Error(
            "InvalidAMIName.Malformed",
            "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, spaces, "
            "and the characters ()[]./-'@_",
        )
    for image in view.all(IMAGE):
        if image.body["Name"] == name:
            raise Ec2Error("InvalidAMIName.Duplicate", f"AMI name {name} is already in use by AMI {image.id}")


def snapshot_ids(body: Body) -> list[str]:
    """Return the ids of the snapshots that an image is made of."""
    found = [(mapping.get("Ebs") or {}).get("SnapshotId") for mapping in body["BlockDeviceMappings"]]
    return [identifier for identifier in found if identifier]


def described(view: View, image: Resource) -> Body:
    """Return an image with its state now, and with the members of our own."""
    body = {**image.body, "Public": ALL in (image.body.get("sharedWith") or ())}
    own = image.scope.account_id == view.scope.account_id
    return {**body, **_state(view, image), "Tags": image.tag_list if own else []}


def _state(view: View, image: Resource) -> dict[str, Any]:
    states = []
    for identifier in snapshot_ids(image.body):
        row = view.anywhere(SNAPSHOT, identifier)
        states.append((row.body["State"], row.body.get("StateMessage", "")) if row else ("error", "gone"))
    if broken := [message for state, message in states if state == "error"]:
        reason = {"Code": "Client.SnapshotFailed", "Message": broken[0]}  # ours: AWS's is not known here
        return {"State": "failed", "StateReason": reason}
    return {"State": "available" if all(state == "completed" for state, _ in states) else "pending"}
