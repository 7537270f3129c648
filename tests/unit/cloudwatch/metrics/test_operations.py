"""Putting, listing, statistics, roll-up, the sink and the reader."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.observing.metrics import MetricValue
from sagehen.services.cloudwatch.errors import (
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
    ValidationError,
)
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.store.database import Database
from tests.unit.cloudwatch.calls import Call
from tests.unit.cloudwatch.conftest import SCOPE

MINUTE = timedelta(minutes=1)


async def put(call: Call, *data: dict[str, Any], namespace: str = "App") -> None:
    await call("PutMetricData", Namespace=namespace, MetricData=list(data))


async def statistics(call: Call, clock: ManualClock, **request: Any) -> list[dict[str, Any]]:
    whole = {
        "Namespace": "App",
        "MetricName": "m",
        "StartTime": clock.now() - 10 * MINUTE,
        "EndTime": clock.now() + MINUTE,
        "Period": 60,
        "Statistics": ["Sum", "SampleCount", "Minimum", "Maximum", "Average"],
    } | request
    datapoints: list[dict[str, Any]] = (await call("GetMetricStatistics", **whole))["Datapoints"]
    return [{k: v for k, v in point.items() if v is not None} for point in datapoints]


async def test_values_in_their_three_forms_add_up(call: Call, clock: ManualClock) -> None:
    await put(
        call,
        {"MetricName": "m", "Value": 1.0, "Unit": "Count"},
        {"MetricName": "m", "Values": [2.0, 3.0], "Counts": [2.0, 1.0], "Unit": "Count"},
    )
    await put(
        call,
        {
            "MetricName": "m",
            "StatisticValues": {"SampleCount": 2.0, "Sum": 20.0, "Minimum": 8.0, "Maximum": 12.0},
            "Unit": "Count",
        },
    )
    [point] = await statistics(call, clock)
    assert point == {
        "Timestamp": clock.now(),
        "Sum": 28.0,
        "SampleCount": 6.0,
        "Minimum": 1.0,
        "Maximum": 12.0,
        "Average": pytest.approx(28 / 6),
        "Unit": "Count",
    }
    # A statistic set has no percentiles, so its minute has none.
    assert await statistics(call, clock, Statistics=None, ExtendedStatistics=["p50"]) == []


async def test_percentiles(call: Call, clock: ManualClock) -> None:
    await put(call, {"MetricName": "m", "Values": [float(v) for v in range(1, 101)]})
    [point] = await statistics(
        call, clock, Statistics=None, ExtendedStatistics=["p50", "p99", "tm90", "TM(10%:90%)"]
    )
    assert point["ExtendedStatistics"] == {
        "p50": 50.0,
        "p99": 99.0,
        "tm90": pytest.approx(45.5),
        "TM(10%:90%)": pytest.approx(50.5),
    }
    await put(call, {"MetricName": "odd", "Values": [1234.567 * 1.01**i for i in range(150)]})
    [point] = await statistics(
        call, clock, MetricName="odd", Statistics=["Maximum"], ExtendedStatistics=["p50"]
    )
    assert point["ExtendedStatistics"]["p50"] == pytest.approx(1234.567 * 1.01**74, rel=0.004)


@pytest.mark.parametrize(
    ("datum", "error"),
    [
        ({}, MissingParameter),
        ({"Value": 1.0, "Values": [1.0]}, InvalidParameterCombination),
        ({"Value": float("nan")}, InvalidParameterValue),
        ({"Values": [1.0], "Counts": [1.0, 2.0]}, InvalidParameterValue),
        ({"Value": 1.0, "StorageResolution": 5}, InvalidParameterValue),
        ({"Value": 2.0**361}, InvalidParameterValue),
        ({"Value": 1.0, "Dimensions": [{"Name": "n", "Value": "é"}]}, InvalidParameterValue),
        ({"Value": 1.0, "Dimensions": [{"Name": "n", "Value": "a\x01"}]}, InvalidParameterValue),
        ({"Value": 1.0, "Dimensions": [{"Name": ":n", "Value": "v"}]}, InvalidParameterValue),
        ({"Value": 1.0, "Dimensions": [{"Name": "n", "Value": " "}]}, InvalidParameterValue),
    ],
)
async def test_refused_data(call: Call, datum: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        await put(call, {"MetricName": "m", **datum})


async def test_refused_namespace_and_times(call: Call, clock: ManualClock) -> None:
    with pytest.raises(InvalidParameterValue):
        await put(call, {"MetricName": "m", "Value": 1.0}, namespace="AWS/SageMaker")
    with pytest.raises(InvalidParameterValue):
        await put(
            call, {"MetricName": "m", "Value": 1.0, "Timestamp": clock.now() - timedelta(days=14, seconds=1)}
        )
    with pytest.raises(ValidationError):
        await statistics(call, clock, EndTime=clock.now() - 20 * MINUTE)
    with pytest.raises(InvalidParameterValue):
        await statistics(call, clock, Period=61)
    with pytest.raises(InvalidParameterCombination, match="1440"):
        await statistics(call, clock, StartTime=clock.now() - timedelta(days=2))


async def test_list_metrics_filters_and_pages(call: Call, clock: ManualClock) -> None:
    for name, endpoint in (("a", "x"), ("a", "y"), ("b", "x")):
        dimensions = [{"Name": "Variant", "Value": "v"}, {"Name": "Endpoint", "Value": endpoint}]
        await put(call, {"MetricName": name, "Value": 1.0, "Dimensions": dimensions})
    found = await call("ListMetrics", Namespace="App", Dimensions=[{"Name": "Endpoint", "Value": "x"}])
    assert [metric["MetricName"] for metric in found["Metrics"]] == ["a", "b"]
    assert len((await call("ListMetrics", MetricName="a", Dimensions=[{"Name": "Variant"}]))["Metrics"]) == 2
    await clock.advance(4 * 3600)
    assert (await call("ListMetrics", RecentlyActive="PT3H"))["Metrics"] == []
    data = [{"MetricName": f"many{i}", "Value": 1.0} for i in range(600)]
    await put(call, *data, namespace="Many")
    first = await call("ListMetrics", Namespace="Many")
    rest = await call("ListMetrics", Namespace="Many", NextToken=first["NextToken"])
    names = [metric["MetricName"] for page in (first, rest) for metric in page["Metrics"]]
    assert sorted(names) == sorted(datum["MetricName"] for datum in data)
    assert "NextToken" not in rest


async def test_high_resolution_rolls_up_and_expires(
    cloudwatch: CloudWatchService, call: Call, clock: ManualClock, database: Database
) -> None:
    for second in range(0, 120, 20):
        at = clock.now() + timedelta(seconds=second)
        await put(call, {"MetricName": "m", "Value": 1.0, "Timestamp": at, "StorageResolution": 1})
    start = clock.now()
    request = {"StartTime": start, "EndTime": start + 10 * MINUTE, "Statistics": ["Sum"]}
    assert len(await statistics(call, clock, **request, Period=20)) == 6
    await clock.advance(3.5 * 3600)
    await cloudwatch._metrics.retention.roll_up()
    assert await statistics(call, clock, **request, Period=20) == []
    assert [point["Sum"] for point in await statistics(call, clock, **request, Period=60)] == [3.0, 3.0]
    await clock.advance(16 * 86_400)
    await cloudwatch._metrics.retention.roll_up()
    [point] = await statistics(call, clock, **request, Period=300)
    assert (point["Sum"], point["Timestamp"]) == (6.0, start)
    await clock.advance(460 * 86_400)
    await cloudwatch._metrics.retention.roll_up()
    assert database.all("SELECT * FROM metric_points") == []
    assert database.all("SELECT * FROM metrics") == []


async def test_reader_counts_memory_and_store_exactly_once(
    cloudwatch: CloudWatchService, clock: ManualClock
) -> None:
    total = 0

    def read() -> float:
        points = cloudwatch.reader.statistics(
            SCOPE, "AWS/X", "Invocations", {"b": "2", "a": "1"}, "Sum", 60, clock.now(), clock.now() + MINUTE
        )
        return sum(value for _, value in points)

    async def flush_often() -> None:
        for _ in range(30):
            await cloudwatch.sink.flush()
            await asyncio.sleep(0.001)

    flushing = asyncio.create_task(flush_often())
    while not flushing.done():
        cloudwatch.sink.record(
            SCOPE, "AWS/X", [MetricValue("Invocations", 1.0, "Count", {"a": "1", "b": "2"})]
        )
        total += 1
        assert read() == total
        assert await asyncio.to_thread(read) == total
    await flushing
    await cloudwatch.sink.flush()
    assert read() == total


async def test_records_survive_a_restart(database: Database, clock: ManualClock, ids: Ids) -> None:
    for expected in (1.0, 2.0):
        service = CloudWatchService(database=database, clock=clock, ids=ids)
        await service.start()
        service.sink.record(SCOPE, "AWS/X", [MetricValue("m", 1.0), MetricValue("m", float("nan"))])
        read = service.reader.statistics(
            SCOPE, "AWS/X", "m", {}, "SampleCount", 60, clock.now(), clock.now() + MINUTE
        )
        assert read == [(clock.now(), expected)]
        await service.stop()


async def test_the_sink_leaves_out_what_cloudwatch_does_not_take(
    cloudwatch: CloudWatchService, call: Call, clock: ManualClock
) -> None:
    values = [float("nan"), float("inf"), -float("inf"), 1e300, 1.0, 2.0**360]
    cloudwatch.sink.record(SCOPE, "App", [MetricValue("m", value, "None", {}) for value in values])
    [point] = await statistics(call, clock, Statistics=["SampleCount", "Maximum"])
    assert (point["SampleCount"], point["Maximum"]) == (2.0, 2.0**360)


async def test_listed_by_the_value_of_a_dimension(cloudwatch: CloudWatchService, call: Call) -> None:
    for host in ("a", "b"):
        datum = {"MetricName": "m", "Value": 1.0, "Dimensions": [{"Name": "Host", "Value": host}]}
        await call("PutMetricData", Namespace="App", MetricData=[datum])
    listed = await call("ListMetrics", Dimensions=[{"Name": "Host", "Value": "b"}])
    assert [one["Dimensions"] for one in listed["Metrics"]] == [[{"Name": "Host", "Value": "b"}]]
    assert len((await call("ListMetrics", Dimensions=[{"Name": "Host"}]))["Metrics"]) == 2
