"""Network interfaces of an order: which are asked for, and where; what speaks against them is told here."""

from __future__ import annotations

from sagehen.services.ec2.errors import (
    Ec2Error,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
)
from sagehen.services.ec2.instances.launch.order import Interface
from sagehen.services.ec2.network.addresses.association import leading_to
from sagehen.services.ec2.network.security_groups.finding import in_default_vpc
from sagehen.services.ec2.network.vpcs import default_vpc, refuse_unbuilt
from sagehen.services.ec2.resources.kinds import NETWORK_INTERFACE, SECURITY_GROUP, SUBNET
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.view import View

DEFAULT_TYPE = "m1.small"  # documented
_INTERFACE = (
    *("DeviceIndex", "SubnetId", "Groups", "AssociatePublicIpAddress", "DeleteOnTermination", "Description"),
    *("PrivateIpAddress", "PrivateIpAddresses", "SecondaryPrivateIpAddressCount", "NetworkInterfaceId"),
    *("NetworkCardIndex", "InterfaceType"),
)
# What the largest types have (from memory).
MOST_INTERFACES = 15


def interfaces_in(asked: Body) -> list[Body]:
    """Return the network interfaces that are asked for, the first one first; that one is always there.

    Raises:
        InvalidParameterValue, InvalidParameterCombination.
        Ec2Error: `AttachmentLimitExceeded`.
        NotImplementedOperation: What of one is not built.
    """
    given: list[Body] = sorted(
        asked.get("NetworkInterfaces") or (), key=lambda interface: interface.get("DeviceIndex") or 0
    )
    if not given:
        return [{"PrivateIpAddress": asked.get("PrivateIpAddress")}]
    for interface in given:
        refuse_unbuilt(interface, tuple(sorted(set(interface) - set(_INTERFACE))))
        if interface.get("InterfaceType") not in (None, "interface"):
            refuse_unbuilt({"InterfaceType": True}, ("InterfaceType",))
        if (interface.get("NetworkCardIndex") or 0) != 0:
            raise InvalidParameterValue("Network interfaces are of the network card 0.")
        if not 0 <= (interface.get("SecondaryPrivateIpAddressCount") or 0) < 50:
            raise InvalidParameterValue("SecondaryPrivateIpAddressCount is from 0 to 49.")
    indices = [interface.get("DeviceIndex") or 0 for interface in given]
    if indices[0] != 0 or len(set(indices)) < len(indices):
        raise InvalidParameterValue(
            "Each network interface has a device index of its own, and the first one's is 0."
        )
    if len(given) > MOST_INTERFACES:
        kind = asked.get("InstanceType") or DEFAULT_TYPE
        # Recorded in public issues; how many a type has is not in the catalogue.
        raise Ec2Error(
            "AttachmentLimitExceeded", f"Interface count {len(given)} exceeds the limit for {kind[:64]}"
        )
    if len(given) > 1 and any(interface.get("AssociatePublicIpAddress") for interface in given):
        raise InvalidParameterCombination(  # recorded in public issues
            "The associatePublicIPAddress parameter cannot be specified when launching with multiple "
            "network interfaces."
        )
    named = [interface["NetworkInterfaceId"] for interface in given if interface.get("NetworkInterfaceId")]
    if len(set(named)) < len(named):
        raise InvalidParameterCombination("A network interface can be given once.")
    return given


def further_interface(view: View, asked: Body, given: Body, zone: str) -> Interface:
    """Return the order of an interface besides the first.

    Raises:
        Ec2Error, InvalidParameterValue, InvalidParameterCombination.
        NotImplementedOperation: One to which an Elastic IP address leads.
    """
    interface = ordered(view, asked, given)
    if interface.subnet.body["AvailabilityZone"] != zone:
        raise InvalidParameterValue("The network interfaces of an instance are in one Availability Zone.")
    identifier = interface.interface_id
    if identifier and leading_to(view, view.get(NETWORK_INTERFACE, identifier)):
        what = "Elastic IP addresses of further network interfaces"
        refuse_unbuilt({what: True}, (what,))  # nothing would listen there
    return interface


