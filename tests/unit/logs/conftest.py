"""CloudWatch Logs without a front door: its handlers called as the gateway calls them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.logs.service import LogsService
from sagehen.store.database import Database

SCOPE = Scope("111122223333", "us-east-1")
Call = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def logs(database: Database, clock: ManualClock, ids: Ids) -> AsyncIterator[LogsService]:
    service = LogsService(database=database, clock=clock, ids=ids)
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
def call(logs: LogsService, clock: ManualClock) -> Call:
    handlers = {bound.name: bound.handler for bound in logs.services[0].operations()}

    async def send(operation: str, **request: Any) -> dict[str, Any]:
        root = Principal(PrincipalKind.ROOT, "arn:aws:iam::111122223333:root", SCOPE.account_id)
        context = RequestContext("r", "logs", operation, SCOPE, root, clock.now())
        result = await handlers[operation](context, request)
        return {k: v for k, v in dict(result or {}).items() if v is not None}

    return send
