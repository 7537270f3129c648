"""Network: the rooms of VPCs put together."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.network.addresses.operations import Addresses
from sagehen.services.ec2.network.default_vpc import make_default_vpc
from sagehen.services.ec2.network.dhcp_options import DhcpOptions
from sagehen.services.ec2.network.internet_gateways import InternetGateways
from sagehen.services.ec2.network.network_acls import NetworkAcls
from sagehen.services.ec2.network.network_interfaces.operations import NetworkInterfaces
from sagehen.services.ec2.network.route_tables.operations import RouteTables
from sagehen.services.ec2.network.route_tables.routes import Routes
from sagehen.services.ec2.network.security_groups.operations import SecurityGroups
from sagehen.services.ec2.network.security_groups.rule_operations import SecurityGroupRules
from sagehen.services.ec2.network.subnets import Subnets
from sagehen.services.ec2.network.vpcs import Vpcs, default_vpc
from sagehen.services.ec2.resources.access import on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import VPC
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View


class DefaultVpcs:
    """CreateDefaultVpc: the default VPC again, after somebody deleted it.

    Args:
        state: Where resources are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("CreateDefaultVpc", access=on(creates=VPC))
    async def create_default_vpc(self, context: RequestContext, request: Request) -> dict[str, object]:
        """Make the default VPC with all that belongs to it.

        Raises:
            Ec2Error: `DefaultVpcAlreadyExists`.
        """

        def work(view: View) -> Resource:
            if default_vpc(view) is not None:
                raise Ec2Error(
                    "DefaultVpcAlreadyExists",
                    "A Default VPC already exists for this account in this region.",
                )
            return make_default_vpc(view)

        return {"Vpc": (await self.state.change(context.scope, request, work)).shown()}


def network(state: State) -> tuple[object, ...]:
    """Return what declares the operations of networks."""
    return (
        *(Vpcs(state), DefaultVpcs(state), Subnets(state), InternetGateways(state)),
        *(RouteTables(state), Routes(state), NetworkAcls(state), DhcpOptions(state)),
        *(SecurityGroups(state), SecurityGroupRules(state), NetworkInterfaces(state), Addresses(state)),
    )
