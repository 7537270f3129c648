"""Subnets and groups that there are, as `domain.ports.compute.networks` has them."""

from __future__ import annotations

from sagehen.domain.ports.compute.networks import Subnet
from sagehen.domain.scope import Scope

A, B = "subnet-0123456a", "subnet-0123456b"
OURS, OTHERS = "sg-0123456a", "sg-0123456b"


class TwoVpcs:
    """A and OURS are in vpc-a, B and OTHERS in vpc-b."""

    async def subnet(self, scope: Scope, subnet_id: str) -> Subnet | None:
        vpc = {A: "vpc-a", B: "vpc-b"}.get(subnet_id)
        return Subnet(subnet_id, vpc, "us-east-1a") if vpc else None

    async def group_vpc(self, scope: Scope, group_id: str) -> str | None:
        return {OURS: "vpc-a", OTHERS: "vpc-b"}.get(group_id)

    async def allows(self, *_: object, **__: object) -> bool:
        raise AssertionError("nobody asks")
