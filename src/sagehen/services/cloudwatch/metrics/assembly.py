"""MetricAssembly: what is observed, kept and read, put together."""

from __future__ import annotations

from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock
from sagehen.services.cloudwatch.metrics.logged import LoggedMetricRecorder
from sagehen.services.cloudwatch.metrics.operations import Metrics
from sagehen.services.cloudwatch.metrics.reader import StoredMetricReader
from sagehen.services.cloudwatch.metrics.records import MIGRATIONS, MetricRecords
from sagehen.services.cloudwatch.metrics.retention import Retention
from sagehen.services.cloudwatch.metrics.sink import AggregatingMetricSink
from sagehen.store.database import Database

_ROLL_UP_EVERY_S = 300.0


class MetricAssembly:
    """Everything about metrics, with one life.

    Args:
        database: Its tables are made here.
        clock: Stamps what comes without a time, and says what is rolled up and expired.

    Attributes:
        sink: Implements `ports.MetricSink`.
        logged: Implements `ports.LoggedMetrics`.
        reader: Implements `ports.MetricReader`.
        retention: Rolls points up, each five minutes.
        operations: PutMetricData and ListMetrics, for `api.Service`.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        database.migrate("cloudwatch", MIGRATIONS)
        records = MetricRecords(database)
        self.sink = AggregatingMetricSink(records, clock)
        self.logged = LoggedMetricRecorder(records)
        self.reader = StoredMetricReader(records, self.sink, clock)
        self.retention = Retention(database, clock)
        self.operations = Metrics(records, clock)
        self._roller = Rounds(
            "cloudwatch-roll-up",
            self.retention.roll_up,
            clock,
            _ROLL_UP_EVERY_S,
            tale="rolling metrics up",
        )

    def start(self) -> None:
        """Begin to store what is recorded, and to roll up what is old."""
        self.sink.start()
        self._roller.start()

    async def stop(self) -> None:
        """End with everything stored that was recorded."""
        await self._roller.stop()
        await self.sink.stop()
