"""Network interfaces. What attaches them to machines comes with machines.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html and its
neighbours. Sentences of refusals are from memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.services.ec2.errors import Ec2Error, InvalidParameterCombination, InvalidParameterValue
from sagehen.services.ec2.network.addresses.association import disassociate, leading_to
from sagehen.services.ec2.network.network_interfaces.making import new_interface, shown_groups
from sagehen.services.ec2.network.vpcs import refuse_unbuilt
from sagehen.services.ec2.resources.access import on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import NETWORK_INTERFACE, SUBNET
from sagehen.services.ec2.resources.listing import listed
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.tokens import once
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.tags.rules import given

_FILTERS = {
    "addresses.association.public-ip": "PrivateIpAddresses.Association.PublicIp",
    "addresses.primary": "PrivateIpAddresses.Primary",
    "addresses.private-ip-address": "PrivateIpAddresses.PrivateIpAddress",
    "association.allocation-id": "Association.AllocationId",
    "association.association-id": "Association.AssociationId",
    "association.ip-owner-id": "Association.IpOwnerId",
    "association.public-ip": "Association.PublicIp",
    "association.public-dns-name": "Association.PublicDnsName",
    "attachment.attachment-id": "Attachment.AttachmentId",
    "attachment.delete-on-termination": "Attachment.DeleteOnTermination",
    "attachment.device-index": "Attachment.DeviceIndex",
    "attachment.instance-id": "Attachment.InstanceId",
    "attachment.status": "Attachment.Status",
    "availability-zone": "AvailabilityZone",
    "description": "Description",
    "group-id": "Groups.GroupId",
    "group-name": "Groups.GroupName",
    "interface-type": "InterfaceType",
    "mac-address": "MacAddress",
    "network-interface-id": "NetworkInterfaceId",
    "owner-id": "OwnerId",
    "private-dns-name": "PrivateDnsName",
    "private-ip-address": "PrivateIpAddress",
    "requester-id": "RequesterId",
    "requester-managed": "RequesterManaged",
    "source-dest-check": "SourceDestCheck",
    "status": "Status",
    "subnet-id": "SubnetId",
    "vpc-id": "VpcId",
}
_NOT_BUILT = (
    *("Ipv6AddressCount", "Ipv6Addresses", "Ipv4Prefixes", "Ipv4PrefixCount", "Ipv6Prefixes"),
    *("Ipv6PrefixCount", "EnablePrimaryIpv6", "InterfaceType", "Operator", "ConnectionTrackingSpecification"),
)
_MOST_ADDRESSES = 50
_LONGEST_DESCRIPTION = 255
# DescribeNetworkInterfaceAttribute: attribute -> member of the answer, and how it is shown there.
_ATTRIBUTES: dict[str, tuple[str, Callable[[Body], Any]]] = {
    "description": ("Description", lambda body: {"Value": body["Description"]}),
    "groupSet": ("Groups", lambda body: body["Groups"]),
    "sourceDestCheck": ("SourceDestCheck", lambda body: {"Value": body["SourceDestCheck"]}),
    "attachment": ("Attachment", lambda body: body.get("Attachment")),
}


class NetworkInterfaces:
    """Network interfaces.

    Args:
        state: Where resources are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("CreateNetworkInterface", access=on("SubnetId", "Groups", creates=NETWORK_INTERFACE))
    async def create_network_interface(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make an interface in a subnet.

        Raises:
            Ec2Error: `….NotFound`, `InvalidIPAddress.InUse`, `InsufficientFreeAddressesInSubnet`, …
            InvalidParameterValue, InvalidParameterCombination, TagLimitExceeded, IdempotentParameterMismatch.
            NotImplementedOperation: IPv6, prefixes and interfaces of other types.
        """
        plain = request.get("InterfaceType") in (None, "interface")
        refuse_unbuilt({**request, "InterfaceType": None} if plain else request, _NOT_BUILT)
        address, secondary = _addresses(request)
        description = _description(request.get("Description") or "")
        tags = given(request, NETWORK_INTERFACE)

        def work(view: View) -> dict[str, Any]:
            made = once(
                *(view, NETWORK_INTERFACE, request),
                lambda: new_interface(
                    view,
                    view.get(SUBNET, request["SubnetId"]),
                    address=address,
                    secondary=secondary,
                    groups=request.get("Groups") or (),
                    description=description,
                    tags=tags,
                ),
            )
            return _described(view, made)

        shown = await self.state.change(context.scope, request, work)
        return {"NetworkInterface": shown, "ClientToken": request.get("ClientToken")}

    @action("DescribeNetworkInterfaces")
    async def describe_network_interfaces(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of interfaces."""

        def shown(view: View, interface: Resource) -> dict[str, Any]:
            described = _described(view, interface)
            described["Tags"] = described["TagSet"]  # filters find tags there
            return described

        return await self.state.read(
            context.scope,
            lambda view: listed(
                *(view, request, NETWORK_INTERFACE),
                answer="NetworkInterfaces",
                ids="NetworkInterfaceIds",
                filters=_FILTERS,
                shown=shown,
            ),
        )

    @action("DescribeNetworkInterfaceAttribute")
    async def describe_attribute(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return one attribute.

        Raises:
            Ec2Error: `InvalidNetworkInterfaceID.NotFound`.
            InvalidParameterCombination: None is named.
            NotImplementedOperation: associatePublicIpAddress.
        """
        identifier = request["NetworkInterfaceId"]
        interface = await self.state.read(context.scope, lambda view: view.get(NETWORK_INTERFACE, identifier))
        attribute = request.get("Attribute")
        if not attribute:
            raise InvalidParameterCombination("No attributes specified.")
        if attribute not in _ATTRIBUTES:
            refuse_unbuilt({attribute: True}, (attribute,))
        member, show = _ATTRIBUTES[attribute]
        return {"NetworkInterfaceId": identifier, member: show(interface.body)}

    @action(
        "ModifyNetworkInterfaceAttribute",
        access=on("NetworkInterfaceId", "Groups", attributes=("Description", "SourceDestCheck")),
    )
    async def modify_attribute(self, context: RequestContext, request: Request) -> None:
        """Change an interface's description, groups, or whether it checks senders.

        Raises:
            Ec2Error: `….NotFound`.
            InvalidParameterCombination: Nothing is to be changed, or several things.
            NotImplementedOperation: Other attributes.
        """
        refuse_unbuilt(
            request,
            (
                *("EnaSrdSpecification", "EnablePrimaryIpv6", "ConnectionTrackingSpecification"),
                *("AssociatePublicIpAddress", "AssociatedSubnetIds"),
            ),
        )
        members = ("Description", "SourceDestCheck", "Groups", "Attachment")
        wanted: Body = request.get("Attachment") or {}
        refuse_unbuilt(wanted, ("DefaultEnaQueueCount", "EnaQueueCount"))
        named = [member for member in members if request.get(member) is not None]
        _description((request.get("Description") or {}).get("Value") or "")
        if len(named) != 1:
            raise InvalidParameterCombination("Exactly one attribute must be specified.")

        def work(view: View) -> None:
            interface = view.get(NETWORK_INTERFACE, request["NetworkInterfaceId"])
            if named == ["Groups"]:
                interface.body["Groups"] = shown_groups(view, interface.body["VpcId"], request["Groups"])
            elif named == ["Attachment"]:
                attachment = interface.body.get("Attachment") or {}
                if not attachment or attachment["AttachmentId"] != wanted.get("AttachmentId"):
                    raise Ec2Error(
                        "InvalidAttachmentID.NotFound",
                        f"The networkInterfaceAttachment ID '{str(wanted.get('AttachmentId'))[:64]}' does "
                        "not exist",
                    )
                if wanted.get("DeleteOnTermination") is not None:
                    attachment["DeleteOnTermination"] = wanted["DeleteOnTermination"]
            else:
                interface.body[named[0]] = request[named[0]].get("Value")
            view.save(interface)

        await self.state.change(context.scope, request, work)

    @action("DeleteNetworkInterface", access=on("NetworkInterfaceId"))
    async def delete_network_interface(self, context: RequestContext, request: Request) -> None:
        """Delete an interface that nothing has; its public address becomes free.

        Raises:
            Ec2Error: `InvalidNetworkInterfaceID.NotFound`, `InvalidNetworkInterface.InUse`.
        """

        def work(view: View) -> None:
            interface = view.get(NETWORK_INTERFACE, request["NetworkInterfaceId"])
            if interface.body.get("Attachment"):
                raise Ec2Error(
                    "InvalidNetworkInterface.InUse",
                    f"Network interface '{interface.id}' is currently in use.",
                )
            for address in leading_to(view, interface):
                disassociate(view, address)
            view.remove(interface)

        await self.state.change(context.scope, request, work)


def _described(view: View, interface: Resource) -> dict[str, Any]:
    """Describe an interface with the public addresses that lead to it; its tags have a name of their own."""
    described = interface.shown()
    described["TagSet"] = described.pop("Tags")
    addresses = [dict(item) for item in described["PrivateIpAddresses"]]
    for address in leading_to(view, interface):
        association = {
            "AllocationId": address.id,
            "AssociationId": address.body["AssociationId"],
            "IpOwnerId": view.scope.account_id,
            "PublicIp": address.body["PublicIp"],
            "PublicDnsName": "",
        }
        for item in addresses:
            if item["PrivateIpAddress"] == address.body["PrivateIpAddress"]:
                item["Association"] = association
                if item["Primary"]:
                    described["Association"] = association
    described["PrivateIpAddresses"] = addresses
    return described


def _description(text: str) -> str:
    if len(text) > _LONGEST_DESCRIPTION or not text.isprintable():
        raise InvalidParameterValue(
            f"A description has at most {_LONGEST_DESCRIPTION} characters, and no control characters."
        )
    return text


def _addresses(request: Request) -> tuple[str, int]:
    """Return the primary address that a request names, and how many more it wants."""
    specified = request.get("PrivateIpAddresses") or ()
    count = request.get("SecondaryPrivateIpAddressCount") or 0
    if specified and (count or request.get("PrivateIpAddress")):
        raise InvalidParameterCombination(
            "privateIpAddresses cannot be combined with privateIpAddress or secondaryPrivateIpAddressCount."
        )
    if len(specified) > 1:
        refuse_unbuilt({"several PrivateIpAddresses": True}, ("several PrivateIpAddresses",))
    if not 0 <= count < _MOST_ADDRESSES:
        raise InvalidParameterValue(
            f"Value ({count}) for parameter secondaryPrivateIpAddressCount is invalid."
        )
    primary = next((item.get("PrivateIpAddress") or "" for item in specified), "")
    return request.get("PrivateIpAddress") or primary, count
