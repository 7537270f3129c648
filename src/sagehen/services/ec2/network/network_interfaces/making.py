"""new_interface: an interface in a subnet, for who asks for one and for what runs in the VPC."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from sagehen.services.ec2.errors import Ec2Error, InvalidParameterValue
from sagehen.services.ec2.network.blocks import free_address
from sagehen.services.ec2.network.dhcp_options import private_name
from sagehen.services.ec2.network.security_groups.groups import default_group
from sagehen.services.ec2.resources.kinds import NETWORK_INTERFACE, SECURITY_GROUP
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.view import View

# Documented: AWS's quotas.
MOST_INTERFACES = 5000
_MOST_GROUPS = 5


def new_interface(
    view: View,
    subnet: Resource,
    *,
    address: str = "",
    secondary: int = 0,
    groups: Sequence[str] = (),
    description: str = "",
    tags: dict[str, str] | None = None,
) -> Resource:
    """Make an interface.

    Args:
        address: Its primary private address; the first that is free by default.
        secondary: How many more it is to have.
        groups: Ids of its security groups; the VPC's own by default.

    Raises:
        Ec2Error: `InvalidIPAddress.InUse`, `InsufficientFreeAddressesInSubnet`, `InvalidGroup.NotFound`,
            `SecurityGroupsPerInterfaceLimitExceeded`, `NetworkInterfaceLimitExceeded`.
        InvalidParameterValue: The address is not one of the subnet's.
    """
    if view.count(NETWORK_INTERFACE) >= MOST_INTERFACES:
        raise Ec2Error(
            "NetworkInterfaceLimitExceeded", "The maximum number of network interfaces has been reached."
        )
    addresses: list[str] = []
    taken = addresses_in(view, subnet)
    if address:
        addresses.append(_checked(subnet, address, taken))
    while len(addresses) < 1 + secondary:
        addresses.append(_free(subnet, [*taken, *addresses]))
    body: Body = {
        "SubnetId": subnet.id,
        "VpcId": subnet.parent,
        "AvailabilityZone": subnet.body["AvailabilityZone"],
        "Description": description,
        "OwnerId": view.scope.account_id,
        "RequesterManaged": False,
        "InterfaceType": "interface",
        "MacAddress": _mac(view.draw("mac")),
        "SourceDestCheck": True,
        "Status": "available",
        "Ipv6Addresses": [],
        "Groups": shown_groups(view, subnet.parent, groups),
        "PrivateIpAddress": addresses[0],
        "PrivateDnsName": private_name(addresses[0], view.scope.region),
        "PrivateIpAddresses": [
            private_address(view, text, primary=number == 0) for number, text in enumerate(addresses)
        ],
    }
    return view.new(NETWORK_INTERFACE, body, tags=tags, parent=subnet.id, id_member="NetworkInterfaceId")


def private_address(view: View, text: str, *, primary: bool) -> dict[str, Any]:
    """Describe one of an interface's addresses."""
    return {
        "Primary": primary,
        "PrivateIpAddress": text,
        "PrivateDnsName": private_name(text, view.scope.region),
    }


def addresses_in(view: View, subnet: Resource) -> list[str]:
    """Return the addresses of a subnet that interfaces have."""
    return [
        item["PrivateIpAddress"]
        for interface in view.of(NETWORK_INTERFACE, subnet.id)
        for item in interface.body["PrivateIpAddresses"]
    ]


def shown_groups(view: View, vpc_id: str, groups: Sequence[str]) -> list[dict[str, str]]:
    """Return groups as an interface shows them.

    Raises:
        Ec2Error: `InvalidGroup.NotFound`, of another VPC's too; `SecurityGroupsPerInterfaceLimitExceeded`.
    """
    found = [view.get(SECURITY_GROUP, identifier) for identifier in dict.fromkeys(groups)]
    for group in found:
        if group.parent != vpc_id:
            raise SECURITY_GROUP.not_found(group.id)
    if len(found) > _MOST_GROUPS:
        raise Ec2Error(
            "SecurityGroupsPerInterfaceLimitExceeded",
            "The maximum number of security groups per interface has been reached.",
        )
    found = found or [default_group(view, vpc_id)]
    return [{"GroupId": group.id, "GroupName": group.body["GroupName"]} for group in found]


def _free(subnet: Resource, taken: Sequence[str]) -> str:
    found = free_address(IPv4Network(subnet.body["CidrBlock"]), taken)
    if found is None:
        raise Ec2Error(
            "InsufficientFreeAddressesInSubnet", f"insufficient free addresses in subnet '{subnet.id}'"
        )
    return found


def _checked(subnet: Resource, text: str, taken: Sequence[str]) -> str:
    network = IPv4Network(subnet.body["CidrBlock"])
    try:
        address = IPv4Address(text[:64])
    except ValueError:
        raise InvalidParameterValue(f"invalid value for parameter address: [{text[:64]}]") from None
    if address not in network:
        raise InvalidParameterValue("Address does not fall within the subnet's address range")
    offset = int(address) - int(network.network_address)
    if offset < 4 or address == network.broadcast_address:  # the five that AWS keeps
        raise InvalidParameterValue("Address is in subnet's reserved address range")
    if str(address) in taken:
        raise Ec2Error("InvalidIPAddress.InUse", f"Address {address} is in use.")
    return str(address)


def _mac(seed: str) -> str:
    digits = hashlib.sha256(seed.encode()).hexdigest()[:10]
    # `02`: a locally administered address, as AWS's are.
    return ":".join(["02", *(digits[at : at + 2] for at in range(0, 10, 2))])
