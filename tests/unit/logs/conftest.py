"""CloudWatch Logs without a front door: its handlers called as the gateway calls them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.ports.observing.logged_metrics import LoggedDatum
from sagehen.domain.ports.observing.metrics import MetricValue
from sagehen.domain.scope import Scope
from sagehen.services.logs.service import LogsService
from sagehen.store.database import Database

SCOPE = Scope("111122223333", "us-east-1")
Call = Callable[..., Awaitable[dict[str, Any]]]


class KeptMetrics:
    """A MetricSink, and LoggedMetrics, that keeps what it is given: (namespace, value, at)."""

    def __init__(self) -> None:
        self.values: list[tuple[str, MetricValue, datetime | None]] = []
        self.upto = 0

    def record(
        self, scope: Scope, namespace: str, values: Sequence[MetricValue], at: datetime | None = None
    ) -> None:
        assert scope == SCOPE
        self.values += [(namespace, value, at) for value in values]

    def taken(self) -> int:
        return self.upto

    async def take(self, data: Sequence[LoggedDatum], upto: int) -> None:
        assert upto > self.upto
        self.upto = upto
        for datum in data:
            at = datetime.fromtimestamp(datum.at_s, UTC)
            named = [MetricValue(datum.name, value, datum.unit, datum.dimensions) for value in datum.values]
            self.record(datum.scope, datum.namespace, named, at)


@pytest.fixture
def metrics() -> KeptMetrics:
    return KeptMetrics()


@pytest.fixture
async def logs(
    database: Database, clock: ManualClock, ids: Ids, metrics: KeptMetrics
) -> AsyncIterator[LogsService]:
    service = LogsService(database=database, clock=clock, ids=ids, metrics=metrics, logged=metrics)
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
        members = result.result if isinstance(result, Reply) else result
        return {k: v for k, v in dict(members or {}).items() if v is not None}

    return send
