"""source: the snapshot that something is to be made of."""

from __future__ import annotations

from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.resources.kinds import SNAPSHOT
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.sharing import usable
from sagehen.services.ec2.resources.view import View


def source(view: View, identifier: str) -> Resource:
    """Return a snapshot that a volume, an image or a copy is to be made of: one's own, or one that is shared.

    Raises:
        Ec2Error: `InvalidSnapshot.NotFound`, `InvalidSnapshotID.Malformed`, `IncorrectState`: not taken yet.
    """
    found = usable(view, SNAPSHOT, identifier)
    if found.body["State"] != "completed":
        raise Ec2Error("IncorrectState", f"Snapshot is in invalid state - {found.body['State']}")
    return found
