"""What AWS answered: labels, messages, first reasons, as public recordings have them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.services.cloudwatch.errors import ResourceNotFound
from sagehen.services.cloudwatch.metric_data.labels import default_labels, in_order, units_note
from sagehen.services.cloudwatch.service import CloudWatchService
from tests.unit.cloudwatch.calls import Call

from . import calls

_NAMESPACE = "recorded"


def _query(stat: str, period_s: int, unit: str | None = None, **more: Any) -> dict[str, Any]:
    metric = {"Namespace": _NAMESPACE, "MetricName": "metric1", **more}
    asked = {"Metric": metric, "Period": period_s, "Stat": stat}
    return {
        "Id": f"q{stat.lower()}{period_s}{unit or ''}",
        "MetricStat": asked | ({"Unit": unit} if unit else {}),
    }


@pytest.mark.parametrize(
    ("queries", "labels"),
    [
        ([("Sum", 60), ("Minimum", 30)], ["metric1 Sum 60", "metric1 Minimum 30"]),
        ([("Sum", 60), ("Minimum", 60)], ["metric1 Sum", "metric1 Minimum"]),
        ([("Sum", 60), ("Sum", 30)], ["metric1 60", "metric1 30"]),
        ([("Sum", 60, "Seconds"), ("Sum", 60, "Milliseconds")], ["metric1", "metric1"]),
        ([("Sum", 60)], ["metric1"]),
    ],
)
def test_labels_hold_what_differs(queries: list[tuple[Any, ...]], labels: list[str]) -> None:
    assert list(default_labels([_query(*one) for one in queries]).values()) == labels


def test_the_note_on_several_units() -> None:
    units = in_order({"Seconds", "None", "Milliseconds", "Count"})
    assert units == ["Count", "Milliseconds", "Seconds", "None"]
    [note] = units_note(units[:3])
    assert note == {
        "Code": "MultipleUnits",
        "Value": "Multiple units returned: '[Count, Milliseconds, Seconds]'",
    }
    assert units_note(["Count"]) == []


async def test_metric_data(cloudwatch: CloudWatchService, call: Call, clock: ManualClock) -> None:
    data = [("Milliseconds", 60_000.0), ("Seconds", 60.0)]
    await call(
        "PutMetricData",
        Namespace=_NAMESPACE,
        MetricData=[{"MetricName": "metric1", "Value": value, "Unit": unit} for unit, value in data],
    )
    now = clock.now()
    start = now.replace(second=0, microsecond=0)

    async def answer(*queries: dict[str, Any]) -> dict[str, Any]:
        return await call(
            "GetMetricData", MetricDataQueries=queries, StartTime=start, EndTime=now + timedelta(seconds=60)
        )

    several = await answer(_query("Sum", 60))
    [result] = several["MetricDataResults"]
    assert several["Messages"] == [] and result["Values"] == [60_000.0], "of the first unit"
    assert result["Messages"][0]["Value"] == "Multiple units returned: '[Milliseconds, Seconds]'"
    fine = await answer(_query("Sum", 60, "Seconds"), _query("Minimum", 30, "Seconds"))
    assert [one["Label"] for one in fine["MetricDataResults"]] == ["metric1 Sum 60", "metric1 Minimum 30"]
    assert [one["Values"] for one in fine["MetricDataResults"]] == [[60.0], [60.0]], "by the minute"
    assert all(not one.get("Messages") for one in fine["MetricDataResults"])


async def test_listed_by_the_value_of_a_dimension(cloudwatch: CloudWatchService, call: Call) -> None:
    for host in ("a", "b"):
        datum = {"MetricName": "m", "Value": 1.0, "Dimensions": [{"Name": "Host", "Value": host}]}
        await call("PutMetricData", Namespace=_NAMESPACE, MetricData=[datum])
    listed = await call("ListMetrics", Dimensions=[{"Name": "Host", "Value": "b"}])
    assert [one["Dimensions"] for one in listed["Metrics"]] == [[{"Name": "Host", "Value": "b"}]]
    assert len((await call("ListMetrics", Dimensions=[{"Name": "Host"}]))["Metrics"]) == 2


async def test_a_new_alarm_is_unchecked_until_its_first_interval_is_over(
    cloudwatch: CloudWatchService, call: Call, clock: ManualClock
) -> None:
    await calls.put(call)
    await calls.settle()
    alarm = await calls.described(call)
    assert (alarm["StateValue"], alarm["StateReason"]) == (
        "INSUFFICIENT_DATA",
        "Unchecked: Initial alarm creation",
    )
    assert not alarm.get("StateReasonData")
    await clock.advance(62)
    await cloudwatch._alarms.loop.evaluate_due()
    assert (await calls.described(call))["StateReason"].startswith("Insufficient Data")


async def test_no_such_alarm(call: Call) -> None:
    with pytest.raises(ResourceNotFound) as refused:
        await call("SetAlarmState", AlarmName="no", StateValue="OK", StateReason="r")
    assert refused.value.message == ""
