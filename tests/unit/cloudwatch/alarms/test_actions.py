"""What alarms do when their state changes, and what they do again."""

from __future__ import annotations

from typing import Any

from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal
from sagehen.domain.ids import Ids
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.store.database import Database
from tests.unit.cloudwatch.calls import (
    FUNCTION,
    POLICY,
    Call,
    Functions,
    Scaling,
    Watched,
    described,
    drill,
    history,
    put,
    settle,
    until,
    until_history,
)
from tests.unit.cloudwatch.conftest import SCOPE


async def test_set_state_acts_and_the_next_evaluation_undoes_it(
    call: Call, clock: ManualClock, functions: Functions
) -> None:
    await put(call, AlarmActions=[FUNCTION], AlarmDescription="d", Unit="Count")
    await Watched(call, "a").comes_to("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation")
    await settle()
    await call("SetAlarmState", AlarmName="a", StateValue="ALARM", StateReason="a drill")
    assert (await described(call))["StateValue"] == "ALARM"
    await until(lambda: bool(functions.calls))
    [(principal, arn, event, environment)] = functions.calls
    assert principal.arn == "lambda.alarms.cloudwatch.amazonaws.com"
    assert arn == FUNCTION
    alarm_arn = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:a"
    assert environment == {"aws:SourceArn": alarm_arn, "aws:SourceAccount": "111122223333"}
    [query] = event["alarmData"]["configuration"].pop("metrics")
    assert len(query.pop("id")) == 36
    assert query == {
        "metricStat": {
            "metric": {"namespace": "N", "name": "m", "dimensions": {}},
            "period": 60,
            "stat": "Average",
            "unit": "Count",
        },
        "returnData": True,
    }
    previous = event["alarmData"].pop("previousState")
    assert previous["reason"] == "Unchecked: Initial alarm creation"
    assert event == {
        "source": "aws.cloudwatch",
        "alarmArn": alarm_arn,
        "accountId": "111122223333",
        "time": "2026-01-01T00:00:00.000+0000",
        "region": "us-east-1",
        "alarmData": {
            "alarmName": "a",
            "state": {"value": "ALARM", "reason": "a drill", "timestamp": "2026-01-01T00:00:00.000+0000"},
            "configuration": {"description": "d"},
        },
    }
    await until_history(call, f"Successfully executed action {FUNCTION}")
    await clock.advance(62)
    await Watched(call, "a").comes_to("INSUFFICIENT_DATA")
    assert len(functions.calls) == 1


async def test_a_refused_action_is_not_tried_again(call: Call, functions: Functions) -> None:
    await put(call, AlarmActions=[FUNCTION])
    functions.failures = [AccessDenied("no")]
    await drill(call, "ALARM")
    data = await until_history(
        call,
        f"Failed to execute action {FUNCTION}. Received error: "
        '"CloudWatch Alarms is not authorized to perform: lambda:InvokeFunction on the resource because'
        ' no resource-based policy allows the lambda:InvokeFunction action"',
    )
    assert data["actionState"] == "Failed"
    assert functions.calls == []


async def test_a_passing_failure_is_tried_again(call: Call, clock: ManualClock, functions: Functions) -> None:
    await put(call, AlarmActions=[FUNCTION])
    functions.failures = [RuntimeError("down"), RuntimeError("down")]
    await drill(call, "ALARM")
    await until(lambda: len(functions.failures) == 1)
    await settle()
    await clock.advance(1.5)
    await until(lambda: not functions.failures)
    await settle()
    await clock.advance(3)
    await until(lambda: len(functions.calls) == 1)
    data = await until_history(call, f"Successfully executed action {FUNCTION}")
    assert data["error"] is None


async def test_actions_that_were_decided_survive_a_death(
    database: Database, clock: ManualClock, ids: Ids
) -> None:
    """The first life never gets to do the action: its dispatcher is not started."""
    first = CloudWatchService(database=database, clock=clock, ids=ids, functions=Functions())
    await put(caller(first, clock), AlarmActions=[FUNCTION], InsufficientDataActions=[FUNCTION])
    await drill(caller(first, clock), "ALARM")
    functions = Functions()
    second = CloudWatchService(database=database, clock=clock, ids=ids, functions=functions)
    await second.start()
    # The state is in the records too: the first evaluation finds no data and says so.
    await until(lambda: len(functions.calls) == 2)
    assert [event["alarmData"]["state"]["value"] for _, _, event, _ in functions.calls] == [
        "ALARM",
        "INSUFFICIENT_DATA",
    ]
    await second.stop()


def caller(service: CloudWatchService, clock: ManualClock) -> Call:
    from sagehen.api.context import RequestContext
    from sagehen.domain.identity import PrincipalKind

    handlers = {bound.name: bound.handler for bound in service.services[0].operations()}
    root = Principal(PrincipalKind.ROOT, "arn:aws:iam::111122223333:root", SCOPE.account_id)

    async def send(operation: str, **request: Any) -> dict[str, Any]:
        context = RequestContext("r", "cloudwatch", operation, SCOPE, root, clock.now())
        return dict(await handlers[operation](context, request) or {})  # type: ignore[call-overload]

    return send


async def test_disabled_actions_do_nothing(call: Call, functions: Functions) -> None:
    await put(call, AlarmActions=[FUNCTION], OKActions=[FUNCTION])
    await call("DisableAlarmActions", AlarmNames=["a", "unknown"])
    assert (await described(call))["ActionsEnabled"] is False
    await drill(call, "ALARM")
    await settle()
    assert functions.calls == []
    await call("EnableAlarmActions", AlarmNames=["a"])
    await drill(call, "OK")
    await until(lambda: len(functions.calls) == 1)


async def test_scaling_policies_act_each_minute_of_a_state(
    call: Call, clock: ManualClock, scaling: Scaling
) -> None:
    await put(call, AlarmActions=[POLICY], TreatMissingData="breaching")
    await Watched(call, "a").comes_to("ALARM", "treated as [Breaching]")
    await until(lambda: len(scaling.calls) == 1)
    for count in (2, 3):
        await clock.advance(60)
        await until(lambda count=count: len(scaling.calls) == count)
    assert set(scaling.calls) == {(SCOPE, POLICY, "ALARM")}
    # Each time with the data of that minute; only the transition is history.
    assert len(set(scaling.asked_at)) == 3
    assert len(await history(call, "Action")) == 1
