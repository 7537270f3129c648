"""CloudWatchService: CloudWatch's rooms put together."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.operation import Service
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.functions import FunctionInvoker
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.ports.identity.resource_policies import ResourceTags
from sagehen.domain.ports.observing.alarm_states import AlarmListener
from sagehen.domain.ports.observing.alarms import AlarmActions
from sagehen.services.cloudwatch.alarms.actions.dispatcher import AlarmActionDispatcher
from sagehen.services.cloudwatch.alarms.assembly import AlarmAssembly
from sagehen.services.cloudwatch.alarms.operations import Alarms
from sagehen.services.cloudwatch.alarms.watched import WatchedAlarms
from sagehen.services.cloudwatch.dashboards.operations import Dashboards
from sagehen.services.cloudwatch.dashboards.records import MIGRATIONS as DASHBOARD_MIGRATIONS
from sagehen.services.cloudwatch.dashboards.records import DashboardRecords
from sagehen.services.cloudwatch.metric_data.operations import MetricData
from sagehen.services.cloudwatch.metric_data.statistics import MetricStatistics
from sagehen.services.cloudwatch.metric_data.stored import StoredValues
from sagehen.services.cloudwatch.metrics.assembly import MetricAssembly
from sagehen.services.cloudwatch.metrics.logged import LoggedMetricRecorder
from sagehen.services.cloudwatch.metrics.reader import StoredMetricReader
from sagehen.services.cloudwatch.metrics.sink import AggregatingMetricSink
from sagehen.services.cloudwatch.tags.operations import Tags
from sagehen.services.cloudwatch.widget_images.operations import WidgetImages
from sagehen.store.database import Database


class CloudWatchService:
    """CloudWatch, and the `MetricSink` and `MetricReader` of the platform.

    Args:
        database: Where data points and alarms are stored.
        clock: Stamps what comes without a time; periods, evaluation and retries are by it.
        ids: Draws the ids that alarms' events give their metrics.
        functions: Lambda, for alarms' actions; may be set later, as `alarm_actions.functions`.
        scaling: Application Auto Scaling, likewise; `alarm_actions.scaling`.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        ids: Ids,
        functions: FunctionInvoker | None = None,
        scaling: AlarmActions | None = None,
    ) -> None:
        self._metrics = MetricAssembly(database, clock)
        self._alarms = AlarmAssembly(database, clock, ids, self.reader)
        self.alarm_actions.functions, self.alarm_actions.scaling = functions, scaling
        database.migrate("cloudwatch-dashboards", DASHBOARD_MIGRATIONS)
        dashboard_records = DashboardRecords(database)
        dashboards = Dashboards(dashboard_records, clock)
        self._tags = Tags(self._alarms.records, dashboard_records)
        self._pictures = WidgetImages(StoredValues(self.reader, clock), self._alarms.records, clock)
        data = (
            MetricStatistics(self.reader, clock),
            MetricData(self.reader, clock),
            dashboards,
            self._pictures,
        )
        self._service = Service(
            "cloudwatch", (self._metrics.operations, *data, *self._alarms.owners, self._tags)
        )

    @property
    def services(self) -> Sequence[Service]:
        return (self._service,)

    @property
    def sink(self) -> AggregatingMetricSink:
        """Implements `ports.MetricSink`."""
        return self._metrics.sink

    @property
    def logged(self) -> LoggedMetricRecorder:
        """Implements `ports.LoggedMetrics`."""
        return self._metrics.logged

    @property
    def reader(self) -> StoredMetricReader:
        """Implements `ports.MetricReader`."""
        return self._metrics.reader

    @property
    def alarms(self) -> Alarms:
        """Implements `ports.MetricAlarms`."""
        return self._alarms.operations

    @property
    def alarm_listeners(self) -> list[AlarmListener]:
        """Who is told of each alarm that goes to ALARM."""
        return self._alarms.listeners

    def watched_alarms(self, authorizer: Authorizer) -> WatchedAlarms:
        """Return alarms as services watch them for principals; implements `ports.AlarmStates`."""
        return WatchedAlarms(self._alarms.records, authorizer)

    @property
    def alarm_actions(self) -> AlarmActionDispatcher:
        """Where Lambda and Application Auto Scaling are set once they exist."""
        return self._alarms.actions

    @property
    def resource_tags(self) -> ResourceTags:
        """The tags of alarms and dashboards; metrics have none."""
        return self._tags.of

    async def start(self) -> None:
        """Begin to store what is recorded, to evaluate alarms, and to roll metrics up."""
        self._metrics.start()
        self._alarms.start()

    async def stop(self) -> None:
        """End what reads metrics first: they are there until then."""
        await self._pictures.stop()
        await self._alarms.stop()
        await self._metrics.stop()

    async def reset(self) -> None:
        """Drop what memory holds; the tables were emptied before."""
        self._alarms.loop.forget()
        self._metrics.sink.forget()
