"""Alarms as a whole: put, evaluated by the loop on a clock moved by hand, remembered."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ServiceError
from sagehen.domain.clock import ManualClock
from sagehen.services.cloudwatch.errors import (
    InvalidFormat,
    InvalidNextToken,
    InvalidParameterCombination,
    MissingParameter,
    ResourceNotFound,
    ResourceNotFoundException,
    ValidationError,
)
from sagehen.services.cloudwatch.service import CloudWatchService
from tests.unit.cloudwatch.calls import (
    FUNCTION,
    POLICY,
    Call,
    Functions,
    Watched,
    described,
    drill,
    history,
    observe,
    put,
    settle,
    until,
)


async def test_the_loop_takes_an_alarm_through_its_states(call: Call, clock: ManualClock) -> None:
    alarm = Watched(call, "a")
    await put(call)
    await alarm.comes_to("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation")
    await settle()
    await observe(call, 5.0, clock.now())
    await settle()
    await clock.advance(59)  # the period is not over
    assert (await described(call))["StateValue"] == "INSUFFICIENT_DATA"
    await clock.advance(3)
    found = await alarm.comes_to("ALARM")
    assert found["StateReason"] == (
        "Threshold Crossed: 1 out of the last 1 datapoints [5.0 (01/01/26 00:00:00)] was greater than the"
        " threshold (3.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    assert json.loads(found["StateReasonData"])["recentDatapoints"] == [5.0]
    assert found["StateTransitionedTimestamp"] == found["StateUpdatedTimestamp"]
    await observe(call, 2.0, clock.now())
    await clock.advance(60)
    await alarm.comes_to("OK", "[2.0 (01/01/26 00:01:00)] was not greater than")
    for _ in range(3):
        await clock.advance(60)
        await settle()
    await alarm.comes_to("INSUFFICIENT_DATA")
    assert [item["HistorySummary"] for item in await history(call)] == [
        "Alarm updated from OK to INSUFFICIENT_DATA",
        "Alarm updated from ALARM to OK",
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
        'Alarm "a" created',
    ]
    [update, *_] = (await history(call, "StateUpdate"))[1:]
    data = json.loads(update["HistoryData"])
    assert data["oldState"]["stateReasonData"]["recentDatapoints"] == [5.0]
    assert data["newState"]["stateValue"] == "OK"


async def test_high_resolution_alarms_are_evaluated_each_ten_seconds(call: Call, clock: ManualClock) -> None:
    await put(call, Period=10)
    await Watched(call, "a").comes_to("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation")
    await settle()
    await observe(call, 5.0, clock.now(), resolution_s=1)
    await settle()
    await clock.advance(12)
    found = await Watched(call, "a").comes_to("ALARM", "[5.0 (01/01/26 00:00:00)]")
    assert found["StateUpdatedTimestamp"] == clock.now()
    await observe(call, 1.0, clock.now(), resolution_s=1)
    await clock.advance(10)
    await Watched(call, "a").comes_to("OK", "[1.0 (01/01/26 00:00:10)]")


async def test_metric_math_percentiles_and_units(call: Call, clock: ManualClock) -> None:
    stat = {"Metric": {"Namespace": "N", "MetricName": "errors"}, "Period": 60, "Stat": "Sum"}
    total = {"Metric": {"Namespace": "N", "MetricName": "all"}, "Period": 60, "Stat": "Sum"}
    queries = [
        {"Id": "e", "MetricStat": stat, "ReturnData": False},
        {"Id": "t", "MetricStat": total, "ReturnData": False},
        {"Id": "rate", "Expression": "100 * e / t", "Label": "Error rate"},
    ]
    none = dict.fromkeys(["Namespace", "MetricName", "Statistic", "Period"])
    await put(call, "math", Metrics=queries, **none)
    await put(call, "tail", MetricName="all", Statistic=None, ExtendedStatistic="p90")
    await put(call, "bytes", MetricName="all", Unit="Bytes")
    await Watched(call, "bytes").comes_to("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation")
    await settle()
    await observe(call, 1.0, clock.now(), "errors")
    await observe(call, 10.0, clock.now(), "all")
    await settle()
    await clock.advance(62)
    found = await Watched(call, "math").comes_to("ALARM")
    assert "[10.0 (01/01/26 00:00:00)]" in found["StateReason"]
    await Watched(call, "tail").comes_to("ALARM", "[10.0 ")
    assert (await described(call, "bytes"))["StateValue"] == "INSUFFICIENT_DATA"
    shown = await call("DescribeAlarmsForMetric", Namespace="N", MetricName="all", Unit="Bytes")
    assert [alarm["AlarmName"] for alarm in shown["MetricAlarms"]] == ["bytes"]


async def test_composite_alarms_follow_at_once(call: Call, functions: Functions) -> None:
    for name in ("cpu", "disk"):
        await put(call, name)
        await Watched(call, name).comes_to("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation")
        await settle()
    await call(
        "PutCompositeAlarm",
        AlarmName="both",
        AlarmRule="ALARM(cpu) AND ALARM(disk)",
        AlarmActions=[FUNCTION],
    )
    await call("PutCompositeAlarm", AlarmName="top", AlarmRule="ALARM(both)")
    both = await described(call, "both")
    arn = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:"
    assert both["StateValue"] == "OK"
    assert both["StateReason"] == f"{arn}both was created and its alarm rule evaluates to OK"
    await drill(call, "ALARM", "cpu")
    assert (await described(call, "both"))["StateValue"] == "OK"
    await drill(call, "ALARM", "disk")
    both = await described(call, "both")
    assert both["StateValue"] == "ALARM"
    assert both["StateReason"] == (
        f"{arn}disk transitioned to ALARM at Thursday 01 January, 2026 00:00:00 UTC"
    )
    assert (await described(call, "top"))["StateValue"] == "ALARM"
    await until(lambda: len(functions.calls) == 1)
    configuration = functions.calls[0][2]["alarmData"]["configuration"]
    assert configuration == {"alarmRule": "ALARM(cpu) AND ALARM(disk)"}
    shown = await call("DescribeAlarms", ChildrenOfAlarmName="both")
    assert [alarm["AlarmName"] for alarm in shown["MetricAlarms"]] == ["cpu", "disk"]
    assert set(shown["MetricAlarms"][0]) == {"AlarmName", "AlarmArn", "StateValue", "StateUpdatedTimestamp"}
    shown = await call("DescribeAlarms", ParentsOfAlarmName="both")
    assert [alarm["AlarmName"] for alarm in shown["CompositeAlarms"]] == ["top"]
    with pytest.raises(ValidationError, match="Cannot delete cpu as there are composite alarm"):
        await call("DeleteAlarms", AlarmNames=["cpu"])


async def test_a_circle_of_rules_ends(call: Call) -> None:
    await call("PutCompositeAlarm", AlarmName="x", AlarmRule="FALSE")
    await call("PutCompositeAlarm", AlarmName="y", AlarmRule="NOT ALARM(x)")
    await call("PutCompositeAlarm", AlarmName="x", AlarmRule="ALARM(y)")
    await drill(call, "OK", "y")
    states = {name: (await described(call, name))["StateValue"] for name in "xy"}
    assert set(states.values()) <= {"OK", "ALARM"}


async def test_listing(call: Call, functions: Functions) -> None:
    for index in range(5):
        await put(call, f"a-{index}", AlarmActions=[FUNCTION] if index % 2 else [])
    await put(call, "b")
    await call("PutCompositeAlarm", AlarmName="a-9", AlarmRule="TRUE")
    names: list[str] = []
    token = None
    while True:
        page = await call("DescribeAlarms", AlarmNamePrefix="a-", MaxRecords=2, NextToken=token)
        assert len(page["MetricAlarms"]) <= 2
        names += [alarm["AlarmName"] for alarm in page["MetricAlarms"]]
        token = page.get("NextToken")
        if token is None:
            break
    assert names == [f"a-{index}" for index in range(5)]
    found = await call("DescribeAlarms", ActionPrefix="arn:aws:lambda")
    assert [alarm["AlarmName"] for alarm in found["MetricAlarms"]] == ["a-1", "a-3"]
    found = await call("DescribeAlarms", StateValue="ALARM", AlarmTypes=["CompositeAlarm"])
    assert [alarm["AlarmName"] for alarm in found["CompositeAlarms"]] == ["a-9"]
    with pytest.raises(ValidationError):
        await call("DescribeAlarms", AlarmNames=["b"], AlarmNamePrefix="a")


async def test_updating_keeps_state_and_tags(call: Call) -> None:
    await put(call, Tags=[{"Key": "team", "Value": "ml"}])
    await Watched(call, "a").comes_to("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation")
    await settle()
    await drill(call, "OK")
    await put(call, Threshold=9.0, Tags=[{"Key": "team", "Value": "other"}], TreatMissingData="ignore")
    await settle()
    alarm = await described(call)
    assert (alarm["Threshold"], alarm["StateValue"], alarm["StateReason"]) == (9.0, "OK", "a drill")
    tags = await call("ListTagsForResource", ResourceARN=alarm["AlarmArn"])
    assert tags["Tags"] == [{"Key": "team", "Value": "ml"}]
    await call("TagResource", ResourceARN=alarm["AlarmArn"], Tags=[{"Key": "stage", "Value": "x"}])
    await call("UntagResource", ResourceARN=alarm["AlarmArn"], TagKeys=["team"])
    tags = await call("ListTagsForResource", ResourceARN=alarm["AlarmArn"])
    assert tags["Tags"] == [{"Key": "stage", "Value": "x"}]
    with pytest.raises(ResourceNotFoundException):
        await call("ListTagsForResource", ResourceARN=alarm["AlarmArn"] + "x")
    [update, create] = await history(call, "ConfigurationUpdate")
    assert json.loads(update["HistoryData"])["updatedAlarm"]["threshold"] == 9.0
    assert json.loads(create["HistoryData"])["createdAlarm"]["metricName"] == "m"


async def test_deleting_keeps_the_history(call: Call) -> None:
    await put(call)
    await call("DeleteAlarms", AlarmNames=["a", "never was"])
    assert (await call("DescribeAlarms"))["MetricAlarms"] == []
    [newest, *_] = await history(call)
    assert newest["HistorySummary"] == 'Alarm "a" deleted'
    first = await call("DescribeAlarmHistory", MaxRecords=1, ScanBy="TimestampAscending")
    assert first["AlarmHistoryItems"][0]["HistorySummary"] == 'Alarm "a" created'
    rest = await call(
        "DescribeAlarmHistory", MaxRecords=5, ScanBy="TimestampAscending", NextToken=first["NextToken"]
    )
    assert [item["HistorySummary"] for item in rest["AlarmHistoryItems"]] == ['Alarm "a" deleted']


async def test_history_is_kept_for_thirty_days(call: Call, clock: ManualClock) -> None:
    await put(call)
    await settle()
    await clock.advance(29 * 86_400)
    await settle()
    assert await history(call)
    await clock.advance(2 * 86_400)
    for _ in range(400):
        if not await history(call, "ConfigurationUpdate"):
            return
        await asyncio.sleep(0.005)
    raise AssertionError("the history is still there")


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"Period": 45}, ValidationError, "multiple of 60"),
        ({"DatapointsToAlarm": 2}, ValidationError, "DatapointsToAlarm must be"),
        ({"EvaluationPeriods": 1441}, ValidationError, "more than a day"),
        ({"Period": 86_400, "EvaluationPeriods": 8}, ValidationError, "more than 7 days"),
        ({"TreatMissingData": "skip"}, ValidationError, "Option skip is not supported"),
        ({"ExtendedStatistic": "p99"}, ValidationError, "exactly one of Statistic"),
        ({"Threshold": None}, MissingParameter, "Threshold"),
        ({"Namespace": None}, MissingParameter, "Namespace"),
        ({"ThresholdMetricId": "ad1"}, NotImplementedOperation, "ThresholdMetricId"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, NotImplementedOperation, "anomaly"),
        ({"AlarmActions": ["arn:aws:sns:us-east-1:111122223333:t"]}, NotImplementedOperation, "sns"),
        ({"OKActions": ["arn:aws:automate:us-east-1:ec2:stop"]}, NotImplementedOperation, "ec2:stop"),
        ({"AlarmActions": ["sns"]}, ValidationError, "Invalid arn syntax: sns"),
        ({"AlarmActions": [POLICY]}, NotImplementedOperation, "scalingPolicy"),
        ({"EvaluateLowSampleCountPercentile": "ignore"}, ValidationError, "percentiles"),
        ({"Metrics": [{"Id": "m", "Expression": "1"}]}, InvalidParameterCombination, "mutually exclusive"),
    ],
)
async def test_refused(
    call: Call, functions: Functions, changes: dict[str, Any], error: type[ServiceError], text: str
) -> None:
    with pytest.raises(error, match=text):
        await put(call, **changes)
    assert (await call("DescribeAlarms"))["MetricAlarms"] == []


async def test_refused_elsewhere(call: Call, functions: Functions) -> None:
    with pytest.raises(ResourceNotFound):
        await drill(call, "OK", "none")
    await put(call)
    with pytest.raises(InvalidFormat):
        await call(
            "SetAlarmState", AlarmName="a", StateValue="OK", StateReason="r", StateReasonData="{not json"
        )
    with pytest.raises(ValidationError, match=r"alarms \[gone\] in the alarm rule do not exist"):
        await call("PutCompositeAlarm", AlarmName="c", AlarmRule="ALARM(a) OR OK(gone)")
    with pytest.raises(NotImplementedOperation, match="ActionsSuppressor"):
        await call("PutCompositeAlarm", AlarmName="c", AlarmRule="ALARM(a)", ActionsSuppressor="a")
    with pytest.raises(ValidationError, match="another type"):
        await call("PutCompositeAlarm", AlarmName="a", AlarmRule="TRUE")


async def test_pages_of_alarms(call: Call) -> None:
    for number in range(230):
        await put(call, f"p{number:03d}")
    await put(call, "q")
    found: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = await call("DescribeAlarms", AlarmNamePrefix="p", MaxRecords=100, **more)
        found += [alarm["AlarmName"] for alarm in page["MetricAlarms"]]
        if (token := page.get("NextToken")) is None:
            break
        more = {"NextToken": token}
    assert found == [f"p{number:03d}" for number in range(230)]
    assert (await call("DescribeAlarms", StateValue="ALARM"))["MetricAlarms"] == []
    with pytest.raises(InvalidNextToken):
        await call("DescribeAlarms", NextToken="x")


async def test_a_new_alarm_is_unchecked_until_its_first_interval_is_over(
    cloudwatch: CloudWatchService, call: Call, clock: ManualClock
) -> None:
    await put(call)
    await settle()
    alarm = await described(call)
    assert (alarm["StateValue"], alarm["StateReason"]) == (
        "INSUFFICIENT_DATA",
        "Unchecked: Initial alarm creation",
    )
    assert not alarm.get("StateReasonData")
    await clock.advance(62)
    await cloudwatch._alarms.loop.evaluate_due()
    assert (await described(call))["StateReason"].startswith("Insufficient Data")


async def test_no_such_alarm(call: Call) -> None:
    with pytest.raises(ResourceNotFound) as refused:
        await call("SetAlarmState", AlarmName="no", StateValue="OK", StateReason="r")
    assert refused.value.message == ""
