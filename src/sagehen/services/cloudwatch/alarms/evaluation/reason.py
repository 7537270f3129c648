"""StateReason and StateReasonData, worded as CloudWatch words them. Pure.

The sentences are those of the samples in the User Guide ("Lambda function actions", "Alarm events and
EventBridge"), and, where data points are missing, of real alarms that people show in public (recorded).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sagehen.alarms.condition import Condition, Datapoint, Verdict
from sagehen.services.cloudwatch.alarms.notation import stamp

_WORDS = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}
_TREATED = {"breaching": "Breaching", "notBreaching": "NonBreaching"}


def reason(condition: Condition, verdict: Verdict) -> str:
    """Say why the data makes this state.

    An alarm put with DatapointsToAlarm says how many of the last N data points decided; one
    without it speaks of the data points alone.
    """
    wanted = condition.evaluation_periods
    if verdict.state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {_datapoints(wanted)} {_was(wanted)} unknown."
    alarming = verdict.state == "ALARM"
    deciding = [
        point
        for point in verdict.considered
        if point.value is not None and condition.is_breaching(point.value) == alarming
    ]
    filled = verdict.filled if condition.treat_missing_data in _TREATED else 0
    treated = ""
    if filled:
        treated = (
            f" and {filled} missing datapoint{_s(filled)} {_was(filled)} treated as"
            f" [{_TREATED[condition.treat_missing_data]}]"
        )
    if not deciding:
        return f"Threshold Crossed: {_received(len(verdict.considered), wanted)}{treated}."
    count = len(deciding)
    shown = ", ".join(f"{number(point.value or 0.0)} ({_time(point)})" for point in deciding)
    how_many = (
        _datapoints(count)
        if condition.datapoints_to_alarm is None
        else f"{count} out of the last {wanted} datapoints"
    )
    text = (
        f"Threshold Crossed: {how_many} [{shown}] {_was(count)}{'' if alarming else ' not'}"
        f" {_WORDS[condition.comparison]} the threshold ({number(condition.threshold)}){treated}"
    )
    if condition.datapoints_to_alarm is not None:
        minimum = condition.needed if alarming else wanted - condition.needed + 1
        way = "OK -> ALARM" if alarming else "ALARM -> OK"
        text += f" (minimum {_datapoints(minimum)} for {way} transition)"
    return text + "."


def reason_data(condition: Condition, verdict: Verdict, datapoints: Sequence[Datapoint], now_ms: int) -> str:
    """Return StateReasonData: JSON with what was asked for and found."""
    data: dict[str, Any] = {"version": "1.0", "queryDate": stamp(now_ms)}
    if verdict.considered:
        data["startDate"] = stamp(verdict.considered[-1].at_s * 1000)
    if condition.unit:
        data["unit"] = condition.unit
    if condition.statistic:
        data["statistic"] = condition.statistic
    data["period"] = condition.period_s
    data["recentDatapoints"] = [point.value for point in reversed(verdict.considered)]
    data["threshold"] = condition.threshold
    newest_first = list(reversed(datapoints))
    reach = condition.evaluation_periods
    if verdict.considered:
        reach = max(reach, 1 + newest_first.index(verdict.considered[-1]))
    data["evaluatedDatapoints"] = [_evaluated(point) for point in newest_first[:reach]]
    return json.dumps(data, separators=(",", ":"))


def _evaluated(point: Datapoint) -> dict[str, Any]:
    shown: dict[str, Any] = {"timestamp": stamp(point.at_s * 1000)}
    if point.value is not None:
        if point.sample_count is not None:
            shown["sampleCount"] = point.sample_count
        shown["value"] = point.value
    return shown


def number(value: float) -> str:
    """Write a double as CloudWatch's Java does: `5.0`, `1.073741824E9`."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = f"{Decimal(repr(value)):f}"
        return text if "." in text else text + ".0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    power = exponent + len(text) - 1
    mantissa = f"{text[0]}.{text[1:].rstrip('0') or '0'}"
    return f"{'-' if sign else ''}{mantissa}E{power}"


def _received(count: int, periods: int) -> str:
    some = "no datapoints were" if count == 0 else f"{_datapoints(count)} {_was(count)}"
    return f"{some} received for {periods} period{_s(periods)}"


def _time(point: Datapoint) -> str:
    return f"{datetime.fromtimestamp(point.at_s, UTC):%d/%m/%y %H:%M:%S}"


def _datapoints(count: int) -> str:
    return f"{count} datapoint{_s(count)}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
