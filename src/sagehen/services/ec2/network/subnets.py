"""Subnets.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html and its neighbours.
Sentences of refusals are from memory.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.services.ec2.errors import (
    DependencyViolation,
    Ec2Error,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
)
from sagehen.services.ec2.network.blocks import block, sized, usable
from sagehen.services.ec2.network.route_tables.tables import forget_subnet
from sagehen.services.ec2.network.vpcs import default_vpc, refuse_unbuilt
from sagehen.services.ec2.regions.table import Zone, region, zone
from sagehen.services.ec2.resources.access import on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import NETWORK_INTERFACE, SUBNET, VPC
from sagehen.services.ec2.resources.listing import listed
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.tags.rules import given

# Documented: AWS's quota.
_MOST_SUBNETS = 200
_DEFAULT_BITS = 20
_FILTERS = {
    "availability-zone": "AvailabilityZone",
    "availabilityZone": "AvailabilityZone",
    "availability-zone-id": "AvailabilityZoneId",
    "availabilityZoneId": "AvailabilityZoneId",
    "available-ip-address-count": "AvailableIpAddressCount",
    "cidr": "CidrBlock",
    "cidr-block": "CidrBlock",
    "cidrBlock": "CidrBlock",
    "default-for-az": "DefaultForAz",
    "defaultForAz": "DefaultForAz",
    "enable-dns64": "EnableDns64",
    "ipv6-cidr-block-association.ipv6-cidr-block": "Ipv6CidrBlockAssociationSet.Ipv6CidrBlock",
    "ipv6-native": "Ipv6Native",
    "map-public-ip-on-launch": "MapPublicIpOnLaunch",
    "outpost-arn": "OutpostArn",
    "owner-id": "OwnerId",
    "private-dns-name-options-on-launch.hostname-type": "PrivateDnsNameOptionsOnLaunch.HostnameType",
    "private-dns-name-options-on-launch.enable-resource-name-dns-a-record": (
        "PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsARecord"
    ),
    "state": "State",
    "subnet-arn": "SubnetArn",
    "subnet-id": "SubnetId",
    "vpc-id": "VpcId",
}
_NOT_BUILT = (
    *("Ipv6CidrBlock", "OutpostArn", "Ipv6Native", "Ipv4IpamPoolId", "Ipv4NetmaskLength"),
    *("Ipv6IpamPoolId", "Ipv6NetmaskLength"),
)
# ModifySubnetAttribute: its members that are flags of what is built, and those that are not.
_FLAGS = {
    "MapPublicIpOnLaunch": ("MapPublicIpOnLaunch",),
    "EnableResourceNameDnsARecordOnLaunch": (
        *("PrivateDnsNameOptionsOnLaunch", "EnableResourceNameDnsARecord"),
    ),
}
_FLAGS_NOT_BUILT = (
    *("AssignIpv6AddressOnCreation", "MapCustomerOwnedIpOnLaunch", "EnableDns64"),
    *("EnableResourceNameDnsAAAARecordOnLaunch", "DisableLniAtDeviceIndex"),
)

_CHANGEABLE = (*_FLAGS, *_FLAGS_NOT_BUILT, "PrivateDnsHostnameTypeOnLaunch", "EnableLniAtDeviceIndex")


def new_subnet(
    view: View,
    vpc: Resource,
    cidr: IPv4Network,
    place: Zone,
    *,
    default: bool = False,
    tags: dict[str, str] | None = None,
) -> Resource:
    """Make a subnet."""
    body: Body = {
        "VpcId": vpc.id,
        "CidrBlock": str(cidr),
        "AvailabilityZone": place.name,
        "AvailabilityZoneId": place.id,
        "DefaultForAz": default,
        "MapPublicIpOnLaunch": default,
        "State": "available",
        "OwnerId": view.scope.account_id,
        "AssignIpv6AddressOnCreation": False,
        "MapCustomerOwnedIpOnLaunch": False,
        "EnableDns64": False,
        "Ipv6Native": False,
        "Ipv6CidrBlockAssociationSet": [],
        "PrivateDnsNameOptionsOnLaunch": {
            "HostnameType": "ip-name",
            "EnableResourceNameDnsARecord": False,
            "EnableResourceNameDnsAAAARecord": False,
        },
        "aclAssociation": view.draw("aclassoc"),
    }
    return view.new(SUBNET, body, tags=tags, parent=vpc.id, id_member="SubnetId")


def shown(view: View, subnet: Resource) -> dict[str, Any]:
    """Describe a subnet with how many addresses are left."""
    taken = sum(
        len(interface.body["PrivateIpAddresses"]) for interface in view.of(NETWORK_INTERFACE, subnet.id)
    )
    return {
        **subnet.shown(),
        "SubnetArn": subnet.arn,
        "AvailableIpAddressCount": usable(IPv4Network(subnet.body["CidrBlock"])) - taken,
    }


class Subnets:
    """Subnets and their attributes.

    Args:
        state: Where resources are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("CreateSubnet", access=on("VpcId", creates=SUBNET))
    async def create_subnet(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make a subnet in a VPC.

        Raises:
            MissingParameter, InvalidParameterValue, TagLimitExceeded.
            Ec2Error: `InvalidVpcID.NotFound`, `InvalidSubnet.Range`, `InvalidSubnet.Conflict`,
                `SubnetLimitExceeded`.
            NotImplementedOperation: IPv6, address pools and outposts.
        """
        refuse_unbuilt(request, _NOT_BUILT)
        if not request.get("CidrBlock"):
            raise MissingParameter("cidrBlock")
        cidr = sized(block(request["CidrBlock"], "cidrBlock"), "InvalidSubnet.Range")
        place = _zone(request, context.scope.region)
        tags = given(request, SUBNET)

        def work(view: View) -> dict[str, Any]:
            vpc = view.get(VPC, request["VpcId"])
            if not cidr.subnet_of(IPv4Network(vpc.body["CidrBlock"])):
                raise Ec2Error("InvalidSubnet.Range", f"The CIDR '{cidr}' is invalid.")
            others = view.of(SUBNET, vpc.id)
            if any(cidr.overlaps(IPv4Network(other.body["CidrBlock"])) for other in others):
                raise Ec2Error("InvalidSubnet.Conflict", f"The CIDR '{cidr}' conflicts with another subnet")
            if len(others) >= _MOST_SUBNETS:
                raise Ec2Error("SubnetLimitExceeded", "The maximum number of subnets has been reached.")
            return shown(view, new_subnet(view, vpc, cidr, place, tags=tags))

        return {"Subnet": await self.state.change(context.scope, request, work)}

    @action("CreateDefaultSubnet", access=on(creates=SUBNET))
    async def create_default_subnet(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make the default subnet of a zone again.

        Raises:
            Ec2Error: `DefaultVpcDoesNotExist`, `DefaultSubnetAlreadyExistsInAvailabilityZone`,
                `InsufficientVpcCapacity`… where no block is free.
        """
        refuse_unbuilt(request, ("Ipv6Native",))
        place = _zone(request, context.scope.region)

        def work(view: View) -> dict[str, Any]:
            vpc = default_vpc(view)
            if vpc is None:
                raise Ec2Error(
                    "DefaultVpcDoesNotExist", "No default VPC exists for this account in this region."
                )
            others = view.of(SUBNET, vpc.id)
            for other in others:
                if other.body["DefaultForAz"] and other.body["AvailabilityZone"] == place.name:
                    raise Ec2Error(
                        "DefaultSubnetAlreadyExistsInAvailabilityZone",
                        f"'{other.id}' is already the default subnet in {place.name}.",
                    )
            taken = [IPv4Network(other.body["CidrBlock"]) for other in others]
            candidates = IPv4Network(vpc.body["CidrBlock"]).subnets(new_prefix=_DEFAULT_BITS)
            free = next((cidr for cidr in candidates if not any(map(cidr.overlaps, taken))), None)
            if free is None:
                raise Ec2Error(
                    "InsufficientCidrBlocks",
                    "The specified default VPC does not have enough space for another default subnet.",
                )
            return shown(view, new_subnet(view, vpc, free, place, default=True))

        return {"Subnet": await self.state.change(context.scope, request, work)}

    @action("DescribeSubnets")
    async def describe_subnets(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of subnets."""
        return await self.state.read(
            context.scope,
            lambda view: listed(
                *(view, request, SUBNET), answer="Subnets", ids="SubnetIds", filters=_FILTERS, shown=shown
            ),
        )

    @action("ModifySubnetAttribute", access=on("SubnetId", attributes=_CHANGEABLE))
    async def modify_subnet_attribute(self, context: RequestContext, request: Request) -> None:
        """Change one attribute.

        Raises:
            Ec2Error: `InvalidSubnetID.NotFound`.
            InvalidParameterCombination: None is given, or several.
            NotImplementedOperation: What is not built is to be turned on.
        """
        refuse_unbuilt(request, ("CustomerOwnedIpv4Pool",))
        given_ones = [member for member in _CHANGEABLE if request.get(member) is not None]
        if len(given_ones) != 1:
            raise InvalidParameterCombination("Exactly one attribute must be specified.")
        member, value = given_ones[0], request[given_ones[0]]
        if isinstance(value, dict):
            value = value.get("Value")
        if member not in _FLAGS and member != "PrivateDnsHostnameTypeOnLaunch":
            refuse_unbuilt({member: value}, (member,))
            value = None

        def work(view: View) -> None:
            subnet = view.get(SUBNET, request["SubnetId"])
            if member == "PrivateDnsHostnameTypeOnLaunch":
                subnet.body["PrivateDnsNameOptionsOnLaunch"]["HostnameType"] = value
            elif value is not None:
                *path, last = _FLAGS[member]
                target = subnet.body
                for name in path:
                    target = target[name]
                target[last] = value
            view.save(subnet)

        await self.state.change(context.scope, request, work)

    @action("DeleteSubnet", access=on("SubnetId"))
    async def delete_subnet(self, context: RequestContext, request: Request) -> None:
        """Delete a subnet in which no network interface is.

        Raises:
            Ec2Error: `InvalidSubnetID.NotFound`.
            DependencyViolation.
        """

        def work(view: View) -> None:
            subnet = view.get(SUBNET, request["SubnetId"])
            if view.count(NETWORK_INTERFACE, subnet.id):
                raise DependencyViolation(f"The subnet '{subnet.id}' has dependencies and cannot be deleted.")
            forget_subnet(view, subnet)
            view.remove(subnet)

        await self.state.change(context.scope, request, work)


def _zone(request: Request, region_name: str) -> Zone:
    """Return the zone that a request names; the first one where it names none."""
    zones = region(region_name).zones
    name, identifier = request.get("AvailabilityZone") or "", request.get("AvailabilityZoneId") or ""
    if not name and not identifier:
        return zones[0]
    found = zone(region_name, name=name, identifier=identifier)
    if found is None or (name and found.name != name):
        raise InvalidParameterValue(
            f"Value ({name or identifier}) for parameter availabilityZone is invalid. Subnets can currently "
            f"only be created in the following availability zones: {', '.join(z.name for z in zones)}."
        )
    return found
