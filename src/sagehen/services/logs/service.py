"""LogsService: CloudWatch Logs put together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sagehen.api.operation import Service
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.resource_policies import ResourceTags
from sagehen.domain.ports.observing.logged_metrics import LoggedMetrics
from sagehen.domain.ports.observing.metrics import MetricSink
from sagehen.services.logs.events.operations import LogEvents
from sagehen.services.logs.events.outbox import Outbox
from sagehen.services.logs.events.records import EventRecords
from sagehen.services.logs.events.search import EventSearch
from sagehen.services.logs.events.sink import BufferedLogSink
from sagehen.services.logs.filters.assembly import FilterAssembly
from sagehen.services.logs.filters.subscription.deliveries import Deliveries
from sagehen.services.logs.groups.operations import LogGroups
from sagehen.services.logs.groups.records import GroupRecords
from sagehen.services.logs.groups.tags import Tags, group_tags
from sagehen.services.logs.insights.assembly import InsightsAssembly
from sagehen.services.logs.retention.expiry import Expiry
from sagehen.services.logs.retention.operations import RetentionPolicies
from sagehen.services.logs.retention.records import ExpiryRecords
from sagehen.services.logs.streams.operations import LogStreams
from sagehen.services.logs.streams.records import StreamRecords
from sagehen.services.logs.tables import MIGRATIONS
from sagehen.store.database import Database


class LogsService:
    """CloudWatch Logs, and the `LogSink` of the platform.

    Args:
        database: Where groups, streams and events are stored.
        clock: Says what is too old, too new, and expired.
        ids: Draws the ids of queries and their definitions.
        metrics: Where AWS/Logs go.
        logged: Where the data of metric filters and of embedded metrics go, each event once.

    Attributes:
        expiry: Deletes what is past its retention; a round of it comes each quarter of an hour.
    """

    def __init__(
        self, *, database: Database, clock: Clock, ids: Ids, metrics: MetricSink, logged: LoggedMetrics
    ) -> None:
        database.migrate("logs", MIGRATIONS)
        groups, streams = GroupRecords(database), StreamRecords(database)
        self._outbox = outbox = Outbox(database)
        events = EventRecords(database, outbox, logged.taken)
        self._filters = FilterAssembly(database, groups, events, outbox, clock, metrics, logged)
        self._insights = InsightsAssembly(database, groups, streams, events, clock, ids)
        self._sink = BufferedLogSink(database, events, clock, on_stored=self._filters.forwarding.poke)
        self.expiry = Expiry(groups, ExpiryRecords(database), outbox, clock)
        self.resource_tags: ResourceTags = partial(group_tags, groups)
        self._service = Service(
            "logs",
            (
                LogGroups(groups, clock),
                LogStreams(groups, streams, clock),
                LogEvents(groups, streams, events, database, clock, self._filters.forwarding.poke),
                EventSearch(groups, streams, events),
                *self._filters.owners,
                *self._insights.owners,
                RetentionPolicies(groups),
                Tags(groups),
            ),
        )

    @property
    def services(self) -> Sequence[Service]:
        return (self._service,)

    @property
    def sink(self) -> BufferedLogSink:
        """Implements `ports.LogSink`."""
        return self._sink

    @property
    def deliveries(self) -> Deliveries:
        """Sends events to functions; `app` tells it of them."""
        return self._filters.deliveries

    async def start(self) -> None:
        """Begin to store lines, to show events to filters, to expire them, and to run queries."""
        self._filters.forwarding.start()
        self._sink.start()
        self.expiry.start()
        self._insights.turns.start()

    async def stop(self) -> None:
        """End with every line stored; what filters have not seen yet they see in the next life."""
        await self._insights.turns.stop()
        await self.expiry.stop()
        await self._sink.stop()
        # What is still in the outbox goes on in the next life.
        await self._filters.forwarding.stop()

    async def reset(self) -> None:
        """Drop what memory holds; the tables were emptied before."""
        await self._insights.turns.forget()
        self._sink.forget()
        self._outbox.watch()
        self._filters.publishing.forget()
