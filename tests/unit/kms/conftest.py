"""KMS's handlers called directly, with every right."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.kms.service import KmsService
from sagehen.store.database import Database

SCOPE = Scope("123456789012", "us-east-1")
ROOT = Principal(PrincipalKind.ROOT, "arn:aws:iam::123456789012:root", SCOPE.account_id)


class Everything:
    """Takes every policy and allows everything."""

    def stored(self, document: str, kind: Any) -> str:
        return document

    def shown(self, document: str) -> str:
        return document

    def authorize(self, principal: Any, access: Any, environment: Any) -> None:
        return None

    def is_allowed(self, principal: Any, access: Any, environment: Any) -> bool:
        return True


class House:
    def __init__(self, database: Database, clock: ManualClock, ids: Ids) -> None:
        self.clock = clock
        self.kms = KmsService(
            database=database, clock=clock, ids=ids, documents=Everything(), authorizer=Everything()
        )
        [service] = self.kms.services
        self._operations = {bound.name: bound for bound in service.operations()}

    async def call(self, operation: str, **request: Any) -> Any:
        context = RequestContext("r", "kms", operation, SCOPE, ROOT, self.clock.now())
        return await self._operations[operation].handler(context, request)

    async def made(self, **request: Any) -> str:
        return str((await self.call("CreateKey", **request))["KeyMetadata"]["KeyId"])


@pytest.fixture
def house(database: Database, clock: ManualClock, ids: Ids) -> House:
    return House(database, clock, ids)
