"""FilterAssembly: metric and subscription filters, and the loop that shows them events, put together."""

from __future__ import annotations

from sagehen.domain.clock import Clock
from sagehen.domain.ports.observing.logged_metrics import LoggedMetrics
from sagehen.domain.ports.observing.metrics import MetricSink
from sagehen.services.logs.events.outbox import Outbox
from sagehen.services.logs.events.records import EventRecords
from sagehen.services.logs.filters.forwarding import Forwarding
from sagehen.services.logs.filters.metric.operations import MetricFilters
from sagehen.services.logs.filters.metric.publishing import Publishing
from sagehen.services.logs.filters.metric.records import MetricFilterRecords
from sagehen.services.logs.filters.subscription.deliveries import Deliveries
from sagehen.services.logs.filters.subscription.operations import SubscriptionFilters
from sagehen.services.logs.filters.subscription.records import SubscriptionFilterRecords
from sagehen.services.logs.groups.records import GroupRecords
from sagehen.store.database import Database


class FilterAssembly:
    """Everything about filters of groups.

    Args:
        database: Where filters are stored, in tables that are there.
        groups: Whose filters they are.
        events: Which they see.
        outbox: Says which events they have not seen yet.
        clock: Stamps what is made.
        metrics: Where AWS/Logs go.
        logged: Where the data of metric filters and of embedded metrics go.

    Attributes:
        publishing: What events say of metrics.
        deliveries: What goes to functions.
        forwarding: The loop; whoever stores events pokes it.
        owners: What serves operations, for `api.Service`.
    """

    def __init__(
        self,
        database: Database,
        groups: GroupRecords,
        events: EventRecords,
        outbox: Outbox,
        clock: Clock,
        metrics: MetricSink,
        logged: LoggedMetrics,
    ) -> None:
        metric, subscription = MetricFilterRecords(database), SubscriptionFilterRecords(database)
        self.publishing = Publishing(metric, logged, clock)
        self.deliveries = Deliveries(subscription, metrics)
        self.forwarding = Forwarding(outbox, events, self.publishing, self.deliveries)
        self.owners = (
            MetricFilters(groups, metric, outbox, clock),
            SubscriptionFilters(groups, subscription, outbox, self.deliveries, clock),
        )
