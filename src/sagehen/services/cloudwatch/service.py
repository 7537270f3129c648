"""CloudWatchService: CloudWatch metrics and alarms put together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from functools import partial

from sagehen.api.operation import Service
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.alarms import AlarmActions
from sagehen.domain.ports.functions import FunctionInvoker
from sagehen.domain.ports.resource_policies import ResourceTags
from sagehen.services.cloudwatch.alarms.actions.dispatcher import AlarmActionDispatcher
from sagehen.services.cloudwatch.alarms.actions.records import AlarmActionRecords
from sagehen.services.cloudwatch.alarms.history.operations import AlarmHistory
from sagehen.services.cloudwatch.alarms.history.records import AlarmHistoryRecords
from sagehen.services.cloudwatch.alarms.listing import AlarmListing
from sagehen.services.cloudwatch.alarms.loop import AlarmLoop
from sagehen.services.cloudwatch.alarms.operations import Alarms
from sagehen.services.cloudwatch.alarms.records import ALARM_MIGRATIONS, AlarmRecords
from sagehen.services.cloudwatch.alarms.states import AlarmStates
from sagehen.services.cloudwatch.alarms.tags import AlarmTags, alarm_tags
from sagehen.services.cloudwatch.metric_data.operations import MetricData
from sagehen.services.cloudwatch.metrics.operations import Metrics
from sagehen.services.cloudwatch.metrics.reader import StoredMetricReader
from sagehen.services.cloudwatch.metrics.records import MIGRATIONS, MetricRecords
from sagehen.services.cloudwatch.metrics.sink import AggregatingMetricSink
from sagehen.store.database import Database

_log = logging.getLogger(__name__)
_ROLL_UP_EVERY_S = 300.0


class CloudWatchService:
    """CloudWatch metrics and alarms, and the `MetricSink` and `MetricReader` of the platform.

    Args:
        database: Where data points are stored.
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
        database.migrate("cloudwatch-alarms", ALARM_MIGRATIONS)
        self._clock = clock
        self._records = MetricRecords(database)
        self._sink = AggregatingMetricSink(self._records, clock)
        self._reader = StoredMetricReader(self._records, self._sink, clock)
        records, history = AlarmRecords(database), AlarmHistoryRecords(database)
        self.resource_tags: ResourceTags = partial(alarm_tags, records)
        self._actions = AlarmActionDispatcher(AlarmActionRecords(database), clock)
        self._actions.functions, self._actions.scaling = functions, scaling
        states = AlarmStates(records, clock, self._actions.wake)
        self._alarm_loop = AlarmLoop(records, history, states, self._actions, self._reader, clock)
        self._alarms = Alarms(records, states, self._alarm_loop, self._actions, clock, ids)
        self._service = Service(
            "cloudwatch",
            (
                Metrics(self._records, clock),
                MetricData(self._reader, clock),
                self._alarms,
                AlarmListing(records),
                AlarmHistory(history),
                AlarmTags(records),
            ),
        )
        self._roller: asyncio.Task[None] | None = None

    @property
    def services(self) -> Sequence[Service]:
        return (self._service,)

    @property
    def sink(self) -> AggregatingMetricSink:
        return self._sink

    @property
    def reader(self) -> StoredMetricReader:
        return self._reader

    @property
    def alarms(self) -> Alarms:
        """Implements `ports.MetricAlarms`."""
        return self._alarms

    @property
    def alarm_actions(self) -> AlarmActionDispatcher:
        """Where Lambda and Application Auto Scaling are set once they exist."""
        return self._actions

    async def start(self) -> None:
        await self._sink.start()
        await self._actions.start()
        await self._alarm_loop.start()
        self._roller = asyncio.create_task(self._roll_up(), name="cloudwatch-roll-up")

    async def stop(self) -> None:
        await self._alarm_loop.stop()
        await self._actions.stop()
        if self._roller is not None:
            self._roller.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._roller
            self._roller = None
        await self._sink.stop()

    async def reset(self) -> None:
        self._alarm_loop.forget()
        self._sink.forget()

    async def _roll_up(self) -> None:
        while True:
            try:
                await self._records.roll_up(self._clock.now())
            except Exception:
                _log.exception("rolling metrics up failed; it is tried again")
            await self._clock.sleep(_ROLL_UP_EVERY_S)
