"""CloudWatchService: CloudWatch metrics put together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from sagehen.api.operation import Service
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.cloudwatch.metric_data import MetricData
from sagehen.services.cloudwatch.metrics import Metrics
from sagehen.services.cloudwatch.reader import StoredMetricReader
from sagehen.services.cloudwatch.records import MIGRATIONS, MetricRecords
from sagehen.services.cloudwatch.sink import AggregatingMetricSink
from sagehen.store.database import Database

_log = logging.getLogger(__name__)
_ROLL_UP_EVERY_S = 300.0


class CloudWatchService:
    """CloudWatch metrics, and the `MetricSink` and `MetricReader` of the platform.

    Args:
        database: Where data points are stored.
        clock: Stamps what comes without a time, and says what is rolled up and expired.
        ids: Unused so far; every component takes it.
    """

    def __init__(self, *, database: Database, clock: Clock, ids: Ids) -> None:
        database.migrate("cloudwatch", MIGRATIONS)
        self._clock = clock
        self._records = MetricRecords(database)
        self._sink = AggregatingMetricSink(self._records, clock)
        self._reader = StoredMetricReader(self._records, self._sink)
        self._service = Service(
            "cloudwatch",
            (Metrics(self._records, clock), MetricData(self._reader, clock)),
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

    async def start(self) -> None:
        await self._sink.start()
        self._roller = asyncio.create_task(self._roll_up(), name="cloudwatch-roll-up")

    async def stop(self) -> None:
        if self._roller is not None:
            self._roller.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._roller
            self._roller = None
        await self._sink.stop()

    async def reset(self) -> None:
        self._sink.forget()

    async def _roll_up(self) -> None:
        while True:
            try:
                await self._records.roll_up(self._clock.now())
            except Exception:
                _log.exception("rolling metrics up failed; it is tried again")
            await self._clock.sleep(_ROLL_UP_EVERY_S)
