"""DescribeDhcpOptions: every VPC has those that AWS makes; others are not built."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.domain.scope import Scope
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import DHCP_OPTIONS
from sagehen.services.ec2.resources.listing import listed
from sagehen.services.ec2.resources.resource import Body
from sagehen.services.ec2.resources.state import State

_FILTERS = {
    "dhcp-options-id": "DhcpOptionsId",
    "key": "DhcpConfigurations.Key",
    "value": "DhcpConfigurations.Values.Value",
    "owner-id": "OwnerId",
}


def default_options(scope: Scope) -> Body:
    """Return the options that AWS's own name server belongs to."""
    domain = internal_domain(scope.region)
    return {
        "OwnerId": scope.account_id,
        "DhcpConfigurations": [
            {"Key": "domain-name", "Values": [{"Value": domain}]},
            {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]},
        ],
    }


def internal_domain(region: str) -> str:
    """Return what the private names of a region end in."""
    return "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"


def private_name(address: str, region: str) -> str:
    """Return the private DNS name of an address (`ip-172-31-0-4.ec2.internal`)."""
    return f"ip-{address.replace('.', '-')}.{internal_domain(region)}"


class DhcpOptions:
    """DHCP options.

    Args:
        state: Where resources are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("DescribeDhcpOptions")
    async def describe_dhcp_options(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of them."""
        return await self.state.read(
            context.scope,
            lambda view: listed(
                view,
                request,
                DHCP_OPTIONS,
                answer="DhcpOptions",
                ids="DhcpOptionsIds",
                filters=_FILTERS,
            ),
        )
