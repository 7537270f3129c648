"""Public addresses of instances: one of the loopback range for each, while it runs.

AWS's own address of an instance changes with every start, unless it is an Elastic IP address; so does this
one.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from sagehen.services.ec2.network.addresses.association import leading_to
from sagehen.services.ec2.resources.kinds import INSTANCE, NETWORK_INTERFACE
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.view import View

# Below that of Elastic IP addresses: on this machine, and on no other, something can answer there.
POOL = IPv4Network("127.64.0.0/10")


def draw(view: View) -> str:
    """Return an address that no instance of any account has."""
    taken = set(view.everywhere(INSTANCE, "publicIp"))
    while True:
        offset = int(view.draw("ip").rpartition("-")[2], 16) % (POOL.num_addresses - 2)
        address = str(IPv4Address(int(POOL.network_address) + 1 + offset))
        if address not in taken:
            return address


def public_address(view: View, body: Body) -> str:
    """Return the public address of an instance: an Elastic IP address, or its own, or ''."""
    interface = interface_of(view, body)
    for address in leading_to(view, interface) if interface else ():
        if address.body["PrivateIpAddress"] == interface.body["PrivateIpAddress"]:  # type: ignore[union-attr]
            return str(address.body["PublicIp"])
    return str(body.get("publicIp") or "")


def interface_of(view: View, body: Body) -> Resource | None:
    """Return the network interface of an instance; None where it is gone."""
    return view.find(NETWORK_INTERFACE, body["interfaceId"])


def further_interfaces(view: View, body: Body) -> list[Resource]:
    """Return the network interfaces of an instance besides the first."""
    found = [view.find(NETWORK_INTERFACE, identifier) for identifier in body.get("furtherInterfaces", ())]
    return [interface for interface in found if interface is not None]


def public_name(address: str, region: str) -> str:
    """Return the public DNS name of an address, as AWS writes it. No name server knows these."""
    if not address:
        return ""
    domain = "compute-1" if region == "us-east-1" else f"{region}.compute"
    return f"ec2-{address.replace('.', '-')}.{domain}.amazonaws.com"
