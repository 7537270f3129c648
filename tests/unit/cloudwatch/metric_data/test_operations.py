"""GetMetricData and metric math."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.clock import ManualClock
from sagehen.services.cloudwatch.errors import InvalidNextToken, ValidationError
from sagehen.services.cloudwatch.service import CloudWatchService
from tests.unit.cloudwatch.calls import Call


@pytest.fixture
async def data(call: Call, clock: ManualClock) -> None:
    """errors: 1 2 _ 4; requests: 10 20 30 40, minute by minute."""
    for name, values in (("errors", [1, 2, None, 4]), ("requests", [10, 20, 30, 40])):
        for minute, value in enumerate(values):
            if value is not None:
                at = clock.now() + timedelta(minutes=minute)
                await call(
                    "PutMetricData",
                    Namespace="App",
                    MetricData=[{"MetricName": name, "Value": float(value), "Timestamp": at}],
                )


def query(name: str) -> dict[str, Any]:
    metric = {"Namespace": "App", "MetricName": name, "Dimensions": []}
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False}


async def get(call: Call, clock: ManualClock, *queries: dict[str, Any], **further: Any) -> dict[str, Any]:
    return await call(
        "GetMetricData",
        MetricDataQueries=list(queries),
        StartTime=clock.now(),
        **({"ScanBy": "TimestampAscending", "EndTime": clock.now() + timedelta(minutes=5)} | further),
    )


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("errors / requests * 100", [10.0, 10.0, 10.0]),
        ("requests - 2 * (errors + 1)", [6.0, 14.0, 30.0]),
        ("FILL(errors, 0)", [1.0, 2.0, 0.0, 4.0]),
        ("FILL(errors, REPEAT)", [1.0, 2.0, 2.0, 4.0]),
        ("FILL(errors, LINEAR)", [1.0, 2.0, 3.0, 4.0]),
        ("SUM([errors, requests])", [11.0, 22.0, 30.0, 44.0]),
        ("SUM(METRICS())", [11.0, 22.0, 30.0, 44.0]),
        ('MAX(METRICS("err"))', [1.0, 2.0, 4.0]),
        ("requests / PERIOD(requests) * 60", [10.0, 20.0, 30.0, 40.0]),
        ("RATE(requests) * 60", [10.0, 10.0, 10.0]),
        ("requests - AVG(requests)", [-15.0, -5.0, 5.0, 15.0]),
        ("IF(requests > 20, requests, 0)", [0.0, 0.0, 30.0, 40.0]),
        ("requests > 10 AND requests < 40", [0.0, 1.0, 1.0, 0.0]),
        ("-requests ^ 2 / 100", [-1.0, -4.0, -9.0, -16.0]),
        ("1 / (errors - 2)", [-1.0, 0.5]),
        ("RUNNING_SUM(errors)", [1.0, 3.0, 7.0]),
    ],
)
async def test_math(call: Call, clock: ManualClock, expression: str, values: list[float]) -> None:
    answer = await get(call, clock, query("errors"), query("requests"), {"Id": "e", "Expression": expression})
    [result] = answer["MetricDataResults"]
    assert result["Values"] == pytest.approx(values)
    assert (result["Id"], result["StatusCode"]) == ("e", "Complete")
    assert result["Timestamps"] == sorted(result["Timestamps"])


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize(
    "expression", ["errors +", "nobody * 2", "e", "(" * 60 + "1", "errors; 1", "1 + 1", "__import__('os')"]
)
async def test_malformed_math(call: Call, clock: ManualClock, expression: str) -> None:
    with pytest.raises((ValidationError, NotImplementedOperation)):
        await get(call, clock, query("errors"), {"Id": "e", "Expression": expression})


async def test_what_is_not_built_is_named(call: Call, clock: ManualClock) -> None:
    with pytest.raises(NotImplementedOperation, match="SEARCH"):
        await get(call, clock, {"Id": "e", "Expression": "SEARCH('{App} x', 'Sum', 60)"})


@pytest.mark.usefixtures("data")
async def test_pages_and_order(call: Call, clock: ManualClock) -> None:
    queries = [dict(query(name), ReturnData=True) for name in ("errors", "requests")]
    newest = await get(call, clock, *queries, ScanBy="TimestampDescending")
    assert [result["Values"] for result in newest["MetricDataResults"]] == [
        [4.0, 2.0, 1.0],
        [40.0, 30.0, 20.0, 10.0],
    ]
    token, seen = None, {"errors": [], "requests": []}
    for _ in range(4):
        page = await get(call, clock, *queries, MaxDatapoints=2, NextToken=token)
        for result in page["MetricDataResults"]:
            seen[result["Id"]] += result["Values"]
        token = page.get("NextToken")
        if token is None:
            break
    assert seen == {"errors": [1.0, 2.0, 4.0], "requests": [10.0, 20.0, 30.0, 40.0]}
    with pytest.raises(InvalidNextToken):
        await get(call, clock, *queries, NextToken="nonsense")


@pytest.mark.usefixtures("data")
async def test_pages_of_an_expression_with_several_series(call: Call, clock: ManualClock) -> None:
    queries = [query("errors"), query("requests"), {"Id": "every", "Expression": "METRICS()"}]
    queries.append(dict(query("errors"), Id="last", ReturnData=True))
    seen: list[tuple[str, float]] = []
    token, pages = None, 0
    while token is not None or not pages:
        page = await get(call, clock, *queries, MaxDatapoints=2, NextToken=token)
        held = [(result["Id"], value) for result in page["MetricDataResults"] for value in result["Values"]]
        assert len(held) <= 2
        seen += held
        token, pages = page.get("NextToken"), pages + 1
    errors, requests = [1.0, 2.0, 4.0], [10.0, 20.0, 30.0, 40.0]
    every = [("every", value) for value in (*errors, *requests, *errors)]
    assert seen == every + [("last", value) for value in errors]


@pytest.mark.usefixtures("data")
async def test_what_expressions_go_through_is_bounded(
    call: Call, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sagehen.services.cloudwatch.metric_math.evaluation._MOST_POINTS", 50)
    short = {"Id": "e", "Expression": "errors + 1"}
    assert (await get(call, clock, query("errors"), short))["MetricDataResults"][0]["Values"] == [
        2.0,
        3.0,
        5.0,
    ]
    long = {"Id": "e", "Expression": " + ".join(["errors"] * 30)}
    with pytest.raises(ValidationError, match="more than 50 data points"):
        await get(call, clock, query("errors"), long)


async def test_the_first_unit_is_shown_although_another_came_earlier(call: Call, clock: ManualClock) -> None:
    for minute, unit, value in ((0, "Seconds", 1.0), (1, "Milliseconds", 2.0), (2, "Seconds", 3.0)):
        datum = {"MetricName": "m", "Unit": unit, "Value": value}
        at = clock.now() + timedelta(minutes=minute)
        await call("PutMetricData", Namespace="App", MetricData=[{**datum, "Timestamp": at}])
    [result] = (await get(call, clock, dict(query("m"), ReturnData=True)))["MetricDataResults"]
    assert result["Values"] == [2.0]
    assert result["Messages"][0]["Value"] == "Multiple units returned: '[Milliseconds, Seconds]'"


async def test_histograms_are_read_one_period_at_a_time(
    cloudwatch: CloudWatchService, call: Call, clock: ManualClock
) -> None:
    import tracemalloc

    values = [1.01**power for power in range(1200)]
    for minute in range(60):
        at = clock.now() + timedelta(minutes=minute)
        for first in range(0, len(values), 150):
            datum = {"MetricName": "m", "Values": values[first : first + 150], "Timestamp": at}
            await call("PutMetricData", Namespace="App", MetricData=[datum])
    await cloudwatch.sink.flush()
    stored = dict(query("m"), ReturnData=True)
    tail = {**stored, "MetricStat": {**stored["MetricStat"], "Stat": "p90"}}
    mean = {**stored, "Id": "mean", "MetricStat": {**stored["MetricStat"], "Stat": "Average"}}
    tracemalloc.start()
    try:
        answer = await get(call, clock, tail, mean, EndTime=clock.now() + timedelta(hours=1))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    [p90, average] = answer["MetricDataResults"]
    assert p90["Values"] == [pytest.approx(values[1079], rel=0.01)] * 60
    assert average["Values"] == [pytest.approx(sum(values) / len(values))] * 60
    assert most < 2_000_000, "60 histograms of some 1,200 buckets are 7 MB"


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("errors * LOG(0)", None),
        ("errors * (0 - 1) ^ 0.5", None),
        ("LOG(errors - 1)", [0.0, pytest.approx(1.0986, rel=1e-4)]),
        ("errors * 1e308", [1e308]),
        ("METRICS() * 1e308", [1e308]),
    ],
)
async def test_what_has_no_value(call: Call, clock: ManualClock, expression: str, values: Any) -> None:
    queries = query("errors"), {"Id": "e", "Expression": expression}
    if values is None:
        with pytest.raises(ValidationError, match="Error in expression"):
            await get(call, clock, *queries)
        return
    [result] = (await get(call, clock, *queries))["MetricDataResults"]
    assert result["Values"] == values and len(result["Timestamps"]) == len(values)
