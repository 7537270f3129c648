"""Alarms as other services watch them: with rights, and told of each that goes to ALARM."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sagehen.domain.access import Access, AccessDenied, ConditionValue
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.services.cloudwatch.service import CloudWatchService
from tests.unit.cloudwatch.calls import Call
from tests.unit.cloudwatch.conftest import SCOPE

ROLE = Principal(PrincipalKind.ASSUMED_ROLE, "arn:aws:sts::111122223333:assumed-role/r/s", SCOPE.account_id)


class Authorizer:
    """Allows one alarm."""

    def authorize(
        self, principal: Principal, access: Access, environment: Mapping[str, ConditionValue]
    ) -> None:
        assert principal is ROLE and access.action == "cloudwatch:DescribeAlarms"
        if access.resource != "arn:aws:cloudwatch:us-east-1:111122223333:alarm:mine":
            raise AccessDenied("no")

    def is_allowed(
        self, principal: Principal, access: Access, environment: Mapping[str, ConditionValue]
    ) -> bool:
        raise NotImplementedError


async def put(call: Call, name: str) -> None:
    await call(
        "PutMetricAlarm", AlarmName=name, Namespace="N", MetricName="m", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=1.0, ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",  # or the loop, whose minute may begin just now, takes states back
    )  # fmt: skip


async def test_states_are_for_those_who_may_see_them(cloudwatch: CloudWatchService, call: Call) -> None:
    for name in ("mine", "other"):
        await put(call, name)
    watched = cloudwatch.watched_alarms(Authorizer())
    assert watched.states(ROLE, SCOPE, ["mine"]) == {"mine": "INSUFFICIENT_DATA"}
    assert watched.missing(SCOPE, ["mine", "nobody's"]) == ["nobody's"]
    with pytest.raises(AccessDenied):
        watched.states(ROLE, SCOPE, ["mine", "other"])


async def test_listeners_hear_of_each_way_into_alarm_once(cloudwatch: CloudWatchService, call: Call) -> None:
    heard: list[str] = []
    cloudwatch.alarm_listeners.append(lambda scope, name: heard.append(f"{scope.region} {name}"))
    await put(call, "a")
    await call("PutCompositeAlarm", AlarmName="both", AlarmRule='ALARM("a")')
    for state in ("OK", "ALARM", "ALARM", "OK"):
        await call("SetAlarmState", AlarmName="a", StateValue=state, StateReason="to see")
    assert heard == ["us-east-1 a", "us-east-1 both"]
