"""DescribeImages. Images of one's own are made of machines, and come with them.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.services.ec2.errors import Ec2Error, InvalidParameterValue
from sagehen.services.ec2.images.catalogue import ALIAS, PublicImage, public_images
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.filters import select
from sagehen.services.ec2.resources.kinds import IMAGE
from sagehen.services.ec2.resources.listing import check_page, numbered, page
from sagehen.services.ec2.resources.resource import Body
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View

_FILTERS = {
    "architecture": "Architecture",
    "block-device-mapping.delete-on-termination": "BlockDeviceMappings.Ebs.DeleteOnTermination",
    "block-device-mapping.device-name": "BlockDeviceMappings.DeviceName",
    "block-device-mapping.snapshot-id": "BlockDeviceMappings.Ebs.SnapshotId",
    "block-device-mapping.volume-size": "BlockDeviceMappings.Ebs.VolumeSize",
    "block-device-mapping.volume-type": "BlockDeviceMappings.Ebs.VolumeType",
    "block-device-mapping.encrypted": "BlockDeviceMappings.Ebs.Encrypted",
    "boot-mode": "BootMode",
    "creation-date": "CreationDate",
    "description": "Description",
    "ena-support": "EnaSupport",
    "hypervisor": "Hypervisor",
    "image-id": "ImageId",
    "image-type": "ImageType",
    "is-public": "Public",
    "name": "Name",
    "owner-alias": "ImageOwnerAlias",
    "owner-id": "OwnerId",
    "platform": "Platform",
    "platform-details": "PlatformDetails",
    "root-device-name": "RootDeviceName",
    "root-device-type": "RootDeviceType",
    "source-instance-id": "SourceInstanceId",
    "sriov-net-support": "SriovNetSupport",
    "state": "State",
    "virtualization-type": "VirtualizationType",
}
_MOST_NAMED = 1000


def described(image: PublicImage) -> Body:
    """Describe a public image."""
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
    }


def find(view: View, identifier: str) -> Body:
    """Describe an image by its id, a public one or one's own.

    Raises:
        Ec2Error: `InvalidAMIID.NotFound`, `InvalidAMIID.Malformed`.
    """
    public = public_images(view.scope.region).get(identifier)
    return described(public) if public is not None else view.get(IMAGE, identifier).shown()


class Images:
    """Images.

    Args:
        state: Where one's own are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("DescribeImages")
    async def describe_images(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of images: public ones and one's own.

        Raises:
            Ec2Error: `InvalidAMIID.NotFound`, `InvalidAMIID.Malformed`, `InvalidUserID.Malformed`.
            InvalidParameterValue, InvalidParameterCombination, InvalidNextToken.
        """
        check_page(request, "ImageIds", fewest=1)
        account = context.scope.account_id
        for owner in (*(request.get("Owners") or ()), *(request.get("ExecutableUsers") or ())):
            _check_user(owner)

        def work(view: View) -> Reply:
            if identifiers := request.get("ImageIds"):
                if len(identifiers) > _MOST_NAMED:
                    raise InvalidParameterValue(f"At most {_MOST_NAMED} ids can be given.")
                found = [find(view, identifier) for identifier in dict.fromkeys(identifiers)]
            else:
                public = map(described, public_images(view.scope.region).values())
                found = [*public, *(image.shown() for image in view.all(IMAGE))]
            if owners := request.get("Owners"):
                found = [image for image in found if _owned(image, owners, account)]
            if users := request.get("ExecutableUsers"):
                found = [image for image in found if "all" in users and image["Public"]]
            shown = select(numbered(found), request.get("Filters"), _FILTERS)
            return page(shown, request, "Images", "images")

        return await self.state.read(context.scope, work)


def _owned(image: Mapping[str, Any], owners: list[str], account: str) -> bool:
    return any(
        image["OwnerId"] == (account if owner == "self" else owner) or image.get("ImageOwnerAlias") == owner
        for owner in owners
    )


def _check_user(text: str) -> None:
    known = text in ("self", "all", "amazon", "aws-marketplace", "aws-backup-vault")
    if not known and not (text.isascii() and text.isdigit() and len(text) == 12):
        raise Ec2Error("InvalidUserID.Malformed", f'Invalid user id: "{text[:64]}"')
