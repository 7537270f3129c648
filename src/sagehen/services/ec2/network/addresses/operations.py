"""Elastic IP addresses: allocate, associate, release.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html and its neighbours.
Sentences of refusals are from memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.domain.access import Access
from sagehen.services.ec2.errors import (
    Ec2Error,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
)
from sagehen.services.ec2.network.addresses.association import POOL, associate, disassociate, leading_to
from sagehen.services.ec2.network.vpcs import refuse_unbuilt
from sagehen.services.ec2.resources.access import on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.filters import select
from sagehen.services.ec2.resources.kinds import ADDRESS, INSTANCE, INTERNET_GATEWAY, NETWORK_INTERFACE
from sagehen.services.ec2.resources.listing import asked_for, check_page, page
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.tags.rules import given

# AWS begins with five and raises that (documented).
MOST_ADDRESSES = 100
_FILTERS = {
    "allocation-id": "AllocationId",
    "association-id": "AssociationId",
    "domain": "Domain",
    "instance-id": "InstanceId",
    "network-border-group": "NetworkBorderGroup",
    "network-interface-id": "NetworkInterfaceId",
    "network-interface-owner-id": "NetworkInterfaceOwnerId",
    "private-ip-address": "PrivateIpAddress",
    "public-ip": "PublicIp",
}
_NOT_BUILT = ("Address", "CustomerOwnedIpv4Pool", "IpamPoolId")


def _on_address(owner: Addresses, context: RequestContext, request: Request) -> Iterator[Access]:
    members = {"AllocationId": "", "PublicIp": "PublicIp", "AssociationId": "AssociationId"}
    for address in owner.state.view(context.scope).all(ADDRESS):
        if any(
            request.get(member) and request[member] == (address.body.get(own) if own else address.id)
            for member, own in members.items()
        ):
            leads_to = request.get("NetworkInterfaceId") or address.body.get("NetworkInterfaceId")
            request = {**request, "AllocationId": address.id, "NetworkInterfaceId": leads_to}
            break
    return iter(on("AllocationId", "NetworkInterfaceId", "InstanceId")(owner, context, request))


class Addresses:
    """Elastic IP addresses.

    Args:
        state: Where resources are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("AllocateAddress", access=on(creates=ADDRESS))
    async def allocate_address(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Take an address.

        Raises:
            Ec2Error: `AddressLimitExceeded`.
            InvalidParameterValue, TagLimitExceeded.
            NotImplementedOperation: Address pools of one's own.
        """
        refuse_unbuilt(request, _NOT_BUILT)
        if request.get("Domain") == "standard":
            raise InvalidParameterValue("The parameter domain must be vpc.")
        if request.get("PublicIpv4Pool") not in (None, "amazon"):
            refuse_unbuilt(request, ("PublicIpv4Pool",))
        region = context.scope.region
        if request.get("NetworkBorderGroup") not in (None, region):
            raise InvalidParameterValue(
                f"Value ({request['NetworkBorderGroup']}) for parameter networkBorderGroup is invalid."
            )
        tags = given(request, ADDRESS)

        def work(view: View) -> Resource:
            others = view.all(ADDRESS)
            if len(others) >= MOST_ADDRESSES:
                raise Ec2Error("AddressLimitExceeded", "The maximum number of addresses has been reached.")
            body = {
                # Of all accounts': this machine answers at each of them.
                "PublicIp": _drawn(view, set(view.everywhere(ADDRESS, "PublicIp"))),
                "Domain": "vpc",
                "NetworkBorderGroup": region,
                "PublicIpv4Pool": "amazon",
            }
            return view.new(ADDRESS, body, tags=tags, id_member="AllocationId")

        made = await self.state.change(context.scope, request, work)
        return {name: value for name, value in made.shown().items() if name != "Tags"}

    @action("DescribeAddresses")
    async def describe_addresses(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return all addresses.

        Raises:
            Ec2Error: `InvalidAllocationID.NotFound`, `InvalidAddress.NotFound`.
        """

        def work(view: View) -> list[dict[str, Any]]:
            found = asked_for(view, ADDRESS, request.get("AllocationIds"))
            for public in request.get("PublicIps") or ():
                _by_public(view, public)
            wanted = request.get("PublicIps")
            chosen = [item.shown() for item in found if not wanted or item.body["PublicIp"] in wanted]
            return select(chosen, request.get("Filters"), _FILTERS)

        return {"Addresses": await self.state.read(context.scope, work)}

    @action("DescribeAddressesAttribute")
    async def describe_addresses_attribute(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of addresses with their attribute, a domain name: none has one."""
        check_page(request, "AllocationIds", fewest=1)

        def work(view: View) -> Reply:
            found = asked_for(view, ADDRESS, request.get("AllocationIds"))
            shown = [
                {"PublicIp": item.body["PublicIp"], "AllocationId": item.id, "": item.number}
                for item in found
            ]
            return page(shown, request, "Addresses", "addresses-attribute")

        return await self.state.read(context.scope, work)

    @action("AssociateAddress", access=_on_address)
    async def associate_address(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Let an address lead to a network interface, or to a machine's first one.

        Raises:
            Ec2Error: `….NotFound`, `Resource.AlreadyAssociated`, `Gateway.NotAttached`.
            InvalidParameterCombination, InvalidParameterValue, MissingParameter.
            NotImplementedOperation: To a secondary private address.
        """
        target = request.get("NetworkInterfaceId"), request.get("InstanceId")
        if not any(target):
            raise MissingParameter("instanceId or networkInterfaceId")
        if all(target):
            raise InvalidParameterCombination(
                "You may specify either instanceId or networkInterfaceId, but not both."
            )

        def work(view: View) -> str:
            address = _named(view, request)
            interface = _target(view, request)
            private = request.get("PrivateIpAddress") or interface.body["PrivateIpAddress"]
            if private not in [item["PrivateIpAddress"] for item in interface.body["PrivateIpAddresses"]]:
                raise InvalidParameterValue(
                    f"Private IP address {private[:64]} is not assigned to interface {interface.id}."
                )
            if private != interface.body["PrivateIpAddress"]:
                secondary = "an address of secondary private addresses"
                refuse_unbuilt({secondary: True}, (secondary,))  # nothing would listen there
            if not view.count(INTERNET_GATEWAY, interface.body["VpcId"]):
                raise Ec2Error(
                    "Gateway.NotAttached",
                    f"Network {interface.body['VpcId']} is not attached to any internet gateway",
                )
            if (interface.body.get("Attachment") or {}).get("DeviceIndex"):
                further = "Elastic IP addresses of further network interfaces"
                refuse_unbuilt({further: True}, (further,))
            former = address.body.get("AssociationId")
            if former and not request.get("AllowReassociation"):
                raise Ec2Error(
                    "Resource.AlreadyAssociated",
                    f"resource {address.id} is already associated with associate-id {former}",
                )
            for other in leading_to(view, interface):
                if other.id != address.id and other.body["PrivateIpAddress"] == private:
                    disassociate(view, other)
            return associate(view, address, interface, private)

        return {"AssociationId": await self.state.change(context.scope, request, work)}

    @action("DisassociateAddress", access=_on_address)
    async def disassociate_address(self, context: RequestContext, request: Request) -> None:
        """Let an address lead nowhere.

        Raises:
            Ec2Error: `InvalidAssociationID.NotFound`, `InvalidAddress.NotFound`.
            MissingParameter.
        """
        identifier, public = request.get("AssociationId"), request.get("PublicIp")
        if not identifier and not public:
            raise MissingParameter("associationId or publicIp")

        def work(view: View) -> None:
            if identifier:
                found = [a for a in view.all(ADDRESS) if a.body.get("AssociationId") == identifier]
                if not found:
                    raise Ec2Error(
                        "InvalidAssociationID.NotFound", f"The association ID '{identifier}' does not exist"
                    )
                address = found[0]
            else:
                address = _by_public(view, str(public))
            disassociate(view, address)

        await self.state.change(context.scope, request, work)

    @action("ReleaseAddress", access=_on_address)
    async def release_address(self, context: RequestContext, request: Request) -> None:
        """Give an address back that leads nowhere.

        Raises:
            Ec2Error: `….NotFound`, `InvalidIPAddress.InUse`.
            MissingParameter.
        """

        def work(view: View) -> None:
            address = _named(view, request)
            if address.body.get("AssociationId"):
                raise Ec2Error("InvalidIPAddress.InUse", f"Address {address.body['PublicIp']} is in use.")
            view.remove(address)

        await self.state.change(context.scope, request, work)


def _drawn(view: View, taken: set[str]) -> str:
    while True:
        offset = int(view.draw("ip").rpartition("-")[2], 16) % (POOL.num_addresses - 2)
        address = str(IPv4Address(int(POOL.network_address) + 1 + offset))
        if address not in taken:
            return address


def _by_public(view: View, public: str) -> Resource:
    for address in view.all(ADDRESS):
        if address.body["PublicIp"] == public:
            return address
    raise Ec2Error("InvalidAddress.NotFound", f"Address '{public}' not found.")


def _named(view: View, request: Request) -> Resource:
    if request.get("AllocationId"):
        return view.get(ADDRESS, request["AllocationId"])
    if request.get("PublicIp"):
        return _by_public(view, request["PublicIp"])
    raise MissingParameter("allocationId")


def _target(view: View, request: Request) -> Resource:
    if request.get("NetworkInterfaceId"):
        return view.get(NETWORK_INTERFACE, request["NetworkInterfaceId"])
    wanted = request["InstanceId"]
    for interface in view.all(NETWORK_INTERFACE):
        attachment = interface.body.get("Attachment") or {}
        if attachment.get("InstanceId") == wanted and attachment.get("DeviceIndex") == 0:
            return interface
    INSTANCE.check(wanted)
    raise INSTANCE.not_found(wanted)
