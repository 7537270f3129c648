"""What tests of CloudWatch share: short words for the calls, and what alarms act on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sagehen.domain.access import ConditionValue
from sagehen.domain.identity import Principal
from sagehen.domain.ports.compute.functions import FunctionResult
from sagehen.domain.scope import Scope

T = TypeVar("T")
Call = Callable[..., Awaitable[dict[str, Any]]]

FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:react"
POLICY = (
    "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:6d8972f3-efc8-437c-92d1-6270f29a66e7"
    ":resource/sagemaker/endpoint/e/variant/v:policyName/p"
)


class Functions:
    """A Lambda that remembers what it was asked, and fails as told."""

    def __init__(self) -> None:
        self.calls: list[tuple[Principal, str, dict[str, Any], Mapping[str, ConditionValue]]] = []
        self.failures: list[Exception] = []

    async def invoke(
        self,
        principal: Principal,
        function_arn: str,
        payload: bytes,
        environment: Mapping[str, ConditionValue],
        departed: Any = None,
    ) -> FunctionResult:
        raise AssertionError("alarms invoke asynchronously")

    async def invoke_async(
        self,
        principal: Principal,
        function_arn: str,
        payload: bytes,
        environment: Mapping[str, ConditionValue],
    ) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.calls.append((principal, function_arn, json.loads(payload), environment))


class Scaling:
    def __init__(self) -> None:
        self.calls: list[tuple[Scope, str, str]] = []
        self.asked_at: list[str] = []

    async def alarm_action(self, scope: Scope, action_arn: str, alarm_event: Mapping[str, Any]) -> None:
        state = alarm_event["alarmData"]["state"]
        self.calls.append((scope, action_arn, state["value"]))
        self.asked_at.append(json.loads(state["reasonData"])["queryDate"])


async def _eventually(ask: Callable[[], Awaitable[T | None]], told: Callable[[], str]) -> T:
    deadline = time.monotonic() + 30
    while (found := await ask()) is None:
        assert time.monotonic() < deadline, told()
        await asyncio.sleep(0.005)
    return found


async def until(condition: Callable[[], bool]) -> None:
    """Let background work run until it has come to what is expected."""

    async def ask() -> bool | None:
        return condition() or None

    await _eventually(ask, lambda: "it did not come")


async def settle() -> None:
    """Let background work run that is not expected to do anything."""
    await asyncio.sleep(0.1)


async def put(call: Call, name: str = "a", **changes: Any) -> None:
    settings: dict[str, Any] = {
        "AlarmName": name,
        "Namespace": "N",
        "MetricName": "m",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "Threshold": 3.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    await call("PutMetricAlarm", **{k: v for k, v in {**settings, **changes}.items() if v is not None})


async def observe(call: Call, value: float, at: datetime, name: str = "m", resolution_s: int = 60) -> None:
    datum = {"MetricName": name, "Value": value, "Timestamp": at, "StorageResolution": resolution_s}
    await call("PutMetricData", Namespace="N", MetricData=[datum])


async def described(call: Call, name: str = "a") -> dict[str, Any]:
    answer = await call("DescribeAlarms", AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    [alarm] = [*answer["MetricAlarms"], *answer["CompositeAlarms"]]
    return dict(alarm)


class Watched:
    """Waits for an alarm's state."""

    def __init__(self, call: Call, name: str) -> None:
        self._call, self._name = call, name

    async def comes_to(self, value: str, reason: str = "") -> dict[str, Any]:
        alarm: dict[str, Any] = {}

        async def ask() -> dict[str, Any] | None:
            alarm.update(await described(self._call, self._name))
            return alarm if alarm["StateValue"] == value and reason in alarm["StateReason"] else None

        return await _eventually(
            ask, lambda: f"{self._name} is {alarm['StateValue']}: {alarm['StateReason']}"
        )


async def history(call: Call, kind: str | None = None, name: str = "a") -> list[dict[str, Any]]:
    answer = await call("DescribeAlarmHistory", AlarmName=name, HistoryItemType=kind)
    return list(answer["AlarmHistoryItems"])


async def until_history(call: Call, summary: str, name: str = "a") -> dict[str, Any]:
    async def ask() -> dict[str, Any] | None:
        for item in await history(call, "Action", name):
            if item["HistorySummary"] == summary:
                return dict(json.loads(item["HistoryData"]))
        return None

    return await _eventually(ask, lambda: f"the history has no {summary!r}")


async def drill(call: Call, value: str, name: str = "a") -> None:
    await call("SetAlarmState", AlarmName=name, StateValue=value, StateReason="a drill")
