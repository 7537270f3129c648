"""find: an image by its id: a public one, one's own, or one that its owner shares."""

from __future__ import annotations

from sagehen.services.ec2.images import own
from sagehen.services.ec2.images.catalogue import ALIAS, PublicImage, public_images
from sagehen.services.ec2.resources.kinds import IMAGE
from sagehen.services.ec2.resources.resource import Body
from sagehen.services.ec2.resources.sharing import usable
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.snapshots.snapshots import inherited


def described(image: PublicImage) -> Body:
    """Describe a public image, with the members of our own: what its machines are told of it."""
    family = image.family
    return {
        "ImageId": image.id,
        "Name": image.name,
        "Description": image.description,
        "ImageLocation": f"{ALIAS}/{image.name}",
        "ImageType": "machine",
        "ImageOwnerAlias": ALIAS,
        "OwnerId": family.owner,
        "Public": True,
        "State": "available",
        "Architecture": image.architecture,
        "CreationDate": image.created,
        "PlatformDetails": "Linux/UNIX",
        "UsageOperation": "RunInstances",
        "Hypervisor": "xen",
        "VirtualizationType": "hvm",
        "EnaSupport": True,
        "SriovNetSupport": "simple",
        "BootMode": "uefi" if image.architecture == "arm64" else "uefi-preferred",
        "RootDeviceName": family.root,
        "RootDeviceType": "ebs",
        "BlockDeviceMappings": [
            {
                "DeviceName": family.root,
                "Ebs": {
                    "DeleteOnTermination": True,
                    "Encrypted": False,
                    "SnapshotId": image.id.replace("ami-", "snap-"),
                    "VolumeSize": family.gib,
                    "VolumeType": family.volume,
                },
            }
        ],
        "Tags": [],
        "login": family.login,
        "imageName": image.name,
        "architecture": image.architecture,
    }


def find(view: View, identifier: str) -> Body:
    """Describe an image that one may use, with the members of our own.

    Raises:
        Ec2Error: `InvalidAMIID.NotFound`, `InvalidAMIID.Malformed`.
    """
    public = public_images(view.scope.region).get(identifier)
    return described(public) if public is not None else own.described(view, usable(view, IMAGE, identifier))


def shown(image: Body) -> Body:
    """Return an image as an answer has it."""
    return {name: value for name, value in image.items() if not name[0].islower()}


def looks(body: Body, region: str) -> Body:
    """Return what a machine is told of the image that it came from, which may be gone by now.

    Args:
        body: Of an instance; those that are older than these members are of public images.
    """
    if "login" in body:
        return inherited(body)
    public = public_images(region).get(body["ImageId"])
    return inherited(described(public)) if public else {"login": own.DEFAULT_LOGIN}
