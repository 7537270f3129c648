"""Device names of volumes: which there are, and how many an instance has at most. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sagehen.services.ec2.errors import Ec2Error, InvalidParameterValue

# Documented: "Device names for volumes on EC2 instances" in EC2's user guide. `/dev/sdf` and `sdf` are one.
_DEVICE = re.compile(r"(?:/dev/)?((?:sd[a-z]|xvd[a-z]{1,2}|hd[a-z])[0-9]{0,2})", re.ASCII)
# Documented: "Amazon EBS volume limits for EC2 instances": most Nitro types have 28 attachments, network
# interfaces among them.
MOST_VOLUMES = 27


def last_part(device: str) -> str:
    """Return what of a device's name tells it from others.

    Raises:
        InvalidParameterValue: It is none (code documented, sentence from memory).
    """
    named = _DEVICE.fullmatch(device)
    if named is None:
        raise InvalidParameterValue(f"Value ({device[:32]}) for parameter device is invalid.")
    return named[1]


def require_place(device: str, others: Iterable[str]) -> None:
    """Check that an instance can have one volume more, under a name that no other has.

    Raises:
        InvalidParameterValue: The name is none, or taken.
        Ec2Error: `AttachmentLimitExceeded` (documented; the sentence is ours).
    """
    taken = [other.rpartition("/")[2] for other in others]
    if last_part(device) in taken:
        raise InvalidParameterValue(
            f"Invalid value '{device}' for unixDevice. Attachment point {device} is already in use"
        )
    if len(taken) >= MOST_VOLUMES:
        raise Ec2Error("AttachmentLimitExceeded", f"An instance has {MOST_VOLUMES} volumes at most.")
