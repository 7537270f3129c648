"""LogsService: CloudWatch Logs put together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from functools import partial

from sagehen.api.operation import Service
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.metrics import MetricSink
from sagehen.domain.ports.resource_policies import ResourceTags
from sagehen.services.logs.events.operations import LogEvents
from sagehen.services.logs.events.outbox import Outbox
from sagehen.services.logs.events.records import EventRecords
from sagehen.services.logs.events.sink import BufferedLogSink
from sagehen.services.logs.filters.forwarding import Forwarding
from sagehen.services.logs.filters.metric.operations import MetricFilters
from sagehen.services.logs.filters.metric.publishing import Publishing
from sagehen.services.logs.filters.metric.records import MetricFilterRecords
from sagehen.services.logs.filters.subscription.deliveries import Deliveries
from sagehen.services.logs.filters.subscription.operations import SubscriptionFilters
from sagehen.services.logs.filters.subscription.records import SubscriptionFilterRecords
from sagehen.services.logs.groups.operations import LogGroups
from sagehen.services.logs.groups.records import MIGRATIONS, LogRecords
from sagehen.services.logs.groups.tags import Tags, group_tags
from sagehen.services.logs.retention.operations import Retention
from sagehen.services.logs.streams.operations import LogStreams
from sagehen.store.database import Database

_log = logging.getLogger(__name__)
# AWS expires events within 72 hours of their due time; a quarter of an hour is kinder to disks.
_SWEEP_EVERY_S = 900.0


class LogsService:
    """CloudWatch Logs, and the `LogSink` of the platform.

    Args:
        database: Where groups, streams and events are stored.
        clock: Says what is too old, too new, and expired.
        ids: Unused so far; every component takes it.
        metrics: Where metric filters' data and AWS/Logs go.

    Attributes:
        deliveries: Sends events to functions; `app` tells it of them.
    """

    def __init__(self, *, database: Database, clock: Clock, ids: Ids, metrics: MetricSink) -> None:
        database.migrate("logs", MIGRATIONS)
        self._clock = clock
        records = LogRecords(database)
        self.resource_tags: ResourceTags = partial(group_tags, records)
        self._outbox = outbox = Outbox(database)
        events = EventRecords(database, outbox)
        metric_filters = MetricFilterRecords(database)
        subscriptions = SubscriptionFilterRecords(database)
        self._publishing = Publishing(metric_filters, metrics)
        self.deliveries = Deliveries(subscriptions, metrics)
        self._forwarding = Forwarding(outbox, events, (self._publishing, self.deliveries))
        self._sink = BufferedLogSink(database, events, clock, on_stored=self._forwarding.poke)
        self._retention = Retention(records, events, clock)
        self._service = Service(
            "logs",
            (
                LogGroups(records, clock),
                LogStreams(records, clock),
                LogEvents(records, events, database, clock, self._forwarding.poke),
                MetricFilters(records, metric_filters, outbox, clock),
                SubscriptionFilters(records, subscriptions, outbox, self.deliveries, clock),
                self._retention,
                Tags(records),
            ),
        )
        self._sweeper: asyncio.Task[None] | None = None

    @property
    def services(self) -> Sequence[Service]:
        return (self._service,)

    @property
    def sink(self) -> BufferedLogSink:
        return self._sink

    async def start(self) -> None:
        self._forwarding.start()
        await self._sink.start()
        self._sweeper = asyncio.create_task(self._sweep(), name="logs-retention")

    async def stop(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
            self._sweeper = None
        await self._sink.stop()
        # What is still in the outbox goes on in the next life.
        await self._forwarding.stop()

    async def reset(self) -> None:
        self._sink.forget()
        self._outbox.watch()
        self._publishing.forget()

    async def _sweep(self) -> None:
        while True:
            try:
                await self._retention.expire()
                await self._outbox.sweep()
            except Exception:
                _log.exception("expiring log events failed; it is tried again")
            await self._clock.sleep(_SWEEP_EVERY_S)
