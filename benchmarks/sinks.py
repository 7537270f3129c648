"""The sinks that everything which runs writes to: metric values and log lines, in the platform's process."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.table import Row, Table
from sagehen.domain.clock import SystemClock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.observing.metrics import MetricValue
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.services.logs.service import LogsService
from sagehen.store.database import Database

_SCOPE = Scope("111122223333", "us-east-1")
_ROUNDS = 7
_INVOCATIONS = 5_000
_LINES = 20_000
_LINE = "epoch 1 step 1000 train_loss=0.1234 " + "x" * 60


def measure(say: Callable[[str], None]) -> Table:
    """Record the metrics of invocations of an endpoint, and store the lines of four training jobs."""
    value_s, lines_per_s = asyncio.run(_measure(say))
    return Table(
        "Metrics and log lines of what runs here",
        method=f"Medians of {_ROUNDS} rounds without clients: what the writers themselves wait for.",
        rows=[
            Row("one value of a metric", f"{value_s * 1e6:.2f} us",
                note="an invocation of an endpoint records four"),
            Row("log lines of 96 characters, until they are in the database", f"{lines_per_s:,.0f} /s",
                note=f"{_LINES:,} lines to four streams at once"),
        ],
    )  # fmt: skip


async def _measure(say: Callable[[str], None]) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        database, clock, ids = Database(Path(folder) / "metadata.sqlite"), SystemClock(), Ids()
        cloudwatch = CloudWatchService(database=database, clock=clock, ids=ids)
        logs = LogsService(
            database=database, clock=clock, ids=ids, metrics=cloudwatch.sink, logged=cloudwatch.logged
        )
        await cloudwatch.start()
        await logs.start()
        values, lines = [], []
        for number in range(_ROUNDS):
            say(f"round {number + 1}/{_ROUNDS}")
            values.append(_values(cloudwatch))
            lines.append(await _lines(logs))
        await logs.stop()
        await cloudwatch.stop()
        database.close()
    return statistics.median(values), statistics.median(lines)


def _values(cloudwatch: CloudWatchService) -> float:
    dimensions = {"EndpointName": "e", "VariantName": "AllTraffic"}
    values = [
        MetricValue("ModelLatency", 1234.5, "Microseconds", dimensions),
        MetricValue("OverheadLatency", 234.5, "Microseconds", dimensions),
        MetricValue("Invocations", 1.0, "Count", dimensions),
        MetricValue("Invocation4XXErrors", 0.0, "Count", dimensions),
    ]
    began = time.perf_counter()
    for _ in range(_INVOCATIONS):
        cloudwatch.sink.record(_SCOPE, "AWS/SageMaker", values)
    return (time.perf_counter() - began) / (_INVOCATIONS * len(values))


async def _lines(logs: LogsService) -> float:
    began = time.perf_counter()
    for number in range(_LINES):
        logs.sink.write(_SCOPE, "/aws/sagemaker/TrainingJobs", f"job/algo-{number % 4}", [(number, _LINE)])
        if number % 1000 == 0:
            await asyncio.sleep(0)
    await logs.sink.flush()
    return _LINES / (time.perf_counter() - began)
