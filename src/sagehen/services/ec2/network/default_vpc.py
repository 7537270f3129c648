"""What AWS puts into every region of an account: a default VPC, with a subnet in each zone.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html
"""

from __future__ import annotations

from ipaddress import IPv4Network

from sagehen.services.ec2.network.dhcp_options import default_options
from sagehen.services.ec2.network.internet_gateways import new_gateway
from sagehen.services.ec2.network.route_tables.tables import main_table
from sagehen.services.ec2.network.subnets import new_subnet
from sagehen.services.ec2.network.vpcs import new_vpc
from sagehen.services.ec2.regions.table import region
from sagehen.services.ec2.resources.kinds import DHCP_OPTIONS
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.view import View

_BLOCK = IPv4Network("172.31.0.0/16")
_SUBNET_BITS = 20
_EVERYWHERE = "0.0.0.0/0"


def furnish(view: View) -> None:
    """Put it all there."""
    view.new(DHCP_OPTIONS, default_options(view.scope), id_member="DhcpOptionsId")
    make_default_vpc(view)


def make_default_vpc(view: View) -> Resource:
    """Make the default VPC with its subnets, its internet gateway and the way to it."""
    vpc = new_vpc(view, _BLOCK, is_default=True)
    blocks = _BLOCK.subnets(new_prefix=_SUBNET_BITS)
    for zone, subnet_block in zip(region(view.scope.region).zones, blocks, strict=False):
        new_subnet(view, vpc, subnet_block, zone, default=True)
    gateway = new_gateway(view, vpc.id)
    table = main_table(view, vpc.id)
    table.body["Routes"].append(
        {
            "DestinationCidrBlock": _EVERYWHERE,
            "GatewayId": gateway.id,
            "Origin": "CreateRoute",
            "State": "active",
        }
    )
    view.save(table)
    return vpc
