"""DescribeImageAttribute, ModifyImageAttribute, ResetImageAttribute: of one's own images.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyImageAttribute.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request
from sagehen.services.ec2.errors import InvalidParameterCombination, InvalidParameterValue
from sagehen.services.ec2.images.creation import owned, require_available
from sagehen.services.ec2.images.own import described
from sagehen.services.ec2.network.vpcs import refuse_unbuilt
from sagehen.services.ec2.resources import sharing
from sagehen.services.ec2.resources.access import on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.resource import Body
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.snapshots.snapshots import check_description

# Attribute -> the member of the answer, and how it is shown there.
_SHOWN: dict[str, tuple[str, Callable[[Body], Any]]] = {
    "description": ("Description", lambda body: {"Value": body["Description"]}),
    "kernel": ("KernelId", lambda _: {}),
    "ramdisk": ("RamdiskId", lambda _: {}),
    "launchPermission": ("LaunchPermissions", sharing.shown),
    "productCodes": ("ProductCodes", lambda _: []),
    "blockDeviceMapping": ("BlockDeviceMappings", lambda body: body["BlockDeviceMappings"]),
    "sriovNetSupport": ("SriovNetSupport", lambda body: {"Value": body["SriovNetSupport"]}),
    "bootMode": ("BootMode", lambda body: {"Value": body.get("BootMode")}),
    "tpmSupport": ("TpmSupport", lambda _: {}),
    "imdsSupport": ("ImdsSupport", lambda body: {"Value": body.get("ImdsSupport")}),
    "deregistrationProtection": (
        "DeregistrationProtection",
        lambda body: {"Value": body["DeregistrationProtection"]},
    ),
}
_NOT_BUILT = ("uefiData", "lastLaunchedTime")
_CHANGED = ("Description", "LaunchPermission", "ImdsSupport")
_OF_PERMISSION = ("LaunchPermission", "OperationType", "UserIds", "UserGroups")
_ATTRIBUTES = ("description", "launchPermission", "imdsSupport")


class Attributes:
    """What may be changed of images.

    Args:
        state: Where they are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("DescribeImageAttribute", access=on("ImageId"))
    async def describe(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return one attribute.

        Raises:
            Ec2Error: `InvalidAMIID.NotFound`, `AuthFailure`.
            InvalidParameterValue: There is no such attribute.
            NotImplementedOperation: uefiData, lastLaunchedTime.
        """
        attribute = str(request.get("Attribute") or "")
        refuse_unbuilt({attribute: True}, _NOT_BUILT)
        if attribute not in _SHOWN:
            raise InvalidParameterValue(f"Value ({attribute[:64]}) for parameter attribute is invalid.")
        member, show = _SHOWN[attribute]

        def work(view: View) -> dict[str, Any]:
            image = owned(view, request["ImageId"])
            return {"ImageId": image.id, member: show(image.body)}

        return await self.state.read(context.scope, work)

    @action("ModifyImageAttribute", access=on("ImageId", attributes=_CHANGED))
    async def modify(self, context: RequestContext, request: Request) -> None:
        """Change the description, who may launch it, or that its machines ask for IMDSv2.

        Raises:
            Ec2Error: `InvalidAMIID.NotFound`, `AuthFailure`, `InvalidAMIID.Unavailable`: others launch none
                that is pending.
            InvalidParameterValue, InvalidParameterCombination.
            NotImplementedOperation: Product codes, organizations.
        """
        refuse_unbuilt(request, ("ProductCodes", "OrganizationArns", "OrganizationalUnitArns"))
        for item in _permissions(request):
            refuse_unbuilt(item, ("OrganizationArn", "OrganizationalUnitArn"))
        asked = _asked(request)
        attribute, value = next(iter(asked.items()))

        def work(view: View) -> None:
            image = owned(view, request["ImageId"])
            if attribute == "description":
                check_description(value)
                image.body["Description"] = value
            elif attribute == "imdsSupport":
                if value != "v2.0":
                    raise InvalidParameterValue(f"Value ({value[:64]}) for parameter imdsSupport is invalid.")
                image.body["ImdsSupport"] = value
            else:
                require_available(described(view, image), "may not be used for this operation")
                sharing.changed(image.body, request, "LaunchPermission", "UserGroups")
            view.save(image)

        await self.state.change(context.scope, request, work)

    @action("ResetImageAttribute", access=on("ImageId", attributes=("Attribute",)))
    async def reset(self, context: RequestContext, request: Request) -> None:
        """Let nobody else launch an image.

        Raises:
            Ec2Error: `InvalidAMIID.NotFound`, `AuthFailure`. InvalidParameterValue: Another attribute.
        """
        if request.get("Attribute") != "launchPermission":
            raise InvalidParameterValue("Only launchPermission can be reset.")

        def work(view: View) -> None:
            image = owned(view, request["ImageId"])
            sharing.reset(image.body)
            view.save(image)

        await self.state.change(context.scope, request, work)


def _permissions(request: Request) -> list[Body]:
    structure = request.get("LaunchPermission") or {}
    return [*(structure.get("Add") or ()), *(structure.get("Remove") or ())]


def _asked(request: Request) -> dict[str, Any]:
    """Return the one attribute that is to be changed, with its value.

    Raises:
        InvalidParameterCombination: None, or several. NotImplementedOperation: Another one.
    """
    named, found = request.get("Attribute"), {}
    if request.get("Description") is not None:
        found["description"] = request["Description"].get("Value") or ""
    if request.get("ImdsSupport") is not None:
        found["imdsSupport"] = request["ImdsSupport"].get("Value") or ""
    if any(request.get(member) is not None for member in _OF_PERMISSION):
        found["launchPermission"] = None
    if request.get("Value") is not None:
        if named not in ("description", "imdsSupport") or named in found:
            raise InvalidParameterCombination("Value goes with Attribute description or imdsSupport.")
        found[str(named)] = request["Value"]
    if named is not None and named not in _ATTRIBUTES:
        raise NotImplementedOperation(f"Sagehen does not implement the attribute {named[:64]!r} of EC2.")
    if len(found) != 1 or (named is not None and named not in found):
        raise InvalidParameterCombination(
            "Fields for multiple attribute types specified" if len(found) > 1 else "No attributes specified."
        )
    return found
