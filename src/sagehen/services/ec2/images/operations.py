"""DescribeImages.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.services.ec2.errors import Ec2Error, InvalidParameterValue
from sagehen.services.ec2.images import own
from sagehen.services.ec2.images.catalogue import public_images
from sagehen.services.ec2.images.finding import described, find, shown
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.filters import select
from sagehen.services.ec2.resources.kinds import IMAGE
from sagehen.services.ec2.resources.listing import check_page, numbered, page
from sagehen.services.ec2.resources.sharing import all_usable
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
                others = all_usable(view, IMAGE)
                found = [*public, *(own.described(view, image) for image in others)]
            if owners := request.get("Owners"):
                found = [image for image in found if _owned(image, owners, account)]
            if users := request.get("ExecutableUsers"):
                found = [image for image in found if _launchable(image, users, account)]
            chosen = select(numbered(map(shown, found)), request.get("Filters"), _FILTERS)
            return page(chosen, request, "Images", "images")

        return await self.state.read(context.scope, work)


def _owned(image: Mapping[str, Any], owners: list[str], account: str) -> bool:
    return any(
        image["OwnerId"] == (account if owner == "self" else owner) or image.get("ImageOwnerAlias") == owner
        for owner in owners
    )


def _launchable(image: Mapping[str, Any], users: list[str], account: str) -> bool:
    """Tell whether somebody of these was given permission to launch an image; its owner needs none."""
    if image["Public"]:
        return "all" in users
    named = [account if user == "self" else user for user in users]
    return any(user in (image.get("sharedWith") or ()) for user in named)


def _check_user(text: str) -> None:
    known = text in ("self", "all", "amazon", "aws-marketplace", "aws-backup-vault")
    if not known and not (text.isascii() and text.isdigit() and len(text) == 12):
        raise Ec2Error("InvalidUserID.Malformed", f'Invalid user id: "{text[:64]}"')
