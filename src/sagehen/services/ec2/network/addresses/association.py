"""What ties an address to an interface."""

from __future__ import annotations

from ipaddress import IPv4Network

from sagehen.services.ec2.resources.kinds import ADDRESS
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.view import View

# The upper half of the loopback range: on this machine, and on no other, something could answer there.
POOL = IPv4Network("127.192.0.0/10")
_MEMBERS = (
    "AssociationId",
    "NetworkInterfaceId",
    "NetworkInterfaceOwnerId",
    "PrivateIpAddress",
    "InstanceId",
)


def association_of(address: Resource) -> list[str]:
    """Return the members that an address has only while it leads somewhere."""
    return [member for member in _MEMBERS if member in address.body]


def disassociate(view: View, address: Resource) -> None:
    """Let an address lead nowhere."""
    for member in association_of(address):
        del address.body[member]
    address.parent = ""
    view.save(address)


def associate(view: View, address: Resource, interface: Resource, private_address: str) -> str:
    """Let an address lead to an interface; return the association's id."""
    address.parent = interface.id
    address.body |= {
        "AssociationId": view.draw("eipassoc"),
        "NetworkInterfaceId": interface.id,
        "NetworkInterfaceOwnerId": view.scope.account_id,
        "PrivateIpAddress": private_address,
    }
    if instance_id := (interface.body.get("Attachment") or {}).get("InstanceId"):
        address.body["InstanceId"] = instance_id
    view.save(address)
    return str(address.body["AssociationId"])


def leading_to(view: View, interface: Resource) -> list[Resource]:
    """Return the addresses that lead to an interface."""
    return view.of(ADDRESS, interface.id)
