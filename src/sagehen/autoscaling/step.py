"""What a step policy asks for."""

from __future__ import annotations

import math

from sagehen.autoscaling.policy import AdjustmentType, StepPolicy


def step_capacity(policy: StepPolicy, value: float, threshold: float, base: int) -> int:
    """Return the capacity that the policy asks for, not yet bounded; `base` where no step holds.

    Args:
        policy: The policy.
        value: The metric, aggregated as MetricAggregationType says.
        threshold: The alarm's.
        base: The capacity that the change is counted from.
    """
    # Two numbers that people write with one decimal (50.3 and 50.0) differ by 0.2999...: not a step less.
    breach = round(value - threshold, 9)
    for step in policy.steps:
        if step.holds(breach):
            return max(0, _adjusted(policy, step.adjustment, base))
    return base


def _adjusted(policy: StepPolicy, adjustment: int, base: int) -> int:
    match policy.adjustment_type:
        case AdjustmentType.EXACT:
            return adjustment
        case AdjustmentType.CHANGE:
            return base + adjustment
        case AdjustmentType.PERCENT:
            return base + _share(base, adjustment, policy.min_magnitude)


def _share(base: int, percent: int, least: int) -> int:
    """Return so many percent of `base` as a change, rounded as AWS rounds.

    12.7 is 12, .67 is 1, -.58 is -1, -6.67 is -6. Documented: User Guide, Scaling adjustment types.
    """
    if percent == 0:
        return 0
    share = base * percent / 100
    change = math.trunc(share) if abs(share) >= 1 else int(math.copysign(1, percent))
    return int(math.copysign(max(abs(change), least), percent))
