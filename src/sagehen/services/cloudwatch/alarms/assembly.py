"""AlarmAssembly: alarms put together out of their operations, their loop and what acts on them."""

from __future__ import annotations

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.cloudwatch.alarms.actions.dispatcher import AlarmActionDispatcher
from sagehen.services.cloudwatch.alarms.actions.records import AlarmActionRecords
from sagehen.services.cloudwatch.alarms.history.operations import AlarmHistory
from sagehen.services.cloudwatch.alarms.history.records import AlarmHistoryRecords
from sagehen.services.cloudwatch.alarms.listing import AlarmListing
from sagehen.services.cloudwatch.alarms.loop import AlarmLoop
from sagehen.services.cloudwatch.alarms.operations import Alarms
from sagehen.services.cloudwatch.alarms.records import AlarmRecords
from sagehen.services.cloudwatch.alarms.states import AlarmStates
from sagehen.services.cloudwatch.alarms.tables import MIGRATIONS
from sagehen.services.cloudwatch.metrics.reader import StoredMetricReader
from sagehen.store.database import Database


class AlarmAssembly:
    """Everything about alarms, with one life.

    Args:
        database: Its tables are made here.
        clock: Says when an interval of evaluation ends, and stamps states.
        ids: Draws the ids that alarms' events give their metrics.
        reader: Where evaluations read data points.

    Attributes:
        operations: PutMetricAlarm and the like; implements `ports.MetricAlarms`.
        actions: Where Lambda and Application Auto Scaling are set once they exist.
        loop: Evaluates metric alarms.
        owners: What serves operations, for `api.Service`.
        records: Where alarms are.
        listeners: Told of alarms that go to ALARM.
    """

    def __init__(self, database: Database, clock: Clock, ids: Ids, reader: StoredMetricReader) -> None:
        database.migrate("cloudwatch-alarms", MIGRATIONS)
        records, history = AlarmRecords(database), AlarmHistoryRecords(database)
        self.actions = AlarmActionDispatcher(AlarmActionRecords(database), clock)
        states = AlarmStates(records, clock, self.actions.wake)
        self.loop = AlarmLoop(records, history, states, self.actions, reader, clock)
        self.operations = Alarms(records, states, self.loop, self.actions, clock, ids)
        self.owners = (self.operations, AlarmListing(records), AlarmHistory(history))
        self.records, self.listeners = records, states.listeners

    def start(self) -> None:
        """Do the actions that an earlier life decided on; evaluate what is due."""
        self.actions.start()
        self.loop.start()

    async def stop(self) -> None:
        """End evaluation, then actions: those that are not done yet stay on record."""
        await self.loop.stop()
        await self.actions.stop()
