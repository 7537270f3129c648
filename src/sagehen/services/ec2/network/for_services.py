"""NetworksForServices: domain.ports.compute.networks.Networks."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.domain.ports.compute.networks import Subnet
from sagehen.domain.scope import Scope
from sagehen.services.ec2.network.security_groups.decision import allows
from sagehen.services.ec2.network.security_groups.groups import rules
from sagehen.services.ec2.resources.kinds import SECURITY_GROUP, SUBNET
from sagehen.services.ec2.resources.state import State


class NetworksForServices:
    """Subnets and groups for who refers to them.

    Args:
        state: Where resources are.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    async def subnet(self, scope: Scope, subnet_id: str) -> Subnet | None:
        """Return a subnet; None where there is none of that id."""
        await self._state.prepare(scope)
        found = self._state.view(scope).find(SUBNET, subnet_id)
        return Subnet(found.id, found.parent, found.body["AvailabilityZone"]) if found else None

    async def group_vpc(self, scope: Scope, group_id: str) -> str | None:
        """Return the VPC of a security group; None where there is none of that id."""
        await self._state.prepare(scope)
        found = self._state.view(scope).find(SECURITY_GROUP, group_id)
        return found.parent if found else None

    async def allows(
        self, scope: Scope, group_ids: Sequence[str], *, protocol: str, port: int, address: str
    ) -> bool:
        """Tell whether the ingress rules of any of these groups let a connection pass."""
        await self._state.prepare(scope)
        view = self._state.view(scope)
        ingress = [rule for group in group_ids for _, rule in rules(view, group, egress=False)]
        return allows(ingress, protocol=protocol, port=port, address=address)
