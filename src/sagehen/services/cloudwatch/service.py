"""CloudWatchService: CloudWatch metrics and alarms put together."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.operation import Service
from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.alarms import AlarmActions
from sagehen.domain.ports.functions import FunctionInvoker
from sagehen.domain.ports.resource_policies import ResourceTags
from sagehen.services.cloudwatch.alarms.actions.dispatcher import AlarmActionDispatcher
from sagehen.services.cloudwatch.alarms.assembly import AlarmAssembly
from sagehen.services.cloudwatch.alarms.operations import Alarms
from sagehen.services.cloudwatch.metric_data.operations import MetricData
from sagehen.services.cloudwatch.metrics.operations import Metrics
from sagehen.services.cloudwatch.metrics.reader import StoredMetricReader
from sagehen.services.cloudwatch.metrics.records import MIGRATIONS, MetricRecords
from sagehen.services.cloudwatch.metrics.retention import Retention
from sagehen.services.cloudwatch.metrics.sink import AggregatingMetricSink
from sagehen.store.database import Database

_ROLL_UP_EVERY_S = 300.0


class CloudWatchService:
    """CloudWatch metrics and alarms, and the `MetricSink` and `MetricReader` of the platform.

    Args:
        database: Where data points and alarms are stored.
        clock: Stamps what comes without a time, and says what is rolled up and expired.
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
        database.migrate("cloudwatch", MIGRATIONS)
        records = MetricRecords(database)
        self.retention = Retention(database, clock)
        self._sink = AggregatingMetricSink(records, clock)
        self._reader = StoredMetricReader(records, self._sink, clock)
        self._alarms = AlarmAssembly(database, clock, ids, self._reader)
        self.alarm_actions.functions, self.alarm_actions.scaling = functions, scaling
        self._service = Service(
            "cloudwatch", (Metrics(records, clock), MetricData(self._reader, clock), *self._alarms.owners)
        )
        self._roller = Rounds(
            "cloudwatch-roll-up",
            self.retention.roll_up,
            clock,
            _ROLL_UP_EVERY_S,
            tale="rolling metrics up",
        )

    @property
    def services(self) -> Sequence[Service]:
        return (self._service,)

    @property
    def sink(self) -> AggregatingMetricSink:
        """Implements `ports.MetricSink`."""
        return self._sink

    @property
    def reader(self) -> StoredMetricReader:
        """Implements `ports.MetricReader`."""
        return self._reader

    @property
    def alarms(self) -> Alarms:
        """Implements `ports.MetricAlarms`."""
        return self._alarms.operations

    @property
    def alarm_actions(self) -> AlarmActionDispatcher:
        """Where Lambda and Application Auto Scaling are set once they exist."""
        return self._alarms.actions

    @property
    def resource_tags(self) -> ResourceTags:
        """The tags of alarms; metrics have none."""
        return self._alarms.resource_tags

    async def start(self) -> None:
        """Begin to store what is recorded, to evaluate alarms, and to roll metrics up."""
        self._sink.start()
        self._alarms.start()
        self._roller.start()

    async def stop(self) -> None:
        """End, alarms first: what they write is stored before the sink ends."""
        await self._alarms.stop()
        await self._roller.stop()
        await self._sink.stop()

    async def reset(self) -> None:
        """Drop what memory holds; the tables were emptied before."""
        self._alarms.loop.forget()
        self._sink.forget()
