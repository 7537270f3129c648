"""AggregatingMetricSink: takes AWS's own metrics, cheaply, and stores their sums in the background.

Memory is a generation: what was recorded since the last flush. A flush seals the generation and
commits it under its number. A reader takes its view of memory first and the stored points with
the last committed number second, and leaves out generations that are stored by then: it counts
everything exactly once at any moment.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock, SystemClock
from sagehen.domain.ports.observing.metrics import MetricValue
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.metrics.aggregate import MOST, Aggregate
from sagehen.services.cloudwatch.metrics.metric import MetricKey, PointKey, sorted_dimensions
from sagehen.services.cloudwatch.metrics.records import MetricRecords

# The finest period of AWS's own high-resolution metrics: SageMaker emits every 10 seconds (from memory).
STRETCH_S = 10
_FLUSH_EVERY_S = 1.0


@dataclass(slots=True)
class Generation:
    """What was recorded between two flushes."""

    number: int
    points: dict[PointKey, Aggregate] = field(default_factory=dict)
    # So that reading one metric need not look through the points of all, with the lock held.
    keys: dict[MetricKey, list[PointKey]] = field(default_factory=dict)


class AggregatingMetricSink:
    """Implements the port `MetricSink`. `record` may be called from any thread."""

    def __init__(self, records: MetricRecords, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._lock = threading.Lock()
        self._open = Generation(records.committed_generation() + 1)
        self._sealed: Generation | None = None
        # The caller's spelling of a metric -> its key: sorting and hashing dimensions costs more
        # than the arithmetic. Emptied when it grows past what a machine's endpoints can need.
        self._keys: dict[tuple[Scope, str, str, tuple[tuple[str, str], ...]], MetricKey] = {}
        # Real time: a scaled clock must not multiply the writes.
        self._flusher = Rounds(
            "cloudwatch-flusher",
            self.flush,
            SystemClock(),
            _FLUSH_EVERY_S,
            tale="storing metrics",
            at_once=False,
        )
        self._storing = asyncio.Lock()

    def record(
        self, scope: Scope, namespace: str, values: Sequence[MetricValue], at: datetime | None = None
    ) -> None:
        """See `MetricSink.record`. Values that CloudWatch does not take are left out, NaN among them."""
        at_s = int((at or self._clock.now()).timestamp())
        at_s -= at_s % STRETCH_S
        with self._lock:
            points, keys = self._open.points, self._open.keys
            for value in values:
                if not -MOST <= value.value <= MOST:  # a diverged loss; CloudWatch has no place for it
                    continue
                key = PointKey(self._key(scope, namespace, value), 1, at_s, value.unit)
                aggregate = points.get(key)
                if aggregate is None:
                    aggregate = points[key] = Aggregate()
                    keys.setdefault(key.metric, []).append(key)
                aggregate.add(value.value)

    def _key(self, scope: Scope, namespace: str, value: MetricValue) -> MetricKey:
        spelling = (scope, namespace, value.name, tuple(value.dimensions.items()))
        key = self._keys.get(spelling)
        if key is None:
            if len(self._keys) > 10_000:
                self._keys.clear()
            key = MetricKey(scope, namespace, value.name, sorted_dimensions(value.dimensions))
            self._keys[spelling] = key
        return key

    def generations(self, metric: MetricKey) -> list[Generation]:
        """Return copies of what memory holds of one metric, generation by generation."""
        with self._lock:
            return [
                Generation(
                    generation.number,
                    {key: generation.points[key].copy() for key in generation.keys.get(metric, ())},
                )
                for generation in (self._sealed, self._open)
                if generation is not None
            ]

    async def flush(self) -> None:
        """Store what was recorded before."""
        async with self._storing:
            with self._lock:
                if self._sealed is None:
                    if not self._open.points:
                        return
                    self._sealed = self._open
                    self._open = Generation(self._sealed.number + 1)
                sealed = self._sealed
            await self._records.add(sealed.points, sealed.number)
            with self._lock:
                if self._sealed is sealed:
                    self._sealed = None

    def start(self) -> None:
        """Begin to store what is recorded, once a second."""
        self._flusher.start()

    async def stop(self) -> None:
        """End, with everything stored that was recorded before."""
        await self._flusher.stop()
        await self.flush()  # one that a failed write left sealed
        await self.flush()

    def forget(self) -> None:
        """Drop what memory holds."""
        with self._lock:
            self._open = Generation(self._open.number + 1)
            self._sealed = None
