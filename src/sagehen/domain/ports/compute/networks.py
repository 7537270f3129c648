"""Subnets and security groups as other services refer to them (implemented by services/ec2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sagehen.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet.

    Args:
        vpc_id: The VPC that it lies in.
        zone: Its availability zone, such as `us-east-1a`.
    """

    id: str
    vpc_id: str
    zone: str


class Networks(Protocol):
    """What VpcConfig and its kin name."""

    async def subnet(self, scope: Scope, subnet_id: str) -> Subnet | None:
        """Return a subnet of an account in a region; None where there is none of that id."""
        ...

    async def group_vpc(self, scope: Scope, group_id: str) -> str | None:
        """Return the VPC of a security group; None where there is none of that id."""
        ...

    async def allows(
        self, scope: Scope, group_ids: Sequence[str], *, protocol: str, port: int, address: str
    ) -> bool:
        """Tell whether the ingress rules of any of these groups let a connection pass.

        Args:
            protocol: `tcp` or `udp`.
            port: Where to.
            address: Who sends, IPv4 or IPv6.
        """
        ...
