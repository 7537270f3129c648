"""Subnets and security groups that jobs and notebook instances name: whether there are such."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.errors import ValidationException
from sagehen.domain.ports.compute.networks import Networks
from sagehen.domain.scope import Scope


class NamedNetworks:
    """Looks them up.

    Attributes:
        known: EC2's, which is built after SageMaker; None: nobody knows any, and every name will do.
    """

    def __init__(self) -> None:
        self.known: Networks | None = None

    async def require(self, scope: Scope, subnets: Sequence[str], groups: Sequence[str]) -> None:
        """Check that there are such, in one VPC. Words from memory: EC2's own, which SageMaker passes on.

        Raises:
            ValidationException
        """
        if self.known is None:
            return
        vpcs: dict[str, str] = {}
        for name in subnets:
            subnet = await self.known.subnet(scope, name)
            if subnet is None:
                raise ValidationException(f"The subnet ID '{name}' does not exist")
            vpcs[name] = subnet.vpc_id
        for name in groups:
            vpc_id = await self.known.group_vpc(scope, name)
            if vpc_id is None:
                raise ValidationException(f"The security group '{name}' does not exist")
            others = [other for other, vpc in vpcs.items() if vpc != vpc_id]
            if others:
                raise ValidationException(
                    f"Security group {name} and subnet {others[0]} belong to different networks."
                )
        if len(set(vpcs.values())) > 1:
            raise ValidationException("All subnets must belong to the same VPC.")
