"""Details of an activity that a policy caused: what it read, and what people take it for. Pure.

AWS leaves the member empty for endpoints and functions (from memory); what is said here is said nowhere else.
"""

from __future__ import annotations

from sagehen.autoscaling.decide import Decision, Firing
from sagehen.autoscaling.policy import TargetTrackingPolicy
from sagehen.autoscaling.target_tracking import LOW_PERIODS, LOW_SHARE
from sagehen.services.application_autoscaling.targets.dimensions import VARIANT, Dimension


def details(dimension: Dimension, firing: Firing, decision: Decision) -> str:
    """Return sentences on what a policy read and what follows.

    Args:
        dimension: Of the target.
        firing: The alarm that decided.
        decision: What was decided.
    """
    tracks = isinstance(firing.policy, TargetTrackingPolicy)
    read = _tracked(dimension, firing) if tracks else _stepped(firing)
    if not decision.cooldown_s:
        return read
    return (
        f"{read} A cooldown of {decision.cooldown_s:g} s begins when this is fulfilled: a wait after an"
        " activity, not a delay before one."
    )


def _tracked(dimension: Dimension, firing: Firing) -> str:
    assert isinstance(firing.policy, TargetTrackingPolicy)
    target = firing.policy.target
    if firing.is_low:
        read = (
            f"The metric was at most {firing.value:.6g} in the minutes that the low alarm looks at,"
            f" {LOW_PERIODS} as a rule, and below {LOW_SHARE:.0%} of the target of {target:g} in all of them"
        )
    else:
        read = f"The metric was {firing.value:.6g}, above the target of {target:g}"
    if dimension is VARIANT:
        return f"{read}. InvocationsPerInstance counts a minute: not a second, and not requests at once."
    return f"{read}."


def _stepped(firing: Firing) -> str:
    away = abs(firing.value - firing.threshold)
    return (
        f"The metric was {firing.value:.6g}, {away:.6g} from the alarm's threshold of {firing.threshold:g}:"
        " the bounds of steps are such differences."
    )
