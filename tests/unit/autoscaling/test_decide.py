"""decide: bounds, cooldowns, several policies, suspension; the guide's worked examples with their numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sagehen.autoscaling.capacity import Capacity, Suspended
from sagehen.autoscaling.cooldown import LastActivity
from sagehen.autoscaling.decide import Decision, Firing, Reason, Situation, decide
from sagehen.autoscaling.policy import AdjustmentType, StepAdjustment, StepPolicy, TargetTrackingPolicy

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def step(adjustment: int, cooldown_s: float = 300.0) -> Firing:
    """A policy whose one step fires."""
    whole = (
        (StepAdjustment(0, None, adjustment),) if adjustment > 0 else (StepAdjustment(None, 0, adjustment),)
    )
    return Firing(StepPolicy(AdjustmentType.CHANGE, whole, cooldown_s), 50.0 + adjustment, 50.0)


def high(value: float, target: float = 70.0, **more: float) -> Firing:
    return Firing(TargetTrackingPolicy(target, **more), value, target)


def low(value: float, target: float = 70.0, *, disabled: bool = False) -> Firing:
    policy = TargetTrackingPolicy(target, disable_scale_in=disabled)
    return Firing(policy, value, 0.9 * target, is_low=True)


def ended(seconds_ago: float, base: int, capacity: int, cooldown_s: float = 300.0) -> LastActivity:
    return LastActivity(base, capacity, NOW - timedelta(seconds=seconds_ago), cooldown_s)


def at(current: int, last: LastActivity | None = None, **more: object) -> Situation:
    return Situation(Capacity(current, 1, 20), last, NOW, **more)  # type: ignore[arg-type]


def test_within_the_cooldown_what_was_added_counts() -> None:
    """User Guide, Step scaling, Cooldown: 2 were added, now a step of 3 fires: 1 is added."""
    decision = decide([step(3)], at(12, ended(60, 10, 12)))
    assert decision == Decision(13, 10, None, 0, 300.0)
    # It began no second count: the same step adds nothing more, however often it fires.
    assert decide([step(3)], at(13, ended(0, decision.base, 13))) == Decision(None, 10, Reason.COOLDOWN, 0)


@pytest.mark.parametrize(
    ("situation", "firing", "expected"),
    [
        # nothing before
        (at(2), [step(1)], 3),
        (at(2), [step(-1)], 1),
        (at(2), [high(140)], 4),
        (at(4), [low(35)], 2),
        (at(2), [], Reason.NOTHING_FIRES),
        # scale-out cooldown
        (at(12, ended(299, 10, 12)), [step(2)], Reason.COOLDOWN),
        (at(12, ended(299, 10, 12)), [step(1)], Reason.COOLDOWN),
        (at(12, ended(300, 10, 12)), [step(2)], 14),
        (at(12, LastActivity(10, 12, None, 0.0)), [step(2)], Reason.COOLDOWN),
        (at(4, ended(60, 2, 4)), [high(140)], Reason.COOLDOWN),
        (at(4, ended(60, 2, 4)), [high(175)], 5),
        (at(4, ended(60, 2, 4)), [step(-1)], 3),  # scale-in waits for a scale-in only
        # set by hand since: the activity's count is over
        (at(7, ended(60, 10, 12)), [step(2)], 9),
        # scale-in cooldown
        (at(4, ended(299, 6, 4)), [step(-1)], Reason.COOLDOWN),
        (at(4, ended(299, 6, 4)), [low(10)], Reason.COOLDOWN),
        (at(4, ended(300, 6, 4)), [step(-1)], 3),
        (at(4, LastActivity(6, 4, None, 0.0)), [step(-1)], Reason.COOLDOWN),
        (at(4, ended(1, 6, 4)), [step(1)], 5),  # a scale-out never waits
        (at(4, ended(1, 6, 4)), [high(140)], 8),
        # bounds
        (at(19), [step(5)], 20),
        (at(20), [step(5)], Reason.AT_MAXIMUM),
        (at(25), [step(5)], Reason.AT_MAXIMUM),
        (at(2), [step(-5)], 1),
        (at(1), [step(-5)], Reason.AT_MINIMUM),
        (at(1), [low(0)], Reason.AT_MINIMUM),
        (at(2), [low(60)], Reason.AT_DESIRED),
        # a firing high alarm whose newest value has fallen takes nothing away, nor does a low one add
        (at(3), [high(10)], Reason.AT_DESIRED),
        (at(3), [low(200)], Reason.AT_DESIRED),
        # several: the largest capacity wins, in both directions
        (at(2), [step(1), high(140), step(3)], 5),
        (at(10), [step(-1), step(-4)], 9),
        (at(10), [low(7), step(1)], 11),
        (at(2), [low(60), step(-1)], Reason.AT_DESIRED),
        # target tracking scales in only if all are ready whose scale-in is enabled
        (at(10, tracking_not_ready=1), [low(7)], Reason.OTHERS_NOT_READY),
        (at(10, tracking_not_ready=1), [high(77)], 11),
        (at(10), [low(7), low(35)], 5),
        (at(10), [low(7, disabled=True)], Reason.SCALE_IN_DISABLED),
        # a step policy scales in though target tracking is not ready
        (at(10, tracking_not_ready=1), [step(-1)], 9),
        # suspended
        (at(2, suspended=Suspended(dynamic_out=True)), [step(1)], Reason.SUSPENDED),
        (at(2, suspended=Suspended(dynamic_out=True)), [step(-1)], 1),
        (at(2, suspended=Suspended(dynamic_in=True)), [step(-1)], Reason.SUSPENDED),
        (at(2, suspended=Suspended(dynamic_in=True)), [step(1)], 3),
        (at(2, suspended=Suspended(scheduled=True)), [step(1)], 3),
    ],
)
def test_what_is_decided(situation: Situation, firing: list[Firing], expected: int | Reason) -> None:
    decision = decide(firing, situation)
    assert (decision.reason if decision.desired is None else decision.desired) == expected


def test_it_says_which_alarm_decided_and_what_cooldown_follows() -> None:
    firing = [step(1, cooldown_s=7), high(140, scale_out_cooldown_s=11), high(80)]
    assert decide(firing, at(2)) == Decision(4, 2, None, 1, 11)
    tracking = replace(low(7), policy=TargetTrackingPolicy(70, scale_in_cooldown_s=13))
    assert decide([tracking], at(10)) == Decision(1, 10, None, 0, 13)


def test_a_day_of_waves_scales_out_and_in_again() -> None:
    """Minute by minute: 30, then 300, then 30 requests a minute under a target of 100 for each instance."""
    current, last, seen = 1, None, []
    policy = TargetTrackingPolicy(100, 300, 300)
    for minute in range(90):
        load = 300.0 if 10 <= minute < 40 else 30.0
        value, now = load / current, NOW + timedelta(minutes=minute)
        firing = []
        if value > 100:
            firing = [Firing(policy, value, 100)]
        elif value < 90:
            firing = [Firing(policy, value, 90, is_low=True)]
        decision = decide(firing, Situation(Capacity(current, 1, 10), last, now))
        if decision.desired is not None:
            last = LastActivity(decision.base, decision.desired, now, decision.cooldown_s)
            current = decision.desired
            seen.append((minute, current))
    assert seen == [(10, 3), (40, 1)]
