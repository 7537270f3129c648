"""Systems Manager's handlers called directly, with KMS behind them and every right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.ports.public_parameters import PublicParameter
from sagehen.domain.scope import Scope
from sagehen.services.kms.service import KmsService
from sagehen.services.ssm.service import SsmService
from sagehen.store.database import Database
from tests.unit.kms.conftest import Everything
from tests.unit.ssm.machines import LocalMachines

SCOPE = Scope("123456789012", "us-east-1")
ROOT = Principal(PrincipalKind.ROOT, "arn:aws:iam::123456789012:root", SCOPE.account_id)


class Published:
    def all(self, region: str) -> dict[str, PublicParameter]:
        names = [f"/aws/service/images/{name}/id" for name in ("linux", "ubuntu")]
        return {
            name: PublicParameter(name, f"ami-{region}", "aws:ec2:image", datetime(2025, 6, 1, tzinfo=UTC))
            for name in names
        }

    def has_image(self, scope: Scope, image_id: str) -> bool:
        return image_id == f"ami-{scope.region}"


class House:
    def __init__(self, database: Database, clock: ManualClock, ids: Ids) -> None:
        self.clock = clock
        self.kms = KmsService(
            database=database, clock=clock, ids=ids, documents=Everything(), authorizer=Everything()
        )
        self.machines = LocalMachines()
        self.ssm = SsmService(
            database=database,
            clock=clock,
            keys=self.kms.keys,
            public=Published(),
            machines=self.machines,
            ids=ids,
        )
        self._operations = {
            bound.name: bound
            for service in (*self.kms.services, *self.ssm.services)
            for bound in service.operations()
        }

    async def call(self, operation: str, **request: Any) -> Any:
        context = RequestContext("r", "ssm", operation, SCOPE, ROOT, self.clock.now())
        return await self._operations[operation].handler(context, request)

    async def refusal(self, operation: str, **request: Any) -> str:
        """Return the code of the error that a call ends in."""
        with pytest.raises(ServiceError) as raised:
            await self.call(operation, **request)
        return raised.value.code

    async def put(self, name: str, value: str = "v", **request: Any) -> Any:
        return await self.call("PutParameter", Name=name, Value=value, **{"Type": "String", **request})

    async def value(self, name: str, **request: Any) -> str:
        return str((await self.call("GetParameter", Name=name, **request))["Parameter"]["Value"])


@pytest.fixture
def house(database: Database, clock: ManualClock, ids: Ids) -> House:
    return House(database, clock, ids)