def ordered(view: View, asked: Body, given: Body) -> Interface:
    """Return the order of an interface.

    Args:
        given: As `interfaces_in` returns it.

    Raises:
        As `place`, and NotImplementedOperation.
    """
    subnet, groups = place(view, asked, given)
    identifier = given.get("NetworkInterfaceId") or ""
    return Interface(
        device=given.get("DeviceIndex") or 0,
        subnet=subnet,
        interface_id=identifier,
        groups=groups,
        private_ip=_private(asked, given),
        secondary=given.get("SecondaryPrivateIpAddressCount") or 0,
        description=given.get("Description") or "",
        keeps=given.get("DeleteOnTermination") is False or bool(identifier),
    )


def _private(asked: Body, interface: Body) -> str:
    several = interface.get("PrivateIpAddresses") or []
    if len(several) > 1:
        refuse_unbuilt({"several PrivateIpAddresses": True}, ("several PrivateIpAddresses",))
    address = interface.get("PrivateIpAddress") or next(
        (item.get("PrivateIpAddress") for item in several), ""
    )
    if address and (asked.get("MaxCount") or 1) > 1:
        raise InvalidParameterCombination("A private address can be given to one instance only.")
    return address or ""


def place(view: View, asked: Body, interface: Body) -> tuple[Resource, list[str]]:
    """Return the subnet and the ids of groups; none: the VPC's own.

    Args:
        interface: As `interfaces_in` returns it.

    Raises:
        Ec2Error, InvalidParameterValue, InvalidParameterCombination, MissingParameter.
    """
    if identifier := interface.get("NetworkInterfaceId"):
        there = view.get(NETWORK_INTERFACE, identifier)
        if (asked.get("MaxCount") or 1) > 1:
            raise InvalidParameterCombination("A network interface can be given to one instance only.")
        if there.body.get("Attachment"):
            raise Ec2Error("InvalidNetworkInterface.InUse", f"{there.id} is currently in use.")
        return view.get(SUBNET, there.parent), []
    subnet = _subnet(view, asked, interface.get("SubnetId") or asked.get("SubnetId"))
    groups = list(interface.get("Groups") or asked.get("SecurityGroupIds") or ())
    for name in asked.get("SecurityGroups") or ():
        group = in_default_vpc(view, name)
        if group is None:
            raise SECURITY_GROUP.not_found(name[:255])
        groups.append(group.id)
    for identifier in groups:
        if view.get(SECURITY_GROUP, identifier).parent != subnet.parent:
            raise Ec2Error(
                "InvalidParameter",
                f"Security group {identifier} and subnet {subnet.id} belong to different networks.",
            )
    return subnet, groups


def _subnet(view: View, asked: Body, wanted: str | None) -> Resource:
    """Return the subnet that is wanted, or the default VPC's of the zone that is."""
    placement = asked.get("Placement") or {}
    zone, zone_id = placement.get("AvailabilityZone"), placement.get("AvailabilityZoneId")
    if wanted:
        subnet = view.get(SUBNET, wanted)
        if zone and subnet.body["AvailabilityZone"] != zone:
            raise InvalidParameterValue(
                f"The availability zone '{zone[:64]}' is not that of the subnet '{subnet.id}'."
            )
        return subnet
    vpc = default_vpc(view)
    if vpc is None:
        raise MissingParameter("subnetId")  # AWS: VPCIdNotSpecified
    for subnet in view.of(SUBNET, vpc.id):
        body = subnet.body
        if (
            body["DefaultForAz"]
            and (not zone or body["AvailabilityZone"] == zone)
            and (not zone_id or body["AvailabilityZoneId"] == zone_id)
        ):
            return subnet
    raise InvalidParameterValue(f"Invalid availability zone: [{str(zone or zone_id or '')[:64]}]")
