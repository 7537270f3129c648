"""Labels and notes of GetMetricData, as public recordings have them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.services.cloudwatch.metric_data.labels import default_labels, in_order, units_note
from sagehen.services.cloudwatch.service import CloudWatchService
from tests.unit.cloudwatch.calls import Call

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


async def test_several_units_and_labels_over_the_wire(
    cloudwatch: CloudWatchService, call: Call, clock: ManualClock
) -> None:
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
