"""EC2's handlers called directly, with every right."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from sagehen.api.operation import Reply
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.ec2.service import Ec2Service
from sagehen.store.database import Database

SCOPE = Scope("123456789012", "us-east-1")
ROOT = Principal(PrincipalKind.ROOT, "arn:aws:iam::123456789012:root", SCOPE.account_id)


class House:
    def __init__(self, database: Database, clock: ManualClock, ids: Ids) -> None:
        self.clock = clock
        self.ec2 = Ec2Service(database=database, clock=clock, ids=ids)
        [service] = self.ec2.services
        self.operations = {bound.name: bound for bound in service.operations()}

    async def call(self, operation: str, *, scope: Scope = SCOPE, **request: Any) -> Any:
        context = RequestContext("r", "ec2", operation, scope, ROOT, self.clock.now())
        answer = await self.operations[operation].handler(context, request)
        return answer.result if isinstance(answer, Reply) else answer

    async def refusal(self, operation: str, **request: Any) -> str:
        """Return the code of the error that a call ends in."""
        with pytest.raises(ServiceError) as raised:
            await self.call(operation, **request)
        return raised.value.code

    async def vpc(self, cidr: str = "10.0.0.0/16", **request: Any) -> str:
        return str((await self.call("CreateVpc", CidrBlock=cidr, **request))["Vpc"]["VpcId"])

    async def subnet(self, vpc: str, cidr: str = "10.0.0.0/24", **request: Any) -> str:
        made = await self.call("CreateSubnet", VpcId=vpc, CidrBlock=cidr, **request)
        return str(made["Subnet"]["SubnetId"])

    async def group(self, vpc: str | None = None, name: str = "web") -> str:
        made = await self.call("CreateSecurityGroup", VpcId=vpc, GroupName=name, Description="of a test")
        return str(made["GroupId"])


@pytest.fixture
def house(database: Database, clock: ManualClock, ids: Ids) -> House:
    return House(database, clock, ids)
