"""VPCs.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html and its neighbours.
Sentences of refusals are from memory.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Reply, Request
from sagehen.services.ec2.errors import (
    DependencyViolation,
    Ec2Error,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
)
from sagehen.services.ec2.network.blocks import block, sized
from sagehen.services.ec2.network.network_acls import new_default_acl
from sagehen.services.ec2.network.route_tables.tables import main_table, new_table
from sagehen.services.ec2.network.security_groups.groups import default_group, new_default_group
from sagehen.services.ec2.resources.access import on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import (
    DHCP_OPTIONS,
    INTERNET_GATEWAY,
    NETWORK_ACL,
    ROUTE_TABLE,
    SECURITY_GROUP,
    SECURITY_GROUP_RULE,
    SUBNET,
    VPC,
)
from sagehen.services.ec2.resources.listing import listed
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.tags.rules import given

# AWS begins with five and raises that up to hundreds (documented).
MOST_VPCS = 100
_FILTERS = {
    "cidr": "CidrBlock",
    "cidr-block": "CidrBlock",
    "cidr-block-association.cidr-block": "CidrBlockAssociationSet.CidrBlock",
    "cidr-block-association.association-id": "CidrBlockAssociationSet.AssociationId",
    "cidr-block-association.state": "CidrBlockAssociationSet.CidrBlockState.State",
    "dhcp-options-id": "DhcpOptionsId",
    "ipv6-cidr-block-association.ipv6-cidr-block": "Ipv6CidrBlockAssociationSet.Ipv6CidrBlock",
    "ipv6-cidr-block-association.association-id": "Ipv6CidrBlockAssociationSet.AssociationId",
    "is-default": "IsDefault",
    "isDefault": "IsDefault",
    "owner-id": "OwnerId",
    "state": "State",
    "vpc-id": "VpcId",
}
# Attribute -> the member of requests and answers.
_ATTRIBUTES = {
    "enableDnsSupport": "EnableDnsSupport",
    "enableDnsHostnames": "EnableDnsHostnames",
    "enableNetworkAddressUsageMetrics": "EnableNetworkAddressUsageMetrics",
}
_NOT_BUILT = (
    *("Ipv6CidrBlock", "Ipv6Pool", "Ipv4IpamPoolId", "Ipv4NetmaskLength", "Ipv6IpamPoolId"),
    *("Ipv6NetmaskLength", "Ipv6CidrBlockNetworkBorderGroup", "AmazonProvidedIpv6CidrBlock"),
    "VpcEncryptionControl",
)


def new_vpc(
    view: View,
    cidr: IPv4Network,
    *,
    is_default: bool = False,
    tenancy: str = "default",
    tags: dict[str, str] | None = None,
) -> Resource:
    """Make a VPC with what every VPC has: main route table, default network ACL, default security group."""
    options = next(iter(view.all(DHCP_OPTIONS)), None)
    body: Body = {
        "CidrBlock": str(cidr),
        "DhcpOptionsId": options.id if options else "default",
        "State": "available",
        "OwnerId": view.scope.account_id,
        "InstanceTenancy": tenancy,
        "IsDefault": is_default,
        "Ipv6CidrBlockAssociationSet": [],
        "CidrBlockAssociationSet": [
            {
                "AssociationId": view.draw("vpc-cidr-assoc"),
                "CidrBlock": str(cidr),
                "CidrBlockState": {"State": "associated"},
            }
        ],
        "attributes": {
            "EnableDnsSupport": True,
            "EnableDnsHostnames": is_default,
            "EnableNetworkAddressUsageMetrics": False,
        },
    }
    vpc = view.new(VPC, body, tags=tags, id_member="VpcId")
    new_table(view, vpc, main=True)
    new_default_acl(view, vpc.id)
    new_default_group(view, vpc.id)
    return vpc


def default_vpc(view: View) -> Resource | None:
    """Return the default VPC; None where it was deleted."""
    return next((vpc for vpc in view.all(VPC) if vpc.body["IsDefault"]), None)


class Vpcs:
    """VPCs and their attributes.

    Args:
        state: Where resources are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("CreateVpc", access=on(creates=VPC))
    async def create_vpc(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make a VPC.

        Raises:
            MissingParameter, InvalidParameterValue, TagLimitExceeded.
            Ec2Error: `InvalidVpc.Range`, `VpcLimitExceeded`.
            NotImplementedOperation: IPv6 and address pools.
        """
        refuse_unbuilt(request, _NOT_BUILT)
        if not request.get("CidrBlock"):
            raise MissingParameter("cidrBlock")
        cidr = sized(block(request["CidrBlock"], "cidrBlock"), "InvalidVpc.Range")
        tags = given(request, VPC)

        def work(view: View) -> Resource:
            if view.count(VPC) >= MOST_VPCS:
                raise Ec2Error("VpcLimitExceeded", "The maximum number of VPCs has been reached.")
            return new_vpc(view, cidr, tenancy=request.get("InstanceTenancy") or "default", tags=tags)

        return {"Vpc": (await self.state.change(context.scope, request, work)).shown()}

    @action("DescribeVpcs")
    async def describe_vpcs(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of VPCs."""
        return await self.state.read(
            context.scope,
            lambda view: listed(view, request, VPC, answer="Vpcs", ids="VpcIds", filters=_FILTERS),
        )

    @action("DeleteVpc", access=on("VpcId"))
    async def delete_vpc(self, context: RequestContext, request: Request) -> None:
        """Delete a VPC in which nothing is but what was made with it.

        Raises:
            Ec2Error: `InvalidVpcID.NotFound`.
            DependencyViolation.
        """

        def work(view: View) -> None:
            vpc = view.get(VPC, request["VpcId"])
            own = {main_table(view, vpc.id).id, default_group(view, vpc.id).id}
            others = [
                item
                for kind in (SUBNET, ROUTE_TABLE, SECURITY_GROUP, INTERNET_GATEWAY)
                for item in view.of(kind, vpc.id)
                if item.id not in own
            ]
            if others:
                raise DependencyViolation(f"The vpc '{vpc.id}' has dependencies and cannot be deleted.")
            for group in view.of(SECURITY_GROUP, vpc.id):
                for rule in view.of(SECURITY_GROUP_RULE, group.id):
                    view.remove(rule)
            for kind in (ROUTE_TABLE, SECURITY_GROUP, NETWORK_ACL):
                for item in view.of(kind, vpc.id):
                    view.remove(item)
            view.remove(vpc)

        await self.state.change(context.scope, request, work)

    @action("DescribeVpcAttribute", access=on("VpcId"))
    async def describe_vpc_attribute(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return one attribute.

        Raises:
            Ec2Error: `InvalidVpcID.NotFound`.
        """
        vpc = await self.state.read(context.scope, lambda view: view.get(VPC, request["VpcId"]))
        member = _ATTRIBUTES[request["Attribute"]]
        return {"VpcId": vpc.id, member: {"Value": vpc.body["attributes"][member]}}

    @action("ModifyVpcAttribute", access=on("VpcId", attributes=tuple(_ATTRIBUTES.values())))
    async def modify_vpc_attribute(self, context: RequestContext, request: Request) -> None:
        """Change one attribute.

        Raises:
            Ec2Error: `InvalidVpcID.NotFound`.
            InvalidParameterCombination: None is given, or several.
        """
        given_ones = [member for member in _ATTRIBUTES.values() if request.get(member) is not None]
        if len(given_ones) != 1:
            raise InvalidParameterCombination("Exactly one attribute must be specified.")
        member = given_ones[0]
        value = request[member].get("Value")
        if value is None:
            raise InvalidParameterValue(f"Value for parameter {member} is missing.")

        def work(view: View) -> None:
            vpc = view.get(VPC, request["VpcId"])
            vpc.body["attributes"][member] = value
            view.save(vpc)

        await self.state.change(context.scope, request, work)


def refuse_unbuilt(request: Request, members: tuple[str, ...]) -> None:
    """Refuse what a request asks for and is not built; what is false or empty asks for nothing.

    Raises:
        NotImplementedOperation.
    """
    for member in members:
        if request.get(member):
            raise NotImplementedOperation(f"Sagehen does not implement {member} of EC2.")
