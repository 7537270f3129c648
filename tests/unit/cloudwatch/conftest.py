"""CloudWatch without a front door: its handlers called as the gateway calls them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.store.database import Database
from tests.unit.cloudwatch.calls import Call, Functions, Scaling

SCOPE = Scope("111122223333", "us-east-1")


@pytest.fixture
async def cloudwatch(database: Database, clock: ManualClock, ids: Ids) -> AsyncIterator[CloudWatchService]:
    service = CloudWatchService(database=database, clock=clock, ids=ids)
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
def call(cloudwatch: CloudWatchService, clock: ManualClock) -> Call:
    handlers = {bound.name: bound.handler for bound in cloudwatch.services[0].operations()}

    async def send(operation: str, **request: Any) -> dict[str, Any]:
        root = Principal(PrincipalKind.ROOT, "arn:aws:iam::111122223333:root", SCOPE.account_id)
        context = RequestContext("r", "cloudwatch", operation, SCOPE, root, clock.now())
        result = await handlers[operation](context, request)
        return {k: v for k, v in dict(result or {}).items() if v is not None}

    return send


@pytest.fixture
def functions(cloudwatch: CloudWatchService) -> Functions:
    functions = Functions()
    cloudwatch.alarm_actions.functions = functions
    return functions


@pytest.fixture
def scaling(cloudwatch: CloudWatchService) -> Scaling:
    scaling = Scaling()
    cloudwatch.alarm_actions.scaling = scaling
    return scaling
