"""How data over time moves an alarm, what each move asks for, and how composite alarms follow."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.alarms.condition import Condition, Datapoint
from sagehen.alarms.decision import decide
from sagehen.domain.clock import ManualClock
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.alarms.actions.pending import actions_of
from sagehen.services.cloudwatch.alarms.alarm import Alarm, AlarmState
from tests.unit.cloudwatch.calls import (
    FUNCTION,
    POLICY,
    Call,
    Functions,
    described,
    drill,
    history,
    put,
    until,
)

SHORT = {"O": "OK", "A": "ALARM", "I": "INSUFFICIENT_DATA"}
LONG = {state: letter for letter, state in SHORT.items()}


def walk(data: str, needed: int, periods: int, treatment: str) -> str:
    """Return the states of an alarm, period by period, that begins without any data.

    `data`: 0 not breaching, X breaching, - missing; before the first one nothing was observed.
    """
    condition = Condition("GreaterThanThreshold", 3.0, periods, needed, treatment, 60, "Average")
    values = {"0": 1.0, "X": 5.0, "-": None}
    reach = condition.evaluation_range
    signs = "-" * reach + data
    state, seen = "INSUFFICIENT_DATA", ""
    for end in range(reach + 1, len(signs) + 1):
        window = signs[end - reach : end]
        points = [Datapoint(60 * (end + at), values[sign]) for at, sign in enumerate(window)]
        state = decide(condition, points, state).state
        seen += LONG[state]
    return seen


# Data, M of N, treatment, states.
WALKS = [
    # 3 of 3: three breaching ones make it, one good one ends it.
    ("000XXX0XXX", 3, 3, "missing", "OOOOOAOOOA"),
    # 1 of 1 follows each data point; a gap is bridged by what the range still holds.
    ("0X0X--X", 1, 1, "missing", "OAOAAAA"),
    ("0X0---", 1, 1, "missing", "OAOOOI"),
    # 2 of 3: the alarm lasts while two of the last three breach, and a lone good one does not end it.
    ("0X0XX0X00", 2, 3, "missing", "OOOAAAAOO"),
    # A first breach waits until good data would have come; the state before stays.
    ("X", 3, 3, "missing", "I"),
    ("XXX", 3, 3, "missing", "IIA"),
    ("X--", 3, 3, "missing", "IIA"),
    # Silence: each treatment in its way, after an alarm.
    ("XXX-----", 3, 3, "missing", "IIAAAAAI"),
    ("XXX-----", 3, 3, "ignore", "IIAAAAAA"),
    ("XXX-----", 3, 3, "breaching", "AAAAAAAA"),
    ("XXX-----", 3, 3, "notBreaching", "OOAAAOOO"),
    # ... and after good data.
    ("000-----", 3, 3, "missing", "OOOOOOOI"),
    ("000-----", 3, 3, "ignore", "OOOOOOOO"),
    ("000-----", 3, 3, "breaching", "OOOOOOOA"),
    ("000-----", 3, 3, "notBreaching", "OOOOOOOO"),
    # Target tracking's alarms: 3 of 3 above, 15 of 15 below.
    ("0" * 3 + "X" * 3 + "0", 3, 3, "missing", "OOOOOAO"),
    ("0" + "X" * 16, 15, 15, "missing", "O" * 15 + "AA"),
    ("0" + "X" * 14 + "0" + "X" * 15, 15, 15, "missing", "O" * 30 + "A"),
]


@pytest.mark.parametrize(("data", "needed", "periods", "treatment", "states"), WALKS)
def test_data_over_time(data: str, needed: int, periods: int, treatment: str, states: str) -> None:
    assert walk(data, needed, periods, treatment) == states


ACTIONS = {"AlarmActions": [FUNCTION, POLICY], "OKActions": [POLICY]}


@pytest.mark.parametrize("previous", ["OK", "ALARM", "INSUFFICIENT_DATA"])
@pytest.mark.parametrize(
    ("state", "asked"), [("ALARM", [FUNCTION, POLICY]), ("OK", [POLICY]), ("INSUFFICIENT_DATA", [])]
)
def test_what_a_transition_asks_for(previous: str, state: str, asked: list[str]) -> None:
    """It is the new state that asks, whatever the one before it."""
    settings: dict[str, Any] = {
        "Namespace": "N",
        "MetricName": "m",
        "Statistic": "Sum",
        "Period": 60,
        **ACTIONS,
    }
    before, after = (AlarmState(value, "r", "", 1_000, 1_000) for value in (previous, state))
    alarm = Alarm(Scope("111122223333", "us-east-1"), "a", "MetricAlarm", settings, "id", 0, before, 1)
    actions = actions_of(alarm, before, after)
    assert [action.action_arn for action in actions] == asked
    assert all((action.attempts, action.due_ms, action.updated_ms) == (0, 0, 1_000) for action in actions)


@pytest.mark.parametrize(
    ("moves", "invoked"),
    [
        (["ALARM"], ["ALARM"]),
        (["ALARM", "ALARM"], ["ALARM"]),  # no transition, no action
        (["ALARM", "OK", "ALARM"], ["ALARM", "OK", "ALARM"]),
        (["OK", "INSUFFICIENT_DATA"], ["OK"]),
        (["INSUFFICIENT_DATA"], []),  # it is so from the beginning
    ],
)
async def test_each_transition_acts_once(
    call: Call, functions: Functions, moves: list[str], invoked: list[str]
) -> None:
    await put(call, AlarmActions=[FUNCTION], OKActions=[FUNCTION], TreatMissingData="ignore")
    for state in moves:
        await drill(call, state)
    await until(lambda: len(functions.calls) == len(invoked))
    assert [event["alarmData"]["state"]["value"] for _, _, event, _ in functions.calls] == invoked
    updates = [item["HistorySummary"].split()[-1] for item in await history(call, "StateUpdate")]
    changes = [one for at, one in enumerate(moves) if one != (["INSUFFICIENT_DATA", *moves])[at]]
    assert updates[::-1] == changes


# A rule over the children a and b, the states that these go through, and the composite alarm's after each.
RULES = [
    ("ALARM(a) AND ALARM(b)", ["aA", "bA", "aO"], "OAO"),
    ("ALARM(a) OR ALARM(b)", ["aA", "bA", "aO", "bO"], "AAAO"),
    ("NOT OK(a)", ["aO", "aI", "aA"], "OAA"),
    ("INSUFFICIENT_DATA(a) AND OK(b)", ["bO", "aO", "aI", "bA"], "AOAO"),
    ("TRUE", ["aA", "aO"], "AA"),
    ("FALSE", ["aA", "aO"], "OO"),
    ("ALARM(a) AND NOT (ALARM(b) OR INSUFFICIENT_DATA(b))", ["aA", "bO", "bA", "bO", "aO"], "OAOAO"),
]


@pytest.mark.parametrize(("rule", "moves", "states"), RULES)
async def test_composite_alarms_follow_their_children(
    call: Call, clock: ManualClock, rule: str, moves: list[str], states: str
) -> None:
    for name in "ab":
        await put(call, name, TreatMissingData="ignore")
    await call("PutCompositeAlarm", AlarmName="c", AlarmRule=rule)
    seen = ""
    for name, state in moves:
        await drill(call, SHORT[state], name)
        seen += LONG[(await described(call, "c"))["StateValue"]]
    assert seen == states
